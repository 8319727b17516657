"""Taking a request in: its headers and its body, each bounded in size, number and time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from sps.console import decoding, problem
from sps.console.registry import Route, Surface

if TYPE_CHECKING:
    from starlette.types import Receive, Scope

BODY_S = 10.0
HEADERS = 100
KEY_FIELD = "idempotency_key"
_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
# Two of these are two opinions about one question; whoever stands between us may hold the other.
_ONCE = (
    "authorization", "content-length", "content-type", "cookie", "host", "idempotency-key",
    "if-match", "last-event-id", "origin", "sec-fetch-site", "transfer-encoding",
)  # fmt: skip


class Refused(Exception):
    """A request that goes no further."""

    def __init__(self, said: problem.Problem) -> None:
        super().__init__(said.code)
        self.said = said


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What was sent: the value of the route's type, and the key that a form named for it."""

    value: Any
    key: str | None = None


def headers(scope: Scope) -> dict[str, str]:
    """Return the headers. Raises `Refused` for too many, for doubles, and for an upgrade."""
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    found = dict(pairs)
    if len(pairs) > HEADERS:
        says = f"a request has at most {HEADERS} headers"
        raise Refused(problem.plain(431, "too-many-headers", says))
    for name in _ONCE:
        if name in found and sum(one == name for one, _ in pairs) > 1:
            code, status = ("wrong-host", 421) if name == "host" else ("double-header", 400)
            raise Refused(problem.plain(status, code, f"the header {name} stands twice"))
    if "websocket" in found.get("upgrade", "").lower():
        raise Refused(problem.plain(400, "no-websocket", "this console has no WebSocket"))
    return found


async def body(receive: Receive, given: Mapping[str, str], route: Route) -> Body:
    """Read and decode a body. Raises `Refused`, `Misuse("bad-field")`, `Misuse("bad-json")`."""
    assert route.body is not None
    if given.get("content-encoding", "identity").lower() != "identity":
        raise Refused(problem.plain(415, "content-type", "a body is sent as it is, not packed"))
    length = given.get("content-length", "0")
    if not length.isascii() or not length.isdigit() or int(length[:20]) > decoding.BODY_LIMIT:
        raise _too_large()
    raw = await _read(receive)
    kind = given.get("content-type", "").partition(";")[0].strip().lower()
    if kind == _JSON:
        return Body(value=decoding.document(raw, route.body))
    if kind == _FORM and route.surface is not Surface.API:
        return _form(raw, route)
    if not raw and not kind:
        return Body(value=decoding.typed({}, route.body, strict=True))
    wanted = _JSON if route.surface is Surface.API else f"{_FORM} or {_JSON}"
    raise Refused(problem.plain(415, "content-type", f"the body has to be {wanted}"))


def _form(raw: bytes, route: Route) -> Body:
    assert route.body is not None
    fields = decoding.fields(raw)
    keys = [value for name, value in fields if name == KEY_FIELD]
    rest = [(name, value) for name, value in fields if name != KEY_FIELD]
    return Body(value=decoding.shaped(rest, route.body), key=keys[0] if keys else None)


async def _read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Refused(problem.plain(400, "cut-off", "the request ended early"))
                part = message.get("body", b"")
                size += len(part)
                if size > decoding.BODY_LIMIT:
                    raise _too_large()
                parts.append(part)
                if not message.get("more_body"):
                    return b"".join(parts)
    except TimeoutError as err:
        raise Refused(problem.plain(408, "too-slow", f"no body within {BODY_S:g} s")) from err


def _too_large() -> Refused:
    says = f"a body has at most {decoding.BODY_LIMIT} bytes"
    return Refused(problem.plain(413, "too-large", says))
