"""The console in front of the daemon: one address for pages, documents, streams and health."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from sps.console.app import Console
from sps.console.hub import Hub
from sps.console.pages import (
    board,
    card,
    card_acts,
    card_changes,
    card_gates,
    card_run,
    card_timeline,
    door,
    live,
    needs,
)
from sps.console.registry import Registry

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from sps.bootstrap import Wired

_log = logging.getLogger(__name__)
_HEALTH = ("/health/live", "/health/ready", "/metrics")
_CARD = (card, card_acts, card_run, card_changes, card_gates, card_timeline)
_PAGES = (door, needs, board, *_CARD, live)


def registry() -> Registry:
    """Collect the routes of all pages. Raises `ValueError` for one that does not say what it is."""
    made = Registry()
    for page in _PAGES:
        made.extend(page.ROUTES)
    return made


def front(
    world: Wired, health: ASGIApp, port: Callable[[], int], draining: Callable[[], bool]
) -> tuple[ASGIApp, contextlib.AbstractAsyncContextManager[None]]:
    """Return the application and what has to run beside it."""
    hub = Hub(world)
    views = {**live.VIEWS, **board.VIEWS}
    console = Console(world, registry(), hub, port=port, views=views, draining=draining)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in _HEALTH:
            await health(scope, receive, send)
            return
        await console(scope, receive, send)

    return app, _following(world, hub)


@contextlib.asynccontextmanager
async def _following(world: Wired, hub: Hub) -> AsyncIterator[None]:
    world.store.observe(hub.poke)
    task = asyncio.create_task(hub.run())
    try:
        yield
    finally:
        hub.close()
        task.cancel()
        ended = (await asyncio.gather(task, return_exceptions=True))[0]
        if isinstance(ended, Exception):
            _log.error("event stream broke", exc_info=ended, extra={"code": "defect"})
