"""A launch that ended in an error nobody expected costs the card a setback, never a hot loop."""

from __future__ import annotations

import logging

from sps.flow import setback
from sps.flow.record import current
from sps.flow.room import no_room, wait_for_room
from sps.flow.setback import Failure
from sps.flow.sweep import cut_off, end_failed
from sps.model.card import ACTIVE, CardState
from sps.model.errors import SpsError
from sps.ports.world import World

DEFECT = "defect"
_log = logging.getLogger(__name__)


async def contain(world: World, workflow_id: str, err: BaseException) -> None:
    """End what the launch left running and put its card back, later each time, at last to a person.

    Raises `Stale` when the card has moved on.
    """
    card_id, _, generation = workflow_id.rpartition(":")
    try:
        await cut_off(world, card_id, int(generation))
    except (SpsError, OSError) as second:
        _log.warning("run not swept", extra={"card_id": card_id, "detail": str(second)})
    card = await current(world, card_id)
    if card is None or card.generation != int(generation):
        return
    if card.state in ACTIVE or card.state is CardState.READY:
        failure = Failure(reason=DEFECT, detail=f"{type(err).__name__}: {err}")
        after = await (wait_for_room if no_room(err) else setback.park)(world, card, failure)
        if after.state is CardState.NEEDS_HUMAN:
            await end_failed(world, after, err, last=True)
