"""Programs of one name: whose the one is that was found, seen without starting it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import msgspec

from sps.adapters.agent_registry.builtin import KINDS
from sps.lib import plain_file
from sps.lib.placeholder import fill
from sps.ports.agent import AgentKind

_LARGEST = 256 * 1024  # bytes of a package.json
_SCRIPT = b"#!"


class _Package(msgspec.Struct):
    name: str = ""


def program_of(kind: AgentKind) -> str | None:
    """Return the path of a kind's program, None when there is none on its PATH."""
    name = fill(kind.command)[0] if kind.command else ""
    return shutil.which(name, path=path_of(kind)) if name else None


def path_of(kind: AgentKind) -> str:
    """Return the PATH in which a kind's program is searched."""
    return kind.env.get("PATH") or os.environ.get("PATH") or os.defpath


def of_this_name(kind: AgentKind) -> list[AgentKind]:
    """Return the built-in kinds that start a program of the same name."""
    name = os.path.basename(kind.command[0])
    return [one for one in KINDS if os.path.basename(one.command[0]) == name]


def owner(kind: AgentKind) -> AgentKind | None:
    """Return the built-in kind whose program it is that this kind would start; None when there is
    no program, or nobody can tell."""
    found = program_of(kind)
    if found is None:
        return None
    candidates = of_this_name(kind)
    program = Path(found).resolve()
    package = _package(program)
    if package:
        return next((one for one in candidates if _installs(one) == package), None)
    if any(one.node for one in candidates) and not _is_script(program):
        # Node runs scripts, so this is one of another make.
        return next((one for one in candidates if not one.node), None)
    return None


def namesake(kind: AgentKind) -> str:
    """Return the built-in kind whose program of the same name this is; empty when it is the
    kind's own, or nobody can tell."""
    other = owner(kind) if kind.install else None
    if other is None or _installs(other) == _installs(kind):
        return ""
    return other.name


def _installs(kind: AgentKind) -> str:
    """Return the npm package that a kind's command installs; the version is behind its last @."""
    return kind.install.rpartition(" ")[2].rpartition("@")[0]


def _package(program: Path) -> str:
    """Return the name of the npm package that a file lies in."""
    parts = program.parts
    if "node_modules" not in parts:
        return ""
    top = len(parts) - parts[::-1].index("node_modules")
    depth = 2 if parts[top].startswith("@") else 1
    try:
        content, _ = plain_file.read(Path(*parts[: top + depth], "package.json"), _LARGEST)
        return msgspec.json.decode(content, type=_Package).name
    except (OSError, plain_file.NotPlain, plain_file.TooLarge):
        return ""
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


def _is_script(program: Path) -> bool:
    try:
        with program.open("rb") as file:
            return file.read(2) == _SCRIPT
    except OSError:
        return True  # nobody can tell
