"""How the home stands, in the few numbers that every page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.model.card import CardState
from sps.model.errors import SpsError
from sps.model.reason import AWAITING, FOR_A_PERSON
from sps.ports.store import CardQuery
from sps.services.snoozing import snoozed

if TYPE_CHECKING:
    from sps.ports.store import Reading
    from sps.ports.world import World

_STATES = (CardState.NEEDS_HUMAN, CardState.REVIEW, CardState.LANDING)


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
        cards = [one for one in tx.cards(CardQuery(states=_STATES)) if one.id not in off]
        mine = [
            one for one in cards
            if one.state is CardState.NEEDS_HUMAN or one.reason in FOR_A_PERSON
        ]  # fmt: skip
        review = sum(one.reason == AWAITING for one in mine)
        return [one.name for one in tx.projects()], len(mine), review, len(tx.runs(live=True))

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
