"""How the home stands, in the few numbers that every page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.model.errors import SpsError
from sps.model.reason import AWAITING
from sps.services.snoozing import snoozed
from sps.services.waiting import numbers, waits

if TYPE_CHECKING:
    from sps.ports.store import Reading
    from sps.ports.world import World


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """`waiting` cards need somebody now, `review` of them an approval; `used` of `most` agents
    work."""

    waiting: int
    review: int
    used: int
    most: int
    projects: list[str]


def standing(world: World) -> Standing:
    """Count, in one snapshot."""
    off = _put_off(world)

    def question(tx: Reading) -> tuple[list[str], int, int, int]:
        reasons = numbers(tx)
        for card in (tx.card(key) for key in off):
            if card is not None and waits(card):
                reasons[card.reason or ""] -= 1
        names = [one.name for one in tx.projects()]
        live = len(tx.runs(live=True))
        return names, sum(reasons.values()), reasons.get(AWAITING, 0), live

    names, waiting, review, used = world.store.read(question)
    return Standing(
        waiting=waiting, review=review, used=used, projects=sorted(names),
        most=sum(_workers(world, name) for name in names),
    )  # fmt: skip


def _put_off(world: World) -> set[str]:
    try:
        return set(snoozed(world))
    except SpsError:  # the page about what needs somebody says that it cannot be read
        return set()


def _workers(world: World, name: str) -> int:
    try:
        return world.pipeline_files.load(name).workers
    except SpsError:
        return 0
