"""Where an agent's program lies, and what else must be visible for it to run."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

_SYSTEM = tuple(Path(folder) for folder in ("/usr", "/bin", "/sbin", "/lib", "/lib64"))
_PACKAGE_FOLDERS = ("node_modules", "site-packages")


def find(program: str, path: str) -> str | None:
    """Return the absolute path of an executable, None when there is none."""
    return shutil.which(program, path=path)


def start(program: str, path: str) -> tuple[str, ...]:
    """Return the words that start it with the interpreter found in `path`, whatever PATH is inside:
    a project may bring another version of that interpreter."""
    words = _first_line(program)
    if len(words) == 2 and os.path.basename(words[0]) == "env" and words[1].isidentifier():
        interpreter = find(words[1], path)
        if interpreter is not None:
            return (interpreter, program)
    return (program,)


def folders(program: str, path: str, owner_home: Path) -> tuple[str, ...]:
    """Return what to show read-only so that this executable runs: its own folder, the installation
    that a link leads to, and the interpreter that its first line names. Nothing of the system,
    and never a whole home."""
    found: list[Path] = []
    for executable in _chain(program, path):
        real = Path(os.path.realpath(executable))
        own, installation = Path(executable).parent, _installation(real)
        found.append(Path(executable) if _too_wide(own, owner_home) else own)
        found.append(real if _too_wide(installation, owner_home) else installation)
    shown = [place for place in found if not any(place.is_relative_to(top) for top in _SYSTEM)]
    return tuple(dict.fromkeys(map(str, shown)))


def _chain(program: str, path: str) -> list[str]:
    chain = [program]
    interpreter = _interpreter(program)
    if interpreter:
        found = find(interpreter, path)
        if found:
            chain.append(found)
    return chain


def _interpreter(program: str) -> str | None:
    """Return the program that a script's first line names."""
    words = _first_line(program)
    if words and os.path.basename(words[0]) == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    return words[0] if words else None


def _first_line(program: str) -> list[str]:
    """Return the words after `#!`; none for anything but a script."""
    try:
        with open(program, "rb") as file:
            first = file.readline(256)
    except OSError:
        return []
    return os.fsdecode(first[2:]).split() if first.startswith(b"#!") else []


def _installation(real: Path) -> Path:
    """Return the root of the packages among which the file lies, else the prefix of its bin."""
    for name in _PACKAGE_FOLDERS:
        if name in real.parts:
            return Path(*real.parts[: real.parts.index(name) + 1])
    return real.parent.parent if real.parent.name == "bin" else real.parent


def _too_wide(folder: Path, owner_home: Path) -> bool:
    return len(folder.parts) < 3 or owner_home.is_relative_to(folder)
