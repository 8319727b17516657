"""Changing several cards at once: each by itself, so that one that cannot stops no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.model.errors import Misuse, SpsError
from sps.services import lookup
from sps.services.board import BoardCard, all_on_board
from sps.services.columns import move_to
from sps.services.edit_card import CardChanges, edit_card
from sps.services.layout import layout_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sps.model.card import Card
    from sps.ports.world import World

MOST = 200


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """Why a card was left as it is."""

    seq: int
    code: str
    says: str


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it, card by card."""

    cards: list[BoardCard]
    refused: list[Refused]


def move_cards(world: World, project: str, numbers: Sequence[int], column: str) -> Changed:
    """Move cards to a column. Raises `Misuse` (unknown-project, unknown-column, too-many-cards)."""
    layout_of(world, project).known(column)
    return _each(world, project, numbers, lambda seq: move_to(world, project, seq, column))


def label_cards(world: World, project: str, numbers: Sequence[int], label: str) -> Changed:
    """Add a label to cards that lack it. Raises `Misuse` (unknown-project, too-many-cards)."""

    def change(seq: int) -> Card:
        card = world.store.read(lambda tx: lookup.card(tx, project, seq))
        if label in card.text.labels:
            return card
        return edit_card(world, project, seq, CardChanges(labels=(*card.text.labels, label)))

    return _each(world, project, numbers, change)


def unlabel_cards(world: World, project: str, numbers: Sequence[int], label: str) -> Changed:
    """Take a label from cards that have it. Raises `Misuse` (unknown-project, too-many-cards)."""

    def change(seq: int) -> Card:
        card = world.store.read(lambda tx: lookup.card(tx, project, seq))
        if label not in card.text.labels:
            return card
        left = tuple(one for one in card.text.labels if one != label)
        return edit_card(world, project, seq, CardChanges(labels=left))

    return _each(world, project, numbers, change)


def _each(
    world: World, project: str, numbers: Sequence[int], change: Callable[[int], Card]
) -> Changed:
    if not 0 < len(numbers) <= MOST:
        raise Misuse("too-many-cards", f"this is done with 1 to {MOST} cards at a time")
    world.store.read(lambda tx: lookup.project(tx, project))
    done: list[Card] = []
    refused: list[Refused] = []
    for seq in dict.fromkeys(numbers):
        try:
            done.append(change(seq))
        except SpsError as error:
            refused.append(Refused(seq=seq, code=error.code, says=error.message))
    layout = layout_of(world, project)
    shown = world.store.read(lambda tx: all_on_board(tx, done, layout))
    return Changed(cards=shown, refused=refused)
