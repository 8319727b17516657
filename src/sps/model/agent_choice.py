"""Which agent does a card's next session, with which model, and who comes next when it cannot."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

import msgspec

_AGENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+\[\]-]{0,99}")
_EFFORT = re.compile(r"[a-z][a-z0-9_-]{0,30}")
_MOST = 8


class Level(Protocol):
    """What may name an agent: a card, its stage, its pipeline."""

    @property
    def agent(self) -> str | None: ...
    @property
    def model(self) -> str | None: ...
    @property
    def effort(self) -> str | None: ...


class AgentChoice(msgspec.Struct, frozen=True, kw_only=True):
    """`agents` in the order in which they are asked; model and effort are of the first of them,
    because no other one knows their names. None is the agent's own default."""

    agents: tuple[str, ...]
    model: str | None = None
    effort: str | None = None

    def words(self) -> str:
        """Return the choice for a reader."""
        more = ", ".join(filter(None, (self.model, self.effort)))
        first, *others = self.agents
        return ", ".join([f"{first} ({more})" if more else first, *others])


def choose(levels: Iterable[Level], fallback: str) -> AgentChoice:
    """Choose from levels, the nearest first. A model or an effort counts together with the agent it
    was said beside, or for the agent of a farther level where its own names none."""
    model: str | None = None
    effort: str | None = None
    for level in levels:
        model, effort = model or level.model, effort or level.effort
        if level.agent:
            return AgentChoice(agents=names(level.agent), model=model, effort=effort)
    return AgentChoice(agents=(fallback,), model=model, effort=effort)


def names(text: str) -> tuple[str, ...]:
    """Return the agents of a text as cards and pipelines keep it: names with commas between."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",")))


def agents_complaint(text: str) -> str | None:
    """Say what is wrong with such a text, None when nothing is."""
    found = names(text)
    for name in found:
        if not _AGENT.fullmatch(name):
            return f"{name!r} is no agent name: letters, digits and . _ -, at most 63"
    return f"at most {_MOST} agents, found {len(found)}" if len(found) > _MOST else None


def model_complaint(text: str) -> str | None:
    """Say what is wrong with the name of a model, None when nothing is."""
    if _MODEL.fullmatch(text):
        return None
    return f"{text!r} is no name of a model: letters, digits and . _ : / @ + - [ ], at most 100"


def effort_complaint(text: str) -> str | None:
    """Say what is wrong with the name of an effort, None when nothing is."""
    if _EFFORT.fullmatch(text):
        return None
    return f"{text!r} is no effort: small letters, digits, _ and -, such as low or high"
