"""What a dead worker held goes back, so that the living can go on with it."""

from __future__ import annotations

import logging

from sps.flow.fleet import others
from sps.flow.record import current
from sps.flow.sweep import end
from sps.lib.threads import in_thread
from sps.model.errors import SpsError
from sps.model.run import Outcome, Run
from sps.ports.store import Reading
from sps.ports.world import World

GONE = "its worker is gone"
_log = logging.getLogger(__name__)


async def take_over(world: World) -> int | None:
    """End the runs of workers whose lease is over and put their cards back; return in how many
    milliseconds the next lease can be over, None when nobody else works.

    What such a worker had not yet sent to the home's vault lies in its workspaces: it keeps that
    when it comes back.
    """

    def question(tx: Reading) -> tuple[list[Run], int | None]:
        living = others(world, tx)
        left = [one.left_ms for one in tx.workers() if one.id in living]
        dead = [run for run in tx.runs(live=True) if run.worker not in living | {world.worker}]
        return dead, min(left, default=None)

    runs, due = await in_thread(world.store.read, question)
    for run in runs:
        card = await current(world, run.card_id)
        if card is None:
            continue
        extra = {"run_id": run.id, "gone": run.worker}
        try:
            await end(world, card, run, Outcome.INTERRUPTED, why=GONE)
        except (SpsError, OSError) as err:
            _log.warning("run not taken over", extra={**extra, "detail": str(err)})
        else:
            _log.info("run taken over", extra=extra)
    return due
