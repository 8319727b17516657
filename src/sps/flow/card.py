"""A card's way: the workflow that the engine runs for one launch of a card."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from sps.flow import gating, landing, measures, review, setback, work
from sps.flow.ground import Ground, ground
from sps.flow.halt import halt_broken, halt_remote
from sps.flow.landing import Lanes
from sps.flow.record import current
from sps.flow.room import no_room, wait_for_room
from sps.flow.seats import Seats
from sps.flow.setback import Failure
from sps.flow.setup import SetupFailed, SetupNotRun
from sps.flow.setup_failure import halt_setup
from sps.flow.sweep import cut_off, end_failed
from sps.flow.tidy import tidy
from sps.lib import log
from sps.lib.threads import in_slow_thread, in_thread
from sps.model.card import ACTIVE, Card, CardState
from sps.model.errors import Absent, Misuse, SpsError, Stale
from sps.model.reason import OF_REMOTE
from sps.ports.engine import Steps
from sps.ports.files import PipelineBroken
from sps.ports.world import World

_STEPS_AT_MOST = 64  # far above what a pipeline can need in one launch: a loop would be a defect
_AWAY = frozenset({"database-unreachable", "home-unreachable", "no-vaults", "login-busy"})
_AWAY_MS = 15_000
_Response = Callable[[World, Card, Failure], Awaitable[Card]]
_log = logging.getLogger(__name__)


class CardWay:
    """Carries cards through their stages. One instance per process."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lanes = Lanes()
        self._seats = Seats(world)

    async def workflow(self, steps: Steps) -> None:
        """Run one launch to where it ends or waits. The id names the card and its generation; a
        launch whose generation is over does nothing."""
        card_id, _, generation = steps.workflow_id.rpartition(":")
        state = "start"
        for number in range(_STEPS_AT_MOST):
            name = f"{number}-{state}"
            with log.bound(card_id=card_id, workflow=steps.workflow_id, step=name):
                state = await steps.run(name, lambda: self._advance(card_id, int(generation)))
            if not state:
                return

    async def _advance(self, card_id: str, generation: int) -> str:
        """Do the step of the state the card is in; return the next state, empty when this launch
        is over."""
        card = await current(self._world, card_id)
        if card is None or card.generation != generation or card.state not in ACTIVE:
            return ""
        _log.debug("step begins", extra={"state": card.state.value})
        try:
            with measures.step(card) as outcome:
                after = await self._step(card)
                outcome.is_now(after)
        except Stale:
            await cut_off(self._world, card_id, generation)
            return ""
        except asyncio.CancelledError:
            await asyncio.shield(cut_off(self._world, card_id, generation))
            raise
        going = after.state in ACTIVE and after.generation == generation
        waiting = after.reason is not None or after.not_before > self._world.clock.now()
        waiting = waiting or after.worker is None
        return after.state.value if going and not waiting else ""

    async def _step(self, card: Card) -> Card:
        try:
            place = await ground(self._world, card.project)
            after = await self._equipped(card, place)
            if after.state is CardState.DONE:
                await in_slow_thread(tidy, self._world, card.project)
            return after
        except Stale:
            raise
        except PipelineBroken as err:
            await halt_broken(self._world, card.project, err)
            return await self._failed(card, err, setback.park)
        except (SpsError, OSError) as err:
            if isinstance(err, SpsError) and err.code in OF_REMOTE:
                await halt_remote(self._world, card.project, err)
            return await self._failed(card, err, _response(err))

    async def _equipped(self, card: Card, place: Ground) -> Card:
        """Do the step; without an environment for it, the card waits at no cost."""
        try:
            return await self._carry_out(card, place)
        except SetupFailed as err:
            return await halt_setup(self._world, card, place, err)
        except SetupNotRun as err:
            failure = Failure(reason="setup-not-run", detail=str(err))
            return await setback.park(self._world, card, failure)

    async def _carry_out(self, card: Card, place: Ground) -> Card:
        match card.state:
            case CardState.RUNNING:
                async with self._seats.seat(place, card):
                    return await work.work(self._world, card, place)
            case CardState.GATING:
                return await gating.gate(self._world, card, place)
            case CardState.REVIEW:
                async with self._seats.seat(place, card):
                    return await review.review(self._world, card, place)
            case CardState.LANDING if self._world.joined:
                leave = partial(landing.leave_to_home, self._world, card=card)
                return await in_thread(self._world.store.write, leave)
            case _:
                async with self._lanes.of(place):
                    fresh = await current(self._world, card.id)
                    return await landing.land(self._world, fresh or card, place)

    async def _failed(
        self,
        card: Card,
        err: SpsError | OSError,
        respond: _Response,
    ) -> Card:
        """Record a failure of the surroundings on the card as it is now, and leave no run behind
        that nobody will take over."""
        code, hint = (err.code, err.hint) if isinstance(err, SpsError) else ("system", "")
        _log.warning("step failed", extra={"card_id": card.id, "code": code, "detail": str(err)})
        fresh = await current(self._world, card.id)
        if fresh is None or fresh.generation != card.generation or fresh.state not in ACTIVE:
            raise Stale(f"card {card.project}#{card.seq} has moved on")
        await end_failed(self._world, fresh, err)
        after = await respond(self._world, fresh, Failure(reason=code, detail=str(err), next=hint))
        if after.state is CardState.NEEDS_HUMAN:
            await end_failed(self._world, after, err, last=True)
        return after


async def _later(world: World, card: Card, failure: Failure) -> Card:
    """Wait for what serves many cards, without holding it against this one."""
    return await setback.park(world, card, failure, until=world.clock.now() + _AWAY_MS)


def _response(err: SpsError | OSError) -> _Response:
    """Return what to do with a card whose step failed: wait where that may help."""
    if no_room(err):
        return wait_for_room
    if isinstance(err, SpsError) and err.code in _AWAY:
        return _later
    if isinstance(err, SpsError) and err.code in OF_REMOTE:
        return _wait_for_remote
    return setback.block if isinstance(err, Absent | Misuse) else setback.park


async def _wait_for_remote(world: World, card: Card, failure: Failure) -> Card:
    """Put a card back to where it can go on, at no cost: its project is halted."""
    return await setback.park(world, card, failure, until=world.clock.now())
