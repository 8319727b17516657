"""Finding what somebody has in mind by a few letters: projects, and cards by number or title."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.model.card import CardState
from sps.ports.store import CardSearch

if TYPE_CHECKING:
    from sps.model.card import Card
    from sps.ports.store import Reading
    from sps.ports.world import World

_MOST = 12
_WORDS = 8
_LONGEST = 200


class FoundCard(msgspec.Struct, frozen=True, kw_only=True):
    """A card that fits."""

    project: str
    seq: int
    title: str
    state: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What fits a question, best first; cards only when something was asked."""

    projects: list[str]
    cards: list[FoundCard]


def project_names(world: World) -> list[str]:
    """Return the names of all projects."""
    return sorted(one.name for one in world.store.read(lambda tx: tx.projects()))


def find(world: World, question: str) -> Finding:
    """Find projects by a part of their name, cards by number, `project#number` or the words of
    their title. Bounded: of each project only the newest cards that fit are looked at."""
    asked = question[:_LONGEST].strip().lower()
    name, mark, number = asked.rpartition("#")
    words = tuple((number if mark else asked).split()[:_WORDS])

    def look(tx: Reading) -> Finding:
        names = sorted(one.name for one in tx.projects())
        wanted = [one for one in names if name in one] if mark else names
        cards: list[Card] = []
        for one in wanted if words else []:
            search = CardSearch(
                project=one, states=tuple(CardState), words=words, newest=True, limit=_MOST
            )
            cards += tx.found(search)
        return Finding(
            projects=[one for one in names if all(word in one for word in asked.split())][:_MOST],
            cards=[_card(one) for one in sorted(cards, key=lambda c: _rank(c, words))[:_MOST]],
        )

    return world.store.read(look)


def _rank(card: Card, words: tuple[str, ...]) -> tuple[bool, bool, int]:
    """Its number first, then titles that begin with what was asked, then the youngest."""
    title = card.text.title.lower()
    return (str(card.seq) not in words, not title.startswith(words[0]), -card.updated_at)


def _card(card: Card) -> FoundCard:
    return FoundCard(
        project=card.project, seq=card.seq, title=card.text.title, state=card.state.value
    )
