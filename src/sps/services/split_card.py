"""A card that is too much for one is split: its parts become cards of their own."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from sps.model.card import TERMINAL, TITLE_LIMIT, Card, CardState, CardText
from sps.model.errors import Misuse
from sps.services import lookup
from sps.services.add_card import add_card
from sps.services.card_view import CardView, view
from sps.services.edit_card import CardChanges, edit_card

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sps.ports.world import World

MOST = 20
_AT_WORK = (CardState.RUNNING, CardState.GATING, CardState.REVIEW, CardState.LANDING)


class SplitCard(msgspec.Struct, frozen=True, kw_only=True):
    """The card that was split, and the new ones."""

    card: CardView
    parts: list[CardView]


def split_card(
    world: World, project: str, seq: int, titles: Iterable[str], *, wait: bool = True
) -> SplitCard:
    """Add a card for each title, with the skills, labels, priority, agent, model and effort of this
    one; with `wait` this one waits until all of them are done. What is held in planning has held
    parts. The same split again within a day adds nothing twice. Raises `Misuse` with no-parts,
    too-many-parts, card-at-work or card-finished, and what `add_card` raises."""
    card = world.store.read(lambda tx: lookup.card(tx, project, seq))
    wanted = _titles(card, titles)
    parts = [
        add_card(world, project, _text(card, title), key=_key(card, title)) for title in wanted
    ]
    numbers = tuple(part.seq for part in parts)
    after = tuple(dict.fromkeys([*card.text.after, *numbers]))
    if wait and after != card.text.after:
        card = edit_card(world, project, seq, CardChanges(after=after))
    return SplitCard(card=view(card), parts=[view(part) for part in parts])


def _titles(card: Card, titles: Iterable[str]) -> list[str]:
    name = f"{card.project}#{card.seq}"
    if card.state in TERMINAL:
        says = f"card {name} is {card.state.value}: there is nothing to split"
        raise Misuse("card-finished", says)
    if card.state in _AT_WORK:
        raise Misuse(
            "card-at-work", f"card {name} is {card.state.value}: stop it before it is split",
            hint=f"sps card cancel {card.project} {card.seq}",
        )  # fmt: skip
    found = list(dict.fromkeys(" ".join(title.split()) for title in titles if title.strip()))
    if not found:
        raise Misuse("no-parts", "name the parts, each by a title of its own")
    if len(found) > MOST or any(len(title) > TITLE_LIMIT for title in found):
        raise Misuse(
            "too-many-parts", f"at most {MOST} parts, with titles of at most {TITLE_LIMIT} letters"
        )
    return found


def _text(card: Card, title: str) -> CardText:
    whole = card.text
    return CardText(
        title=title, body=f"A part of card {card.seq}, {whole.title}.\n", skills=whole.skills,
        labels=whole.labels, priority=whole.priority, agent=whole.agent, model=whole.model,
        effort=whole.effort, hold=card.state is CardState.PLANNING,
    )  # fmt: skip


def _key(card: Card, title: str) -> str:
    return f"split:{card.id}:{hashlib.sha256(title.encode()).hexdigest()[:32]}"
