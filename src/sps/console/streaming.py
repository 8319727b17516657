"""Sending a stream until its reader leaves, takes nothing any more, or may not read any longer."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING

from sps.model.errors import SpsError

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

STALL_S = 30.0
_CHECK_S = 15.0
_log = logging.getLogger(__name__)


async def pour(
    stream: AsyncIterator[bytes],
    scope: Scope,
    receive: Receive,
    send: Send,
    alive: Callable[[], Awaitable[bool]],
) -> None:
    """Send what the stream yields; its head has been sent. `alive` is asked now and then whether
    the reader may still read. A reader that takes nothing for `STALL_S` seconds is cut off."""
    flow = asyncio.create_task(_flow(stream, send, alive))
    gone = asyncio.create_task(_gone(receive))
    try:
        await asyncio.wait({flow, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (flow, gone):
            task.cancel()
        ended = (await asyncio.gather(flow, gone, return_exceptions=True))[0]
    if isinstance(ended, TimeoutError):
        _log.warning("stream closed, its reader takes nothing")
        await _cut(scope)
    elif isinstance(ended, SpsError):
        _log.warning("stream ended", extra={"code": ended.code})
        await send({"type": "http.response.body", "body": b""})
    elif isinstance(ended, Exception):
        raise ended


async def _flow(
    stream: AsyncIterator[bytes], send: Send, alive: Callable[[], Awaitable[bool]]
) -> None:
    loop = asyncio.get_running_loop()
    check = loop.time() + _CHECK_S
    async for message in stream:
        async with asyncio.timeout(STALL_S):
            await send({"type": "http.response.body", "body": message, "more_body": True})
        if loop.time() > check:
            if not await alive():
                break
            check = loop.time() + _CHECK_S
    async with asyncio.timeout(STALL_S):
        await send({"type": "http.response.body", "body": b""})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _cut(scope: Scope) -> None:
    """End the connection without waiting for what its reader would not take."""
    cut = scope.get("extensions", {}).get("sps.cut")
    if cut is not None:
        cut()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0.01)  # the server learns of it in its next turn
