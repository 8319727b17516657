"""Where the running Python lies: what a child that runs it must be able to read."""

from __future__ import annotations

import os
import sys
from pathlib import Path

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"


def interpreter() -> str:
    """Return the canonical path of the running interpreter, outside any virtual environment."""
    return os.path.realpath(sys.executable)


def interpreter_prefix() -> str:
    """Return the folder that `interpreter` and its standard library need."""
    return str(Path(interpreter()).parent.parent)


def runtime_paths() -> tuple[str, ...]:
    """Return the folders that a Python child needs: the interpreter's own prefix, each prefix on
    the way of links to it, and the virtual environment if there is one."""
    return _outermost([sys.base_prefix, sys.prefix, *_prefixes_of_links(sys.executable)])


def package_path() -> str:
    """Return the folder that holds this program's package."""
    return str(Path(__file__).resolve().parents[1])


def _prefixes_of_links(program: str) -> list[str]:
    """Return <prefix> of <prefix>/bin/program for the program, each link it stands for and its
    canonical place."""
    found = [str(Path(program).parent.parent)]
    seen = {program}
    while os.path.islink(program):
        program = os.path.normpath(os.path.join(os.path.dirname(program), os.readlink(program)))
        if program in seen:
            break
        seen.add(program)
        found.append(str(Path(program).parent.parent))
    return [*found, str(Path(os.path.realpath(program)).parent.parent)]


def _outermost(paths: list[str]) -> tuple[str, ...]:
    """Drop duplicates and folders inside another one of the list."""
    kept: list[str] = []
    for path in sorted(set(paths), key=len):
        if not any(Path(path).is_relative_to(other) for other in kept):
            kept.append(path)
    return tuple(kept)
