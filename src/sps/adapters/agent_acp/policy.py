"""What an agent may do when it asks: a decision on tool kind and canonical paths, nothing else.

Pure: who may see what is decided from the request's words and two questions about paths.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

_READING = frozenset({"read", "search"})
_CHANGING = frozenset({"edit", "delete", "move"})
_PREFERENCE = {True: ("allow_once", "allow_always"), False: ("reject_once", "reject_always")}


@dataclass(frozen=True)
class Reach:
    """What lies within reach. Each takes a path as the agent wrote it."""

    may_read: Callable[[str], bool]
    may_change: Callable[[str], bool]
    network: bool = False  #: some hosts are let through anyway


@dataclass(frozen=True)
class Decision:
    """Yes or no, by which rule, and the path that decided or the first one."""

    allow: bool
    rule: str
    path: str = ""


@dataclass(frozen=True)
class Option:
    """An answer that the agent offers."""

    option_id: str
    kind: str


def decide(kind: str | None, paths: Sequence[str], reach: Reach) -> Decision:
    """Decide. What is not known is refused: an unknown or missing kind, a path that leads out."""
    first = paths[0] if paths else ""
    if kind in _CHANGING and not paths:
        return Decision(False, "change-without-path")
    if kind in _CHANGING:
        return _within(paths, reach.may_change, "change")
    if kind in _READING:
        return _within(paths, reach.may_read, "read")
    if kind == "execute":
        # What a command does is bounded by the sandbox; its words would prove nothing.
        return _within(paths, reach.may_read, "execute")
    if kind == "think":
        return _within(paths, reach.may_read, "think")
    if kind == "fetch":
        return Decision(reach.network, "fetch-hosts" if reach.network else "no-network", first)
    return Decision(False, "unknown-kind" if kind else "missing-kind", first)


def choose(options: Sequence[Option], *, allow: bool) -> str | None:
    """Return the id of the offered answer that says this with the least reach in time."""
    for kind in _PREFERENCE[allow]:
        for option in options:
            if option.kind == kind:
                return option.option_id
    return None


def _within(paths: Sequence[str], test: Callable[[str], bool], verb: str) -> Decision:
    outside = next((path for path in paths if not test(path)), None)
    if outside is not None:
        return Decision(False, f"{verb}-outside", outside)
    return Decision(True, f"{verb}-inside", paths[0] if paths else "")
