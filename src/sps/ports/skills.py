"""Skills: texts that a card names and its agent gets."""

from __future__ import annotations

from typing import Protocol

import msgspec


class Skill(msgspec.Struct, frozen=True, kw_only=True):
    """A skill at a pinned hash (sha-256 of its tree)."""

    name: str
    digest: str
    description: str
    body: str
    path: str
    files: tuple[str, ...] = ()  #: what it has beside SKILL.md for its reader, by path
    source: str = ""  #: where it came from: own, bundled, or the canonical name of a source
    commands: bool = False  #: its owner trusts the commands among its checks


class Skills(Protocol):
    """The skills this home can give to a card."""

    def find(self, name: str) -> Skill | None: ...
    def names(self) -> list[str]: ...
