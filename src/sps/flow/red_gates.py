"""Trying the red gates of a halted project again: what made them fail may be gone by itself."""

from __future__ import annotations

import logging

from sps.flow.environment import judged_in
from sps.flow.gates import GateBench, GateFailedToRun, verdict_key
from sps.flow.ground import Ground, ground
from sps.flow.halt import BASE_RED, recheck, resume
from sps.flow.setup import SetupFailed, SetupNotRun
from sps.lib.threads import in_slow_thread, in_thread
from sps.model.card import Card, CardState
from sps.model.pipeline import Gate
from sps.ports.store import CardQuery, Reading
from sps.ports.world import World

_EVERY_S = 60.0
_log = logging.getLogger(__name__)


class RedGates:
    """Remembers, for this process, when the red gates of a project may be tried again."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._due: dict[str, float] = {}

    async def recheck(self, name: str) -> None:
        """Resume a halted project whose reason is gone. Gates that are red on its target are run
        once more, at most once a minute. Raises `PipelineBroken` while it cannot be read."""
        await recheck(self._world, name)
        where = await ground(self._world, name)
        now = self._world.clock.steady()
        if where.project.halted != BASE_RED or now < self._due.get(name, now):
            return
        self._due[name] = now + _EVERY_S
        try:
            await _try_again(self._world, where)
        except (GateFailedToRun, SetupFailed, SetupNotRun) as err:  # no answer: it stays halted
            _log.warning("gate not tried again", extra={"project": name, "detail": str(err)})


async def _try_again(world: World, where: Ground) -> None:
    target = await in_slow_thread(world.vault.refresh, where.project, where.pipeline.land)
    tree = await in_slow_thread(world.vault.tree_of, where.project, target.commit)
    made = await judged_in(world, where.project, where.pipeline, tree)
    card, gates = await in_thread(world.store.read, lambda tx: _red(tx, where, tree, made))
    if card is None:
        return
    bench = GateBench(world, card, where)
    for gate in gates:
        if await bench.red(tree, gate, again=True):
            return
    await resume(world, where.project, "the gate passes on the target now")


def _red(tx: Reading, where: Ground, tree: str, made: str) -> tuple[Card | None, list[Gate]]:
    """Return a card that waits for the gates, else any, and the gates that are red."""
    name = where.project.name
    cards = tx.cards(CardQuery(project=name, states=(CardState.GATING,), limit=1))
    cards += tx.cards(CardQuery(project=name, limit=1))
    gates = []
    for gate in where.pipeline.gates:
        if not gate.run:
            continue
        key = verdict_key(where.project, where.pipeline, gate, tree, made=made)
        known = tx.gate_verdict(key)
        if known is not None and not known.ok and not known.timed_out:
            gates.append(gate)
    return (cards[0] if cards else None), gates
