"""Changing several cards at once: each by itself, so that one that cannot stops no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.model.errors import Misuse, SpsError, Stale
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
Labels = tuple[str, ...]


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """Why a card was left as it is."""

    seq: int
    code: str
    says: str


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: `cards` are as was wanted, whether they were before or not. What was really
    changed, and can be taken back: `labelled` got the label, `unlabelled` lost it, `moved` are by
    the column that they came from."""

    cards: list[BoardCard]
    refused: list[Refused]
    labelled: list[int] = []
    unlabelled: list[int] = []
    moved: dict[str, list[int]] = {}


def move_cards(world: World, project: str, numbers: Sequence[int], column: str) -> Changed:
    """Move cards to a column. Raises `Misuse` (unknown-project, unknown-column, too-many-cards)."""
    layout = layout_of(world, project)
    layout.known(column)
    moved: dict[str, list[int]] = {}

    def change(seq: int) -> Card:
        before = world.store.read(lambda tx: lookup.card(tx, project, seq))
        card = move_to(world, project, seq, column, version=before.version)
        if card.version != before.version:
            moved.setdefault(layout.of(before), []).append(seq)
        return card

    found = _each(world, project, numbers, _again(change))
    return msgspec.structs.replace(found, moved=moved)


def label_cards(world: World, project: str, numbers: Sequence[int], label: str) -> Changed:
    """Add a label to cards that lack it. Raises `Misuse` (unknown-project, too-many-cards)."""

    def wanted(now: Labels) -> Labels:
        return now if label in now else (*now, label)

    found, changed = _relabel(world, project, numbers, wanted)
    return msgspec.structs.replace(found, labelled=changed)


def unlabel_cards(world: World, project: str, numbers: Sequence[int], label: str) -> Changed:
    """Take a label from cards that have it. Raises `Misuse` (unknown-project, too-many-cards)."""

    def wanted(now: Labels) -> Labels:
        return tuple(one for one in now if one != label)

    found, changed = _relabel(world, project, numbers, wanted)
    return msgspec.structs.replace(found, unlabelled=changed)


def _relabel(
    world: World, project: str, numbers: Sequence[int], wanted: Callable[[Labels], Labels]
) -> tuple[Changed, list[int]]:
    changed: list[int] = []

    def change(seq: int) -> Card:
        card = world.store.read(lambda tx: lookup.card(tx, project, seq))
        now = card.text.labels
        if wanted(now) == now:
            return card
        changes = CardChanges(labels=wanted(now))
        after = edit_card(world, project, seq, changes, seen=lambda text: text.labels == now)
        changed.append(seq)
        return after

    return _each(world, project, numbers, _again(change)), changed


def _again(change: Callable[[int], Card]) -> Callable[[int], Card]:
    """Let a change that somebody else was quicker than be tried once more."""

    def twice(seq: int) -> Card:
        try:
            return change(seq)
        except Stale:
            return change(seq)

    return twice


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
