"""Programs of one name: whose the one is that was found, seen without starting it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from sps.adapters.agent_registry.builtin import KINDS
from sps.lib import plain_file
from sps.ports.agent import AgentKind

_LARGEST = 256 * 1024  # bytes of a package.json
_SCRIPT = b"#!"


class _Package(msgspec.Struct):
    name: str = ""


def namesake(kind: AgentKind, program: str) -> str:
    """Return the built-in kind whose program of the same name this is; empty when it is the
    kind's own, or nobody can tell."""
    others = [other for other in KINDS if other.command == kind.command and other != kind]
    if not others or not kind.install:
        return ""
    path = Path(program).resolve()
    package = _package(path)
    if package:
        return next((one.name for one in others if _installs(one, package)), "")
    if kind.node and not _is_script(path):  # Node runs scripts, so this is one of another make
        return next((one.name for one in others if not one.node), "")
    return ""


def _installs(kind: AgentKind, package: str) -> bool:
    return any(word.startswith(f"{package}@") for word in kind.install.split())


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
