"""`/health/live`, `/health/ready` and `/metrics`."""

from __future__ import annotations

import contextlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from sps.daemon.metrics import exposition
from sps.daemon.place import Place
from sps.daemon.readiness import Readiness
from sps.daemon.requests import Requests
from sps.lib import atomic
from sps.lib.threads import in_thread
from sps.ports.world import World

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

_HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


class HostGuard:
    """Refuses every request whose Host is not one of our own names with our own port, before any
    route is looked at: a page of another site cannot reach us by renaming itself to our address."""

    def __init__(self, app: ASGIApp, place: Place) -> None:
        self._app = app
        self._hosts = {host.encode() for host in place.hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._ours(scope):
            from starlette.responses import PlainTextResponse

            refused = PlainTextResponse("wrong host\n", 421, headers=_HEADERS)
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _ours(self, scope: Scope) -> bool:
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        return len(hosts) == 1 and hosts[0] in self._hosts


def make_token(world: World) -> str:
    """Return the token for `/metrics`, making it at first; only its owner can read the file."""
    path = world.home.token
    with contextlib.suppress(FileExistsError):  # made by an earlier start
        atomic.create(path, secrets.token_urlsafe(32).encode())
    return path.read_text().strip()


def health_app(
    world: World,
    draining: Callable[[], bool],
    place: Place,
    failing: Callable[[], str | None] = lambda: None,
) -> ASGIApp:
    """Make the application. `draining` says that the process is on its way out, `failing` the code
    of what keeps it from working."""
    from starlette.applications import Starlette
    from starlette.routing import Route

    routes = [
        Route("/health/live", _live),
        Route("/health/ready", _ready(world, draining, failing)),
        Route("/metrics", _metrics(world, make_token(world))),
    ]
    app: Starlette = Starlette(routes=routes)
    return Requests(HostGuard(app, place), world.ids, [route.path for route in routes])


async def _live(_: Request) -> Response:
    from starlette.responses import PlainTextResponse

    return PlainTextResponse("live\n", headers=_HEADERS)


def _ready(
    world: World, draining: Callable[[], bool], failing: Callable[[], str | None]
) -> Callable[[Request], Awaitable[Response]]:
    readiness = Readiness(world, draining)

    async def ready(_: Request) -> Response:
        from starlette.responses import JSONResponse

        code = await readiness.trouble() or failing()
        body = {"ready": code is None, "code": code}
        return JSONResponse(body, 200 if code is None else 503, headers=_HEADERS)

    return ready


def _metrics(world: World, token: str) -> Callable[[Request], Awaitable[Response]]:
    async def metrics(request: Request) -> Response:
        from starlette.responses import PlainTextResponse

        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), token.encode()):
            return PlainTextResponse("a token is needed\n", 401, headers=_HEADERS)
        text = await in_thread(exposition, world)
        return PlainTextResponse(text, headers=_HEADERS)

    return metrics
