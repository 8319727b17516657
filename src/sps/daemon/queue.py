"""What of one project starts next: by priority and age, but for what must not start now."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sps.flow import admit
from sps.flow.scopes import Scopes
from sps.model.card import Card
from sps.model.pipeline import Pipeline
from sps.ports.store import Reading

_PAGE = 32
_MOST = 2048  #: cards that are looked at in one turn; the rest waits for one of these to go on


class Queue:
    """The startable cards of a project, within one transaction."""

    def __init__(
        self,
        tx: Reading,
        project: str,
        pipeline: Pipeline,
        *,
        now: int,
        free: Callable[[Card, Pipeline], bool],
    ) -> None:
        self._tx = tx
        self._project = project
        self._pipeline = pipeline
        self._now = now
        self._free = free
        self._scopes = Scopes(admit.active(tx, project))
        self._cards = self._look()

    def take(self, working: int) -> Card | None:
        """Return the next card to start, None when there is none for now."""
        if working >= self._pipeline.workers:
            return None
        for card in self._cards:
            if self._scopes.in_the_way(card) is not None:
                self._scopes.take(card)
            elif self._free(card, self._pipeline):
                self._scopes.take(card)
                return admit.staged(card, self._pipeline)
        return None

    def _look(self) -> Iterator[Card]:
        """Give the cards in their order; more are read only where the first ones cannot start."""
        seen: set[str] = set()  # some of them have started since they were read
        page = _PAGE
        while page <= _MOST:
            cards = self._tx.startable_of(self._project, self._now, page)
            fresh = [card for card in cards if card.id not in seen]
            seen |= {card.id for card in fresh}
            yield from fresh
            if len(cards) < page:
                return
            page *= 4
