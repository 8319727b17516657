"""Figures of this process every ten seconds, for an hour: what charts are drawn from."""

from __future__ import annotations

import asyncio
import contextlib
import os
import weakref
from collections import deque
from typing import TYPE_CHECKING

import msgspec

from sps.lib.threads import in_thread
from sps.model.card import CardState
from sps.model.errors import SpsError
from sps.model.event import EventKind
from sps.ports.store import EventQuery
from sps.services.figures import spread

if TYPE_CHECKING:
    from sps.bootstrap import Wired
    from sps.console.hub import Hub
    from sps.ports.store import Reading

EVERY_S = 10.0
_KEPT = 360
_HOUR_MS = 3_600_000
_GATES = 400  #: newest events that are looked through for gates


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """What was at one moment. `at` in seconds; `lag` is how late the loop woke, in seconds."""

    at: float
    runs: int
    queue: int
    cost_per_hour: float
    gate_p50: float | None
    gate_p95: float | None
    clients: int
    resyncs: int
    lag: float
    resident: int


class Sampler:
    """Looks every ten seconds and keeps the last hour."""

    def __init__(self) -> None:
        self._samples: deque[Sample] = deque(maxlen=_KEPT)

    @property
    def samples(self) -> list[Sample]:
        return list(self._samples)

    async def run(self, world: Wired, hub: Hub) -> None:
        """Look until cancelled. While the store cannot be read there is no sample."""
        loop = asyncio.get_running_loop()
        lag = 0.0
        while True:
            with contextlib.suppress(SpsError, OSError):  # a gap tells it; the checks say why
                self._samples.append(await in_thread(_sample, world, hub, lag))
            due = loop.time() + EVERY_S
            await asyncio.sleep(EVERY_S)
            lag = max(0.0, loop.time() - due)


def _sample(world: Wired, hub: Hub, lag: float) -> Sample:
    now = world.clock.now()

    def question(tx: Reading) -> Sample:
        counts = tx.counts().values()
        newest = tx.events(EventQuery(after_id=max(0, tx.last_event() - _GATES)))
        gates = spread([
            float(one.payload.get("seconds") or 0) for one in newest
            if one.kind is EventKind.GATE_RAN and one.at >= now - _HOUR_MS
        ])  # fmt: skip
        return Sample(
            at=now / 1000,
            runs=len(tx.runs(live=True)),
            queue=sum(one.get(CardState.READY.value, 0) for one in counts),
            cost_per_hour=sum(one.cost_usd or 0 for one in tx.spent_since(now - _HOUR_MS).values()),
            gate_p50=gates.p50,
            gate_p95=gates.p95,
            clients=hub.streams,
            resyncs=hub.resyncs,
            lag=round(lag, 4),
            resident=_resident(),
        )

    return world.store.read(question)


def _resident() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


_of_world: weakref.WeakKeyDictionary[Wired, Sampler] = weakref.WeakKeyDictionary()


def sampler(world: Wired) -> Sampler:
    """Return the sampler of a world."""
    return _of_world.setdefault(world, Sampler())
