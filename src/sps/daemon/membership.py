"""Being one of the workers of a shared home: a lease that is renewed, and what happens when it is
lost."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable

from sps.bootstrap import Wired
from sps.flow import tag
from sps.flow.sweep import kill_tagged
from sps.lib.backoff import delay
from sps.lib.threads import in_thread
from sps.model.errors import Absent, Held
from sps.ports.lease import RENEW_S, TTL_S, Lease
from sps.ports.store import Worker

_PATIENCE_S = 60.0
_MARGIN_S = 1.0  # we let go this much before anybody else may take
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # goes on while a laptop sleeps
_log = logging.getLogger(__name__)


class Membership:
    """Renews a lease in a thread of its own, so that nothing that blocks the loop can stop it."""

    def __init__(self, world: Wired, lease: Lease, taken: float) -> None:
        """`taken`: when the lease that we hold was asked for."""
        self._prefix = tag.home_prefix(world)
        self._lease = lease
        self._over = threading.Event()
        self._until = taken + TTL_S - _MARGIN_S
        self._thread = threading.Thread(target=self._live, name="sps-lease", daemon=True)
        self.lost = False
        self.on_lost: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begin to renew."""
        self._thread.start()

    def stop(self) -> None:
        """Renew no more, and give the lease back when we still have it: others may have our cards
        then, so nothing may be left that works on them."""
        self._over.set()
        self._thread.join(10.0)
        if not self.lost:
            kill_tagged(self._prefix)
            self._lease.release()

    def _live(self) -> None:
        while not self._over.wait(RENEW_S if _now() + RENEW_S < self._until else 0.1):
            asked = _now()
            if asked >= self._until:  # we were stopped, or the database was away
                self._fence("no answer in time")
                return
            held = self._lease.renew()
            if held is False:
                self._fence("somebody else decided that we are dead")
                return
            if held:
                self._until = asked + TTL_S - _MARGIN_S

    def _fence(self, why: str) -> None:
        """End our agents before anything else: their cards may be somebody else's."""
        killed = kill_tagged(self._prefix)
        self.lost = True
        _log.error(
            "lease lost", extra={"code": "lease-lost", "detail": why, "pids": sorted(killed)}
        )
        self.on_lost()


@contextlib.asynccontextmanager
async def membership(world: Wired) -> AsyncIterator[Membership | None]:
    """Be a worker while inside; None for a home of one machine. The lease is there before anything
    else begins. Raises `Held("worker-name-taken")`."""
    lease = world.lease
    if lease is None:
        yield None
        return
    me = Worker(
        id=world.worker,
        role="worker" if world.joined else "home",
        host=socket.gethostname(),
        pid=os.getpid(),
        started_at=world.clock.now(),
        vaults="" if world.joined else world.vaults,
    )
    member = Membership(world, lease, await _take(world, lease, me))
    member.start()
    try:
        # Now nobody else has them: they are what an earlier life under this name left.
        await in_thread(world.store.write, lambda tx: tx.leave_all_seats(me.id))
        yield member
    finally:
        await asyncio.shield(in_thread(member.stop))


async def _take(world: Wired, lease: Lease, me: Worker) -> float:
    """Take the lease; return when it was asked for. A database that is away for a moment is waited
    for, at most a minute; another holder of our name until it must be dead, unless it lives."""
    failures, began = 0, _now()
    while True:
        asked = _now()
        try:
            await in_thread(lease.take, me)
            return asked
        except (Absent, Held) as err:
            failures += 1
            away = isinstance(err, Absent)
            pause = delay(failures, world.chance.fraction(), most=5.0 if away else 1.0)
            if _now() + pause > began + (_PATIENCE_S if away else TTL_S + RENEW_S):
                raise
            _log.warning("no lease yet", extra={"code": err.code, "detail": err.message})
        await world.clock.sleep(pause)


def _now() -> float:
    return time.clock_gettime(_CLOCK)
