"""What happens around every HTTP request: it gets an id, and its time is measured."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import TYPE_CHECKING

from sps.daemon.metrics import HTTP
from sps.lib.context import bound, request_id
from sps.lib.histogram import OTHER
from sps.ports.clock import Ids

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADER = b"x-request-id"


class Requests:
    """Takes the caller's X-Request-ID when it is fit to be repeated, else makes one; says it in the
    answer and in every log line. Counts by route: a path that is none is counted as other. An
    application may say the route in the scope as `sps.route`; an empty one is not counted, since a
    stream that stays open for hours says nothing about speed."""

    def __init__(self, app: ASGIApp, ids: Ids, routes: Collection[str]) -> None:
        self._app = app
        self._ids = ids
        self._routes = frozenset(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = [value for name, value in scope["headers"] if name == _HEADER]
        said = given[0].decode("latin-1") if len(given) == 1 else None
        name = request_id(said) or self._ids.new()
        status, began = "5xx", time.monotonic()

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = f"{message['status'] // 100}xx"
                message["headers"] = [*message.get("headers", ()), (_HEADER, name.encode())]
            await send(message)

        try:
            with bound(request_id=name):
                await self._app(scope, receive, answer)
        finally:
            known = scope["path"] if scope["path"] in self._routes else OTHER
            route = scope.get("sps.route", known)
            if route:
                HTTP.observe(time.monotonic() - began, route, status)
