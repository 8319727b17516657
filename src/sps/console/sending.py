"""Answers into bytes and headers, whole before the first of them goes out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from sps.console import problem
from sps.console.answers import Answer, Document, Moved, Page, Raw
from sps.console.guard import headers
from sps.console.rendering import Rendering
from sps.console.visit import Visit
from sps.lib.threads import in_asked_thread

if TYPE_CHECKING:
    from starlette.types import Message, Send

_JSON = "application/json"
_TEXT = "text/plain; charset=utf-8"
_HTML = "text/html; charset=utf-8"
_SESSION_S = 7 * 24 * 3600
_TASTE_S = 365 * 24 * 3600
_TASTES = ("sps_theme", "sps_language", "sps_density", "sps_motion", "sps_keys")


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """An answer as it goes out. `once`: it holds what is not to be kept."""

    status: int
    kind: str
    body: bytes
    headers: dict[str, str] = {}
    cookies: list[str] = []
    once: bool = False


async def finished(answer: Answer, visit: Visit, rendering: Rendering) -> Finished:
    """Make the bytes of an answer."""
    match answer:
        case Page():
            body = await in_asked_thread(rendering.page, answer, visit)
            return Finished(status=answer.status, kind=_HTML, body=body, once=True)
        case Document():
            return _document(answer, visit)
        case Moved():
            tls = visit.place.tls
            cookies = [_cookie(*pair, tls=tls) for pair in answer.cookies.items()]
            to = {"location": local(answer.to)}
            return Finished(status=303, kind=_TEXT, body=b"", headers=to, cookies=cookies,
                            once=not set(answer.cookies) <= set(_TASTES))  # fmt: skip
        case Raw():
            return Finished(status=answer.status, kind=answer.kind, body=answer.content,
                            headers=dict(answer.headers))  # fmt: skip


def failed(said: problem.Problem, *, page: bytes | None) -> Finished:
    """Make the answer of an error: the page that was rendered for it, or a document."""
    more: dict[str, str] = {}
    if said.status in (429, 503) and said.next.isdigit():
        more["retry-after"] = said.next
    if said.status == 401:
        more["www-authenticate"] = "Bearer"
    if said.status == 405:
        more["allow"] = said.next
    if page is not None:
        return Finished(status=said.status, kind=_HTML, body=page, headers=more)
    body = msgspec.json.encode(said)
    return Finished(status=said.status, kind=problem.KIND, body=body, headers=more)


async def send_off(send: Send, answer: Finished, nonce: str, *, head: bool) -> None:
    """Send an answer; `head`: without its body."""
    fixed = headers(nonce) | {"content-type": answer.kind, **answer.headers}
    if answer.status not in (204, 304):
        fixed["content-length"] = str(len(answer.body))
    await send(start(answer.status, fixed, answer.cookies))
    await send({"type": "http.response.body", "body": b"" if head else answer.body})


def start(status: int, given: Mapping[str, str], cookies: list[str] | None = None) -> Message:
    """Return the first message of an answer."""
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in given.items()]
    pairs += [(b"set-cookie", cookie.encode("latin-1")) for cookie in cookies or ()]
    return {"type": "http.response.start", "status": status, "headers": pairs}


def local(to: str) -> str:
    """Return a path of this console as it may stand in Location. Raises `ValueError` for anything
    that could lead elsewhere: a handler that answers with it has a defect."""
    if not to.startswith("/") or to[1:2] in ("/", "\\") or not to.isprintable():
        raise ValueError("a redirect leads to a path of this console")
    return quote(to, safe="/?#[]@!$&'()*+,;=%-._~:")


def _document(answer: Document, visit: Visit) -> Finished:
    body = msgspec.json.encode(answer.value)
    if answer.version is not None:
        etag = f'"{answer.version}"'
    else:
        etag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
    known = [one.strip() for one in visit.headers.get("if-none-match", "").split(",")]
    if answer.status == 200 and etag in known:
        return Finished(status=304, kind=_JSON, body=b"", headers={"etag": etag})
    return Finished(status=answer.status, kind=_JSON, body=body, headers={"etag": etag},
                    once=answer.secret)  # fmt: skip


def _cookie(name: str, value: str, *, tls: bool) -> str:
    kept = "" if name in _TASTES else "HttpOnly; "
    lasts = _TASTE_S if name in _TASTES else _SESSION_S
    kept += "Secure; " if tls else ""
    return f"{name}={value}; Path=/; {kept}SameSite=Strict; Max-Age={lasts if value else 0}"
