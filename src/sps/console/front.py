"""The console in front of the daemon: one address for pages, documents, streams and health."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import resource
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from sps.console.app import Console
from sps.console.hub import Hub
from sps.console.pages import (
    api,
    board,
    card,
    card_acts,
    card_changes,
    card_gates,
    card_run,
    card_split,
    card_timeline,
    door,
    frame,
    health,
    live,
    logs,
    needs,
    palette,
    peek,
    pipeline,
    project,
    projects,
    review,
    settings,
    skill_update,
    skills,
    views,
    workers,
)
from sps.console.registry import Registry
from sps.console.sampling import sampler
from sps.daemon.place import Place
from sps.daemon.requests import Requests
from sps.services.settings import number

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from sps.bootstrap import Wired

_OTHER_FILES = 1024
_log = logging.getLogger(__name__)
_HEALTH = ("/health/live", "/health/ready", "/metrics")
_CARD = (card, card_acts, card_split, card_run, card_changes, card_gates, card_timeline)
_PROJECTS = (projects, project, pipeline)
_SYSTEM = (review, workers, skills, skill_update, logs, health)
_PAGES = (
    door,
    frame,
    needs,
    board,
    peek,
    views,
    *_CARD,
    *_PROJECTS,
    *_SYSTEM,
    settings,
    palette,
    live,
)


def registry() -> Registry:
    """Collect the routes of all pages. Raises `ValueError` for one that does not say what it is."""
    made = Registry()
    for page in _PAGES:
        made.extend(page.ROUTES)
    made.extend(api.routes(made))
    return made


def front(
    world: Wired, health: ASGIApp, place: Place, draining: Callable[[], bool]
) -> tuple[ASGIApp, contextlib.AbstractAsyncContextManager[None]]:
    """Return the application and what has to run beside it."""
    from sps.daemon.wire import Bounded

    most = Bounded.streams = clients(world)
    hub = Hub(world, most=most)
    views = {**live.VIEWS, **board.VIEWS, **logs.VIEWS}
    console = Console(world, registry(), hub, place=place, views=views, draining=draining)
    known = Requests(console, world.ids, ())

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        machine = scope["type"] == "http" and scope["path"] in _HEALTH
        # A scraper shows the home's own token; anybody else reads the figures as a visitor.
        if machine and (scope["path"] != "/metrics" or _scraper(world, scope)):
            await health(scope, receive, send)
            return
        await known(scope, receive, send)

    return app, _following(world, hub)


def clients(world: Wired) -> int:
    """Return how many streams are served at a time: the setting `console.streams`. For many of them
    the limit of open files is raised as far as it may be."""
    most = number(world, "console.streams")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(most + _OTHER_FILES, hard) if hard != resource.RLIM_INFINITY else most + 1024
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return most


def _scraper(world: Wired, scope: Scope) -> bool:
    given = next((v for k, v in scope["headers"] if k == b"authorization"), b"")
    try:
        token = world.home.token.read_bytes().strip()
    except FileNotFoundError:
        return False
    return hmac.compare_digest(given.removeprefix(b"Bearer "), token)


@contextlib.asynccontextmanager
async def _following(world: Wired, hub: Hub) -> AsyncIterator[None]:
    world.store.observe(hub.poke)
    work = {
        "event stream": asyncio.create_task(hub.run()),
        "sampling": asyncio.create_task(sampler(world).run(world, hub)),
    }
    try:
        yield
    finally:
        hub.close()
        for task in work.values():
            task.cancel()
        ended = await asyncio.gather(*work.values(), return_exceptions=True)
        for name, end in zip(work, ended, strict=True):
            if isinstance(end, Exception):
                _log.error("%s broke", name, exc_info=end, extra={"code": "defect"})
