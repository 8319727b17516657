"""What answers first: health at once, everything else as soon as the console has loaded."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_LIVE = "/health/live"


class Entrance:
    """An application that can be asked before the one behind it is there. A request waits for that
    one no longer than its client does."""

    def __init__(self, health: ASGIApp) -> None:
        self._health = health
        self._behind: ASGIApp = health
        self._open = asyncio.Event()

    def lead_to(self, app: ASGIApp) -> None:
        """Let everybody in."""
        self._behind = app
        self._open.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == _LIVE:
            await self._health(scope, receive, send)
            return
        await self._open.wait()
        await self._behind(scope, receive, send)
