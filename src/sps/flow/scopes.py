"""Cards of a project that expect to touch the same files work one after the other.

Who waits also keeps its place: cards behind it that meet its scope wait with it, so that it comes
up as soon as those who work have gone on. Nobody who works waits for a card that does not, and a
card that waits for a person holds nothing, so no two can wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable

from sps.model.card import ACTIVE, Card, CardState
from sps.model.scope import overlap

_CHANGING = frozenset({CardState.RUNNING, CardState.GATING})


class Scopes:
    """The scopes of one project that are taken, by cards that work or that wait before others."""

    def __init__(self, active: Iterable[Card]) -> None:
        self._holders = [card for card in active if holds(card)]

    def in_the_way(self, card: Card) -> Card | None:
        """Return a card that has to go on before this one starts."""
        scope = card.text.scope
        if not scope:
            return None
        found = (one for one in self._holders if one.id != card.id)
        return next((one for one in found if overlap(scope, one.text.scope)), None)

    def take(self, card: Card) -> None:
        """Let a card hold its scope: it has started, or waits at its place."""
        if card.text.scope:
            self._holders.append(card)


def holds(card: Card) -> bool:
    """Whether a card's files may be changing now: not while it waits for a person."""
    working = card.state in _CHANGING or (card.state in ACTIVE and card.reason is None)
    return working and bool(card.text.scope)


def ahead(card: Card, active: Iterable[Card], ready: Iterable[Card]) -> Card | None:
    """Return the card that a ready one waits for; `ready` are those before it, in their order."""
    scopes = Scopes(active)
    for other in ready:
        if other.id == card.id:
            break
        scopes.take(other)
    return scopes.in_the_way(card)
