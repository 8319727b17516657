"""The cards that wait for a person, with what each is waiting for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.model.card import CardState
from sps.model.reason import FOR_A_PERSON
from sps.ports.store import CardQuery
from sps.services.advice import advice
from sps.services.card_view import CardView, view

if TYPE_CHECKING:
    from sps.model.card import Card
    from sps.ports.store import Reading
    from sps.ports.world import World

_STATES = (CardState.NEEDS_HUMAN, CardState.REVIEW, CardState.LANDING)


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A card that waits, why, and the command that helps."""

    card: CardView
    says: str
    next: str


def waiting(world: World, projects: tuple[str, ...]) -> list[Waiting]:
    """Return the waiting cards of some projects, by project and number."""

    def question(tx: Reading) -> list[Waiting]:
        repos = {project.name: project.repo for project in tx.projects()}
        return [
            _one(card, repos.get(name, ""))
            for name in projects
            for card in tx.cards(CardQuery(project=name, states=_STATES))
            if card.reason and (card.state is CardState.NEEDS_HUMAN or card.reason in FOR_A_PERSON)
        ]

    return world.store.read(question)


def _one(card: Card, repo: str) -> Waiting:
    known = advice(card.reason or "", card, repo)
    says = f"{card.reason}: {card.detail or known.says}"
    return Waiting(card=view(card), says=says, next=known.command)
