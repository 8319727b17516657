"""Work that has to be done to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine


async def uninterrupted(work: Coroutine[object, object, None]) -> None:
    """Finish this bounded work even when the caller is cancelled meanwhile, then pass that on."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as err:
            cancelled = err
    if cancelled is not None:
        raise cancelled
    task.result()
