"""What each skill did, read from the events: which ones earn their place."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from sps.lib.interval import difference, wilson
from sps.model.card import CardState
from sps.model.event import Event, EventKind
from sps.model.run import RunKind
from sps.model.transitions import Verb
from sps.ports.store import EventQuery
from sps.services import lookup

if TYPE_CHECKING:
    from sps.ports.world import World

_PAGE = 5000


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """A share with its 95 % interval."""

    good: int
    of: int
    low: float
    high: float


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """Cards with the skill against cards that were held out: the difference of their first-pass
    rates with its 95 % interval. `clear` says that the interval leaves out zero."""

    difference: float
    low: float
    high: float
    clear: bool


class SkillAccount(msgspec.Struct, frozen=True, kw_only=True):
    """One skill at one hash. `first_pass`: cards whose first look by the gates was good."""

    name: str
    sha256: str
    cards: int
    landed: int
    first_pass: Share
    rework: int
    findings: int
    waivers: int
    tokens: int  #: that the skill's sessions used, where the agent reports it
    injected: int  #: estimated tokens of all skills' texts in those sessions' prompts
    held_out: Share | None = None
    effect: Effect | None = None


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """All skills that cards of these projects had, by name."""

    skills: list[SkillAccount]


class _Story(msgspec.Struct):
    """What the events say about one card."""

    ran: int = 0  #: the event that began its last run
    pins: set[str] = msgspec.field(default_factory=set)
    without: set[str] = msgspec.field(default_factory=set)
    first: bool | None = None
    landed: bool = False
    rework: int = 0
    tokens: int = 0
    injected: int = 0
    findings: dict[str, int] = msgspec.field(default_factory=dict)
    waivers: dict[str, int] = msgspec.field(default_factory=dict)


class Book:
    """The stories of the cards of a project, or of all. It keeps what it has read: asked again, it
    reads what has happened since, and all anew when a project has gone. Safe in any thread."""

    def __init__(self, project: str | None = None) -> None:
        self._project = project
        self._turn = threading.Lock()
        self._begin()

    def accounts(self, world: World) -> list[SkillAccount]:
        """Return what each skill did, by name."""
        with self._turn:
            self._read_on(world)
            told = list(self._stories.values())
        pins = sorted({pin for story in told for pin in story.pins | story.without})
        return [_account(pin, told) for pin in pins]

    def had(self, world: World, name: str) -> list[str]:
        """Return the cards whose agents had a skill, by id, the one that ran last first."""
        with self._turn:
            self._read_on(world)
            found = [
                (story.ran, card)
                for card, story in self._stories.items()
                if any(pin.partition("@")[0] == name for pin in story.pins)
            ]
        return [card for _, card in sorted(found, reverse=True)]

    def _begin(self) -> None:
        self._after = 0
        self._projects: frozenset[str] = frozenset()
        self._stories: dict[str, _Story] = defaultdict(_Story)

    def _read_on(self, world: World) -> None:
        there = world.store.read(lambda tx: frozenset(one.id for one in tx.projects()))
        if not self._projects <= there:
            self._begin()
        self._projects = there
        while page := self._page(world):
            for event in page:
                if event.card_id:
                    _hear(self._stories[event.card_id], event)
            self._after = page[-1].id

    def _page(self, world: World) -> list[Event]:
        query = EventQuery(project=self._project, after_id=self._after, limit=_PAGE)
        return world.store.read(lambda tx: tx.events(query))


def ledger(world: World, project: str | None = None) -> Ledger:
    """Add up what the events of a project, or of all, say about skills. Raises `Misuse`."""
    if project is not None:
        world.store.read(lambda tx: lookup.project(tx, project))
    return Ledger(skills=Book(project).accounts(world))


def _hear(story: _Story, event: Event) -> None:
    said = event.payload
    if event.kind is EventKind.RUN_STARTED and said["kind"] == RunKind.WORK.value:
        story.ran = event.id
        story.pins.update(said["skills"])
        story.without.update(said.get("held_out", ()))
        story.injected += int(said.get("skill_tokens", 0))
    elif event.kind is EventKind.RUN_ENDED:
        story.tokens += int((said.get("usage") or {}).get("total_tokens") or 0)
    elif event.kind is EventKind.SKILLS_CHECKED:
        _count(story.findings, said["findings"])
        _count(story.waivers, said["waivers"])
    elif event.kind is EventKind.CARD_MOVED:
        _moved(story, said["verb"], said["from"])


def _count(counts: dict[str, int], found: list[dict[str, str]]) -> None:
    for one in found:
        counts[one["skill"]] = counts.get(one["skill"], 0) + 1


def _moved(story: _Story, verb: str, was: str) -> None:
    if verb == Verb.LANDED.value:
        story.landed = True
    story.rework += verb == Verb.REWORK.value
    judged = (Verb.PASSED.value, Verb.APPROVED.value, Verb.REWORK.value, Verb.BLOCK.value)
    if was == CardState.GATING.value and verb in judged and story.first is None:
        story.first = verb in judged[:2]


def _account(pin: str, stories: list[_Story]) -> SkillAccount:
    name, _, digest = pin.partition("@")
    mine = [story for story in stories if pin in story.pins]
    without = [story for story in stories if pin in story.without]
    first, held = _share(mine), _share(without)
    return SkillAccount(
        name=name,
        sha256=digest,
        cards=len(mine),
        landed=sum(story.landed for story in mine),
        first_pass=first,
        rework=sum(story.rework for story in mine),
        findings=sum(story.findings.get(name, 0) for story in mine),
        waivers=sum(story.waivers.get(name, 0) for story in mine),
        tokens=sum(story.tokens for story in mine),
        injected=sum(story.injected for story in mine),
        held_out=held if without else None,
        effect=_effect(first, held) if first.of and held.of else None,
    )


def _share(stories: list[_Story]) -> Share:
    judged = [story.first for story in stories if story.first is not None]
    good = sum(judged)
    low, high = wilson(good, len(judged))
    return Share(good=good, of=len(judged), low=round(low, 3), high=round(high, 3))


def _effect(one: Share, other: Share) -> Effect:
    low, high = difference((one.good, one.of), (other.good, other.of))
    apart = one.good / one.of - other.good / other.of
    return Effect(
        difference=round(apart, 3),
        low=round(low, 3),
        high=round(high, 3),
        clear=low > 0 or high < 0,
    )
