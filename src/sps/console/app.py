"""The application: guard, routing, decoding, answering. Plain ASGI: nothing passes twice."""

from __future__ import annotations

import asyncio
import inspect
import logging
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from sps.console import decoding, problem, receiving
from sps.console.answers import Answer
from sps.console.guard import Guard, Passed, cookies_of, fresh_nonce, headers, request_id
from sps.console.hub import Hub, TooManyStreams, View
from sps.console.receiving import Refused
from sps.console.registry import SAFE, Registry, Route, Surface
from sps.console.rendering import Rendering
from sps.console.repeating import Repeats
from sps.console.routing import Router
from sps.console.sending import Finished, failed, finished, send_off, start
from sps.console.streaming import pour
from sps.console.visit import Visit
from sps.daemon.place import Place
from sps.lib.context import bound
from sps.lib.threads import in_asked_thread, in_thread
from sps.model.access import Grant
from sps.model.errors import Misuse, SpsError, Stale

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from sps.bootstrap import Wired

_audit = logging.getLogger("sps.audit")
_log = logging.getLogger(__name__)
_WORD = re.compile(r"\{(\w+)(?::path)?\}")
_VERSION = re.compile(r'"?([0-9]{1,18})"?', re.ASCII)


class _Call:
    """One request while it is looked at: what is known of it so far."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.nonce = fresh_nonce()
        self.client = str((scope.get("client") or ("?",))[0])
        self.given: dict[str, str] = {}
        self.route: Route | None = None
        self.grant: Grant | None = None

    @property
    def head(self) -> bool:
        return bool(self.scope["method"] == "HEAD")


class Console:
    """The console as an ASGI application."""

    def __init__(
        self,
        world: Wired,
        registry: Registry,
        hub: Hub,
        *,
        place: Place,
        views: Mapping[str, Callable[[Visit, str], View]],
        draining: Callable[[], bool] = lambda: False,
    ) -> None:
        self._world = world
        self._hub = hub
        self._place = place
        self._guard = Guard(world, place)
        self._router = Router(registry)
        self._rendering = Rendering()
        self._repeats = Repeats(world)
        self._views = views
        self._draining = draining

    @property
    def guard(self) -> Guard:
        return self._guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await _refuse_socket(scope, send)
            return
        call = _Call(scope)
        scope["sps.route"] = "other"
        with bound(peer=call.client):
            await self._called(call, receive, send)

    async def _called(self, call: _Call, receive: Receive, send: Send) -> None:
        try:
            answer = await self._answer(call, receive, send)
        except Refused as refused:
            answer = await self._failed(call, refused.said)
        except SpsError as error:
            answer = await self._failed(call, problem.of(error, request_id()))
        except asyncio.CancelledError:
            raise
        except Exception:  # noqa: BLE001 - one request must not end the daemon; it is logged whole
            _log.exception("request failed", extra={"code": "defect"})
            said = problem.plain(500, "defect", "this is a defect; its log line has the request id",
                                 request_id(), hint="sps logs")  # fmt: skip
            answer = await self._failed(call, said)
        if answer is not None:
            await send_off(send, answer, call.nonce, head=call.head)

    async def _answer(self, call: _Call, receive: Receive, send: Send) -> Finished | None:
        """Return what to answer; None when a stream has answered."""
        call.given = receiving.headers(call.scope)
        stranger = self._guard.stranger(call.given)
        if stranger is not None:
            raise Refused(stranger)
        scope = call.scope
        call.route, words = self._router.find(scope["method"], scope["path"])
        scope["sps.route"] = _WORD.sub(r"_\1_", call.route.path)
        passed = await self._pass(call, call.route, words)
        visit, key = await self._visit(call, receive, passed, words)
        if call.route.surface is Surface.STREAM:
            scope["sps.route"] = ""
            await self._stream(call, visit, receive, send)
            return None
        work = partial(self._done, call, call.route, visit)
        if key is None or call.grant is None:
            return await work()
        return await self._repeats.once(visit, call.route.verb, key, work)

    async def _pass(self, call: _Call, route: Route, words: Mapping[str, str]) -> Passed:
        changes = route.verb not in SAFE
        if changes or route.surface is Surface.STREAM:
            forged = self._guard.forged(route.verb, call.given)
            if forged is not None:
                raise Refused(forged)
        cookies = cookies_of(call.given.get("cookie", ""))
        call.grant = await self._guard.grant(call.given, cookies)
        bearer = "authorization" in call.given
        refused = self._guard.refused(route, words, call.grant, call.client, bearer=bearer)
        if refused is not None:
            raise Refused(refused)
        if changes and self._draining():
            raise Refused(problem.plain(503, "draining", "the daemon is stopping", hint="5"))
        return Passed(
            grant=call.grant, host=call.given.get("host", ""), nonce=call.nonce, cookies=cookies,
            headers=call.given,
        )  # fmt: skip

    async def _visit(
        self, call: _Call, receive: Receive, passed: Passed, words: Mapping[str, str]
    ) -> tuple[Visit, str | None]:
        route = call.route
        assert route is not None
        raw_query = call.scope.get("query_string", b"")
        query = decoding.form(raw_query, route.query or _Nothing)
        given, value, key = dict(passed.headers), None, None
        if route.body is not None:
            body = await receiving.body(receive, given, route)
            key = given.get("idempotency-key") or body.key
            value = _bound(body.value, given.get("if-match"))
        if key:
            given["idempotency-key"] = key
        path = call.scope["path"]
        visit = Visit(
            world=self._world, hub=self._hub, grant=passed.grant, path=words, query=query,
            body=value, nonce=passed.nonce, host=passed.host,
            url=f"{path}?{raw_query.decode('latin-1')}" if raw_query else path,
            cookies=passed.cookies, headers=given, draining=self._draining(), place=self._place,
        )  # fmt: skip
        return visit, key

    async def _done(self, call: _Call, route: Route, visit: Visit) -> Finished:
        """Let the route work, and say so in the audit log when it changed something."""
        if getattr(visit.body, "password", ""):
            # Unlike a launch word it can be guessed, and looking at it is dear.
            held_off = self._guard.held_off(call.client)
            if held_off is not None:
                raise Refused(held_off)
        try:
            answer = await finished(await _handled(route, visit), visit, self._rendering)
        except Misuse as error:
            if error.code in ("launch-refused", "password-refused"):
                self._refuse_guessing(call)
            raise
        except Stale as error:
            said = problem.of(error, request_id())
            raise Refused(await in_thread(_outdated, visit, said)) from error
        if route.role is None and route.verb not in SAFE and answer.status >= 400:
            self._refuse_guessing(call)
        if route.verb not in SAFE and answer.status < 400 and visit.grant is not None:
            detail = {"grant": visit.grant.id, "role": visit.grant.role.value, "verb": route.verb,
                      "target": visit.url.partition("?")[0]}  # fmt: skip
            await in_thread(_audit.info, "changed", extra=detail)
        return answer

    def _refuse_guessing(self, call: _Call) -> None:
        """Count a word that opens nothing; after too many only say that there were too many."""
        said = self._guard.turned_away(call.client)
        if said is not None:
            raise Refused(said)

    async def _stream(self, call: _Call, visit: Visit, receive: Receive, send: Send) -> None:
        name, _, rest = visit.query.view.partition(":")
        maker = self._views.get(name)
        if maker is None:
            raise Misuse("unknown-view", f"there is no view {name[:40]!r}")
        view = await in_asked_thread(maker, visit, rest)
        kind = {"content-type": "text/event-stream; charset=utf-8"}
        head = start(200, {**headers(visit.nonce), **kind})
        if call.head:
            await send(head)
            await send({"type": "http.response.body", "body": b""})
            return
        stream = self._hub.follow(view, visit.headers.get("last-event-id") or visit.query.cursor)
        try:
            first = await anext(stream)
        except TooManyStreams as err:
            says = "too many pages follow live"
            raise Refused(problem.plain(429, "too-many-streams", says, hint="10")) from err
        try:
            await send(head)
            await send({"type": "http.response.body", "body": first, "more_body": True})
            alive = partial(self._guard.alive, visit.who)
            await pour(stream, call.scope, receive, send, alive)
        finally:
            await stream.aclose()  # type: ignore[attr-defined]

    async def _failed(self, call: _Call, said: problem.Problem) -> Finished:
        """Make the answer of an error, in the way the caller speaks."""
        said = msgspec.structs.replace(said, request_id=said.request_id or request_id())
        act = f"{call.scope['method'][:10]} {call.scope['sps.route']}"
        await self._guard.told(act, call.client, said, call.grant)
        for_people = call.route is None or call.route.surface in (Surface.PAGE, Surface.OPEN)
        for_people = for_people and "text/html" in call.given.get("accept", "")
        if not for_people or call.scope["path"].startswith("/api/"):
            return failed(said, page=None)
        try:
            shown = partial(self._rendering.error, remote=self._place.tls)
            page = await in_thread(shown, said, call.nonce, call.given)
        except Exception:  # noqa: BLE001 - whatever a template does, there is an answer
            _log.exception("error page failed", extra={"code": "defect"})
            return failed(said, page=None)
        return failed(said, page=page)


class _Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """No query at all."""


async def _handled(route: Route, visit: Visit) -> Answer:
    """Run a handler: a coroutine in the loop, anything else, which may block, in a thread."""
    if inspect.iscoroutinefunction(route.handler):
        answer: Answer = await route.handler(visit)
        return answer
    return await in_asked_thread(route.handler, visit)  # type: ignore[arg-type]


def _bound(body: Any, match: str | None) -> Any:
    """Bind a change to the version that `If-Match` names. A change that knows no versions is
    refused: it would go through whatever has happened meanwhile."""
    if match is None:
        return body
    if not hasattr(body, "version"):
        raise Refused(problem.plain(422, "no-versions", "this change takes no If-Match"))
    found = _VERSION.fullmatch(match.strip())
    if found is None or body.version not in (None, int(found[1])):
        raise Stale("If-Match names no version of it, or another one than the body")
    return msgspec.structs.replace(body, version=int(found[1]))


def _outdated(visit: Visit, said: problem.Problem) -> problem.Problem:
    """Add to a conflict about a card what the card is now."""
    project, number = visit.path.get("project", ""), visit.path.get("seq", "")
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        return said
    card = visit.world.store.read(lambda tx: tx.card_by_seq(project, int(number)))
    if card is None:
        return said
    fields = msgspec.structs.asdict(said)
    return problem.Outdated(**fields, version=card.version, state=card.state.value)


async def _refuse_socket(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
