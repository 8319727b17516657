"""The end of a worker that others may think dead."""

from __future__ import annotations

import asyncio
import contextlib

from sps.model.errors import Held
from sps.ports.world import World

_PAUSE_S = 0.5


class LeaseLost(Held):
    """Others may have our cards by now; all our agents are dead."""

    def __init__(self) -> None:
        super().__init__(
            "lease-lost", "this worker lost its lease: its agents were ended", hint="sps worker ps"
        )


async def pause(world: World, over: asyncio.Event) -> None:
    """Wait a moment, not the same for all, before a worker begins anew; at most until `over`."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PAUSE_S * (1 + world.chance.fraction())):
            await over.wait()
