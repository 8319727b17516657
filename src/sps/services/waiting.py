"""The cards that wait for a person, with what each is waiting for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.model.card import CardState
from sps.model.reason import FOR_A_PERSON
from sps.ports.store import CardQuery, RestQuery
from sps.services.advice import advice_now
from sps.services.card_view import CardView, view

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sps.model.card import Card
    from sps.ports.store import Reading
    from sps.ports.world import World

_STATES = (CardState.NEEDS_HUMAN, CardState.REVIEW, CardState.LANDING)


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A card that waits, why, the command that helps, and `then` the one after it, if any."""

    card: CardView
    says: str
    next: str
    then: str = ""


def waiting(world: World, projects: tuple[str, ...]) -> list[Waiting]:
    """Return the waiting cards of some projects, by project and number."""

    def question(tx: Reading) -> list[Waiting]:
        queries = [CardQuery(project=name, states=_STATES) for name in projects]
        return told(tx, [card for query in queries for card in tx.cards(query) if waits(card)])

    return world.store.read(question)


def longest(tx: Reading, most: int) -> list[Card]:
    """Return the cards of all projects that have waited longest, at most so many."""
    states, reasons = (CardState.NEEDS_HUMAN,), tuple(sorted(FOR_A_PERSON))
    return tx.resting(RestQuery(states=states, reasons=reasons, limit=most))


def numbers(tx: Reading) -> dict[str, int]:
    """Return reason -> how many cards of all projects wait because of it."""
    found: dict[str, int] = {}
    for (_, state, reason), number in tx.resting_counts().items():
        if state is CardState.NEEDS_HUMAN or reason in FOR_A_PERSON:
            found[reason] = found.get(reason, 0) + number
    return found


def waits(card: Card) -> bool:
    """Whether a card waits for a person."""
    if card.state is CardState.NEEDS_HUMAN:
        return True
    return card.state in _STATES and card.reason in FOR_A_PERSON


def told(tx: Reading, cards: Iterable[Card]) -> list[Waiting]:
    """Say of each card what it waits for."""
    repos = {project.name: project.repo for project in tx.projects()}
    return [_one(tx, card, repos.get(card.project, "")) for card in cards]


def _one(tx: Reading, card: Card, repo: str) -> Waiting:
    known = advice_now(tx, card, repo)
    says = f"{card.reason}: {card.detail or known.says}"
    return Waiting(card=view(card), says=says, next=known.command, then=known.then)
