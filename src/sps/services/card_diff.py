"""The change that a card would land, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.model.card import CardState
from sps.model.errors import Misuse
from sps.services import lookup

if TYPE_CHECKING:
    from sps.model.card import Card
    from sps.ports.world import World

_JUDGED = (CardState.REVIEW, CardState.LANDING, CardState.DONE)


class CardDiff(msgspec.Struct, frozen=True, kw_only=True):
    """The difference of two trees or commits of the vault. `truncated`: the text is not whole."""

    old: str
    new: str
    files: list[str]
    text: str
    truncated: bool


def card_diff(world: World, project: str, seq: int) -> CardDiff:
    """Return the change as it stands: the tree the gates passed against the target it was merged
    with, else the work against its base. Raises `Misuse` with unknown-card or no-change."""
    card = world.store.read(lambda tx: lookup.card(tx, project, seq))
    where = world.store.read(lambda tx: lookup.project(tx, project))
    old, new = _ends(card)
    found = world.vault.diff(where, old, new)
    return CardDiff(
        old=old,
        new=new,
        files=[file.path for file in found.files],
        text=found.text,
        truncated=found.truncated,
    )


def _ends(card: Card) -> tuple[str, str]:
    # Only in these states the tree is surely that of the newest work.
    if card.state in _JUDGED and card.tree and card.tree_base:
        return card.tree_base, card.tree
    if card.base and card.tip:
        return card.base, card.tip
    raise Misuse(
        "no-change", f"card {card.project}#{card.seq} has no change yet that could be shown",
        hint=f"sps why {card.project} {card.seq}",
    )  # fmt: skip
