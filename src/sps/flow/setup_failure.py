"""What a failed setup costs: the project stops, or the card that broke it gets the output."""

from __future__ import annotations

from sps.flow import setback
from sps.flow.ground import Ground
from sps.flow.halt import SETUP_FAILED, halt
from sps.flow.setback import Failure
from sps.flow.setup import SetupFailed
from sps.model.card import Card
from sps.ports.world import World


async def halt_setup(world: World, card: Card, ground: Ground, err: SetupFailed) -> Card:
    """Stop a project whose setup fails on the target itself; the card waits and pays nothing."""
    failed = err.failed
    detail = f"{failed.detail}; output: {failed.log}" if failed.log else failed.detail
    await halt(world, ground.project, SETUP_FAILED, detail)
    failure = Failure(reason=SETUP_FAILED, detail=detail)
    return await setback.park(world, card, failure, until=world.clock.now())


def setup_evidence(err: SetupFailed) -> Failure:
    """Return what an agent is told whose own change broke the setup."""
    failed = err.failed
    return Failure(
        reason=SETUP_FAILED,
        detail=f"with this change the environment cannot be made: {failed.detail}",
        text=failed.text,
    )
