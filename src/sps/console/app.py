"""The application: guard, routing, decoding, answering. Plain ASGI, so that nothing passes twice."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from sps.console import decoding, problem
from sps.console.answers import Answer, Document, Moved, Page, Raw
from sps.console.guard import (
    Guard,
    Passed,
    cookies_of,
    fresh_nonce,
    headers,
    headers_of,
    request_id,
)
from sps.console.hub import Hub, TooManyStreams, View
from sps.console.registry import SAFE, Registry, Route, Surface
from sps.console.rendering import Rendering
from sps.console.routing import Router
from sps.console.visit import Visit
from sps.lib.threads import in_thread
from sps.model.errors import Misuse, SpsError

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from sps.bootstrap import Wired

_log = logging.getLogger(__name__)
_BODY_S = 10.0
_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"


class _Refused(Exception):
    def __init__(self, said: problem.Problem) -> None:
        super().__init__(said.code)
        self.said = said


class Console:
    """The console as an ASGI application."""

    def __init__(
        self,
        world: Wired,
        registry: Registry,
        hub: Hub,
        *,
        port: Callable[[], int],
        views: Mapping[str, Callable[[Visit, str], View]],
        draining: Callable[[], bool] = lambda: False,
    ) -> None:
        self._world = world
        self._hub = hub
        self._guard = Guard(world, port)
        self._router = Router(registry)
        self._rendering = Rendering()
        self._views = views
        self._draining = draining

    @property
    def guard(self) -> Guard:
        return self._guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await _refuse_socket(scope, send)
            return
        nonce = fresh_nonce()
        given, hosts = headers_of(scope)
        route: Route | None = None
        try:
            stranger = self._guard.stranger(given, hosts)
            if stranger is not None:
                raise _Refused(stranger)
            route, words = self._router.find(scope["method"], scope["path"])
            passed = await self._pass(scope, route, given, nonce)
            visit = await self._visit(scope, receive, route, passed, words)
            if route.surface is Surface.STREAM:
                await self._stream(visit, send)
                return
            answer = await _handled(route, visit)
        except _Refused as refused:
            await self._fail(scope, send, route, refused.said, nonce)
            return
        except SpsError as error:
            await self._fail(scope, send, route, problem.of(error, request_id()), nonce)
            return
        except asyncio.CancelledError:
            raise
        except Exception:
            _log.exception("request failed", extra={"code": "defect"})
            said = problem.plain(500, "defect", "this is a defect; its log line has the request id",
                                 request_id(), hint="sps logs")  # fmt: skip
            await self._fail(scope, send, route, said, nonce)
            return
        await self._answer(send, scope, answer, visit)

    async def _pass(
        self, scope: Scope, route: Route, given: Mapping[str, str], nonce: str
    ) -> Passed:
        forged = None
        if route.verb not in SAFE or route.surface is Surface.STREAM:
            forged = self._guard.forged(route.verb, given)
        cookies = cookies_of(given.get("cookie", ""))
        grant = await self._guard.grant(given, cookies)
        client = (scope.get("client") or ("?",))[0]
        refused = self._guard.refused(route, grant, client)
        if forged is not None or refused is not None:
            raise _Refused(forged or refused)  # type: ignore[arg-type]
        return Passed(
            grant=grant, host=given.get("host", ""), nonce=nonce, cookies=cookies, headers=given
        )

    async def _visit(
        self, scope: Scope, receive: Receive, route: Route, passed: Passed, words: Mapping[str, str]
    ) -> Visit:
        raw_query = scope.get("query_string", b"")
        query = decoding.form(raw_query, route.query or _Nothing)
        body = None
        if route.body is not None:
            raw = await _read(receive)
            body = _body(raw, passed.headers.get("content-type", ""), route)
        path = scope["path"]
        return Visit(
            world=self._world, hub=self._hub, grant=passed.grant, path=words, query=query,
            body=body, nonce=passed.nonce, host=passed.host,
            url=f"{path}?{raw_query.decode('latin-1')}" if raw_query else path,
            cookies=passed.cookies, headers=passed.headers, draining=self._draining(),
        )  # fmt: skip

    async def _stream(self, visit: Visit, send: Send) -> None:
        name, _, rest = visit.query.view.partition(":")
        maker = self._views.get(name)
        if maker is None:
            raise Misuse("unknown-view", f"there is no view {name[:40]!r}")
        view = maker(visit, rest)
        cursor = _cursor(visit.headers.get("last-event-id"), visit.query.cursor)
        stream = self._hub.follow(view, cursor)
        try:
            first = await anext(stream)
        except TooManyStreams as err:
            raise _Refused(
                problem.plain(503, "too-many-streams", "too many pages follow live", hint="10")
            ) from err
        kind = {"content-type": "text/event-stream; charset=utf-8"}
        await send(_start(200, {**headers(visit.nonce), **kind}))
        try:
            await send({"type": "http.response.body", "body": first, "more_body": True})
            async for message in stream:
                await send({"type": "http.response.body", "body": message, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            await stream.aclose()  # type: ignore[attr-defined]

    async def _answer(self, send: Send, scope: Scope, answer: Answer, visit: Visit) -> None:
        extra: list[tuple[str, str]] = []
        body, status, kind = b"", 204, "text/plain; charset=utf-8"
        match answer:
            case Page():
                body = await in_thread(self._rendering.page, answer, visit)
                status, kind = answer.status, "text/html; charset=utf-8"
            case Document():
                body, status, kind = msgspec.json.encode(answer.value), answer.status, _JSON
                extra = _etag(answer, body)
                if visit.headers.get("if-none-match") == dict(extra)["etag"] and status == 200:
                    body, status = b"", 304
            case Moved():
                body, status, kind = b"", 303, "text/plain; charset=utf-8"
                extra = [("location", answer.to)]
                extra += [("set-cookie", _cookie(*pair)) for pair in answer.cookies.items()]
            case Raw():
                body, status, kind = answer.content, answer.status, answer.kind
                extra = list(answer.headers.items())
        fixed = headers(visit.nonce) | {"content-type": kind, "content-length": str(len(body))}
        fixed |= {name: value for name, value in extra if name != "set-cookie"}
        cookies = [value for name, value in extra if name == "set-cookie"]
        await send(_start(status, fixed, cookies))
        shown = b"" if scope["method"] == "HEAD" else body
        await send({"type": "http.response.body", "body": shown})

    async def _fail(
        self, scope: Scope, send: Send, route: Route | None, said: problem.Problem, nonce: str
    ) -> None:
        """Answer with an error in the way the caller speaks."""
        said = msgspec.structs.replace(said, request_id=said.request_id or request_id())
        given, _ = headers_of(scope)
        for_people = route is None or route.surface in (Surface.PAGE, Surface.OPEN)
        for_people = for_people and "text/html" in given.get("accept", "")
        if for_people and not scope["path"].startswith("/api/"):
            body = await in_thread(self._rendering.error, said, nonce, given)
            kind = "text/html; charset=utf-8"
        else:
            body, kind = msgspec.json.encode(said), problem.KIND
        fixed = headers(nonce) | {"content-type": kind, "content-length": str(len(body))}
        if said.status in (429, 503) and said.next.isdigit():
            fixed["retry-after"] = said.next
        if said.status == 401:
            fixed["www-authenticate"] = "Bearer"
        if said.status == 405:
            fixed["allow"] = said.next
        await send(_start(said.status, fixed))
        await send(
            {"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body}
        )


class _Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """No query at all."""


async def _handled(route: Route, visit: Visit) -> Answer:
    """Run a handler: a coroutine in the loop, anything else, which may block, in a thread."""
    if inspect.iscoroutinefunction(route.handler):
        answer: Answer = await route.handler(visit)
        return answer
    return await in_thread(route.handler, visit)  # type: ignore[arg-type]


async def _read(receive: Receive) -> bytes:
    """Read a body, bounded in size and time. Raises `_Refused`."""
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(_BODY_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _Refused(problem.plain(400, "cut-off", "the request ended early"))
                part = message.get("body", b"")
                size += len(part)
                if size > decoding.BODY_LIMIT:
                    says = f"a body has at most {decoding.BODY_LIMIT} bytes"
                    raise _Refused(problem.plain(413, "too-large", says))
                parts.append(part)
                if not message.get("more_body"):
                    return b"".join(parts)
    except TimeoutError as err:
        raise _Refused(problem.plain(408, "too-slow", f"no body within {_BODY_S:g} s")) from err


def _body(raw: bytes, content_type: str, route: Route) -> Any:
    kind = content_type.partition(";")[0].strip().lower()
    assert route.body is not None
    if kind == _JSON:
        return decoding.document(raw, route.body)
    if kind == _FORM and route.surface is not Surface.API:
        return decoding.form(raw, route.body)
    if not raw and not kind:
        return decoding.typed({}, route.body, strict=True)
    wanted = _JSON if route.surface is Surface.API else f"{_FORM} or {_JSON}"
    raise _Refused(problem.plain(415, "content-type", f"the body has to be {wanted}"))


def _cursor(last: str | None, asked: int | None) -> int | None:
    if last is not None and last.isascii() and last.isdigit() and len(last) < 19:
        return int(last)
    return asked


def _etag(answer: Document, body: bytes) -> list[tuple[str, str]]:
    if answer.version is not None:
        return [("etag", f'"{answer.version}"')]
    return [("etag", f'W/"{hashlib.sha256(body).hexdigest()[:20]}"')]


def _cookie(name: str, value: str) -> str:
    kept = "HttpOnly; " if not name.startswith(("sps_theme", "sps_language")) else ""
    age = "Max-Age=2592000" if value else "Max-Age=0"
    return f"{name}={value}; Path=/; {kept}SameSite=Strict; {age}"


def _start(status: int, given: Mapping[str, str], cookies: list[str] | None = None) -> Message:
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in given.items()]
    pairs += [(b"set-cookie", cookie.encode("latin-1")) for cookie in cookies or ()]
    return {"type": "http.response.start", "status": status, "headers": pairs}


async def _refuse_socket(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
