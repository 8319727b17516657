"""A daemon that is still loading its console is alive, and keeps nobody out for good."""

from __future__ import annotations

import asyncio
from typing import Any

from sps.daemon.entrance import Entrance


class Named:
    """An application that notes which paths reached it."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.paths.append(scope["path"])


def test_live_is_answered_at_once_and_a_page_as_soon_as_it_can_be() -> None:
    health, console = Named(), Named()

    async def ask() -> None:
        entrance = Entrance(health)
        page = asyncio.create_task(entrance({"type": "http", "path": "/"}, None, None))  # type: ignore[arg-type]
        await entrance({"type": "http", "path": "/health/live"}, None, None)  # type: ignore[arg-type]
        assert (health.paths, console.paths) == (["/health/live"], [])
        entrance.lead_to(console)
        await asyncio.wait_for(page, 10)

    asyncio.run(ask())
    assert (health.paths, console.paths) == (["/health/live"], ["/"])
