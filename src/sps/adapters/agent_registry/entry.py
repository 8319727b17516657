"""What makes an entry of the registry acceptable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from sps.model.destination import destination
from sps.ports.agent import AgentKind

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# A session sets these itself.
_OURS = frozenset({"HOME", "SPS_RUN", "TERM", "TMPDIR"})


def mistakes(kind: AgentKind) -> Iterator[tuple[str, str]]:
    """Yield (field, what is wrong with it), "name" for the entry's own name."""
    if not _NAME.fullmatch(kind.name):
        yield "name", "a name is 1 to 63 of a-z, 0-9 and -, and does not begin with -"
    if not kind.command or not kind.command[0].strip():
        yield "command", "the command has at least a program"
    for field in ("command", "probe"):
        if any("\0" in word for word in getattr(kind, field)):
            yield field, "a word has a NUL character"
    yield from _of_environment(kind)
    yield from _of_network(kind)
    for field, names in (("files", tuple(kind.files)), ("login_files", kind.login_files)):
        for name in names:
            if not _is_below(name):
                yield field, f"{name!r} is no path below the agent's home"
    for path in kind.readonly:
        if not path.startswith("/"):
            yield "readonly", f"{path!r} is no absolute path"


def _of_environment(kind: AgentKind) -> Iterator[tuple[str, str]]:
    for field, names in (
        ("env", tuple(kind.env)),
        ("pass_env", kind.pass_env),
        ("keys", kind.keys),
    ):
        for name in names:
            if not _VARIABLE.fullmatch(name):
                yield field, f"{name!r} is no name of a variable"
            elif name in _OURS:
                yield field, f"{name} is set by each run itself"
    if any("\0" in value for value in kind.env.values()):
        yield "env", "a value has a NUL character"


def _of_network(kind: AgentKind) -> Iterator[tuple[str, str]]:
    for host in kind.hosts:
        if destination(host) is None:
            yield "hosts", f"{host!r} is no host and port, such as api.example:443"
    for name in kind.base_urls:
        if name not in kind.pass_env:
            yield "base_urls", f"{name} is not among pass_env"


def _is_below(name: str) -> bool:
    path = PurePosixPath(name)
    return (
        "\0" not in name
        and not path.is_absolute()
        and bool(path.parts)
        and (".." not in path.parts)
    )
