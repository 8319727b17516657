"""One who asks the console over a socket of his own, well or badly, with or without a session."""

from __future__ import annotations

import contextlib
import re
import socket
import time
from collections.abc import Iterator

from sps.bootstrap import Wired
from sps.daemon.metrics import SSE_CLIENTS
from sps.model.access import GrantKind, Role
from sps.model.event import Event, EventKind
from sps.ports.store import Writing
from sps.services import access

PATIENCE_S = 10.0


def dial(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)


def heard(line: socket.socket) -> bytes:
    """Return all that is said until the other end closes."""
    parts = []
    with contextlib.suppress(ConnectionError):
        while part := line.recv(65536):
            parts.append(part)
    return b"".join(parts)


def said(port: int, raw: bytes) -> bytes:
    with dial(port) as line:
        with contextlib.suppress(ConnectionError):
            line.sendall(raw)
        return heard(line)


def status(port: int, raw: bytes) -> bytes:
    """Return the status of an answer whose connection may stay open."""
    with dial(port) as line:
        line.sendall(raw)
        return line.recv(12).removeprefix(b"HTTP/1.1 ")


def head(port: int, *lines: str, verb: str = "GET", path: str = "/sign-in") -> bytes:
    first = (f"{verb} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close")
    return "\r\n".join([*first, *lines, "", ""]).encode()


def signed_in(world: Wired, port: int) -> str:
    """Return the header that carries a session of the owner, as every page's request does."""
    word, _ = access.grant(world, GrantKind.LAUNCH, Role.ADMIN, "test")
    body = f"code={word}".encode()
    lines = (f"Origin: http://127.0.0.1:{port}", f"Content-Length: {len(body)}",
             "Content-Type: application/x-www-form-urlencoded")  # fmt: skip
    answer = said(port, head(port, *lines, verb="POST") + body)
    found = re.search(rb"set-cookie: ([^;]+);", answer)
    assert found is not None, answer
    return f"Cookie: {found[1].decode()}"


def handshake(port: int, *lines: str) -> bytes:
    """What a browser sends for `new WebSocket(…)` in a page of another site: the session comes
    along, and no look at the answer holds it back."""
    upgrade = ("Upgrade: websocket", "Sec-WebSocket-Version: 13", "Origin: http://evil.example",
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")  # fmt: skip
    raw = head(port, *lines, *upgrade, path="/events?view=all&cursor=0")
    return raw.replace(b"Connection: close", b"Connection: Upgrade")


def body_that_stalls(port: int, session: str) -> bytes:
    """A change whose body is announced and never comes whole."""
    lines = (session, "Content-Type: application/json", "Content-Length: 30",
             f"Origin: http://127.0.0.1:{port}")  # fmt: skip
    raw = head(port, *lines, verb="POST", path="/api/v1/projects/demo/cards")
    return raw.replace(b"Connection: close\r\n", b"") + b'{"title'


@contextlib.contextmanager
def reader_that_takes_nothing(world: Wired, port: int, session: str) -> Iterator[None]:
    """Follow a stream, read its head, and then nothing of the much that it has to say."""
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(PATIENCE_S)
        line.connect(("127.0.0.1", port))
        line.sendall(head(port, session, path="/events?view=all"))
        assert line.recv(12) == b"HTTP/1.1 200"
        event = Event(
            project="demo", kind=EventKind.PROJECT_RESUMED, at=1, payload={"why": "x" * 2_000}
        )

        def much(tx: Writing) -> None:
            for _ in range(400):
                tx.add_event(event)

        for _ in range(12):
            world.store.write(much)
        yield


def streams_end(within: float) -> bool:
    """Whether no stream is open any more, or none is in time."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if next(SSE_CLIENTS.samples())[2] == 0:
            return True
        time.sleep(0.02)
    return False
