"""The head of a request to the proxy: where it wants to go, and what to say there."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from sps.model.destination import Destination, destination

_MOST = 64 * 1024  # bytes of a head
_LINE = re.compile(rb"([A-Z]{1,20}) ([\x21-\x7e]{1,16384}) HTTP/1\.([01])")
_PLAIN = re.compile(rb"http://([^/?#]+)(/[^#]*|\?[^#]*)?(?:#.*)?", re.IGNORECASE)
_HOP = (b"connection:", b"proxy-connection:", b"proxy-authorization:", b"keep-alive:")


class Unreadable(Exception):
    """Not a request that a proxy can carry out."""


@dataclass(frozen=True)
class Request:
    """`head` is what to send on, empty for a tunnel."""

    place: Destination
    head: bytes


async def read_request(reader: asyncio.StreamReader) -> Request:
    """Read one head. Raises `Unreadable`, also for one that is cut off or too long."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as err:
        raise Unreadable("the request's head is cut off or too long") from err
    if len(raw) > _MOST:
        raise Unreadable("the request's head is too long")
    first, *lines = raw[:-4].split(b"\r\n")
    match = _LINE.fullmatch(first)
    if match is None:
        raise Unreadable("this is no request to a proxy")
    method, target, version = match.groups()
    if method == b"CONNECT":
        return Request(_place(target, None), b"")
    plain = _PLAIN.fullmatch(target)
    if plain is None:
        raise Unreadable("only CONNECT and http:// addresses are carried out")
    path = plain[2] or b"/"
    path = path if path.startswith(b"/") else b"/" + path
    return Request(_place(plain[1], 80), _onward(method, path, version, plain[1], lines))


def _place(authority: bytes, port: int | None) -> Destination:
    found = destination(authority.decode("ascii", errors="replace"), port=port)
    if found is None:
        raise Unreadable("the request names no host and port")
    return found


def _onward(
    method: bytes, path: bytes, version: bytes, authority: bytes, lines: list[bytes]
) -> bytes:
    """Return the head for the far side. One request per connection: the next one may want to go
    elsewhere and is looked at again. The name it goes to is the one that was judged."""
    kept = [line for line in lines if not line.lower().startswith((*_HOP, b"host:"))]
    first = b"%s %s HTTP/1.%s" % (method, path, version)
    return b"\r\n".join([first, b"Host: " + authority, *kept, b"Connection: close", b"", b""])
