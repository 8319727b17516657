"""The server's end of a connection, with bounds: how many there are, how long a request may take to
say what it wants, and an end for readers that take nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 10.0
CONNECTIONS = 512  #: beside the streams, each of which has one
_HEADERS = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"connection", b"close"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


_ONLY_TLS = (b"strict-transport-security", b"max-age=31536000")


def only_tls(app: Any) -> Any:
    """Have every answer of an application say that this host is only to be asked by TLS."""

    async def told(scope: Any, receive: Any, send: Any) -> None:
        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], _ONLY_TLS]}
            await send(message)

        await app(scope, receive, sending)

    return told


class Bounded(H11Protocol):
    """One connection. The application can end it by the extension `sps.cut` of the scope."""

    most: int = CONNECTIONS
    streams: int = 0  #: so many more, since each stream keeps one
    patience: float = HEAD_S

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._given = self.app
        self.app = self._called
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request; one connection too many is ended at once."""
        super().connection_made(transport)
        if len(self.connections) > self.most + self.streams:
            transport.abort()
            return
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take bytes in; a request whose head has begun has to be whole in time."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop()
        elif self._late is None and not self.transport.is_closing():
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the clock."""
        self._stop()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP or has too large a head, with the headers of all answers."""
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.close()  # in the middle of an answer
            return
        text = msg.encode()
        length = [(b"content-length", str(len(text)).encode())]
        head = h11.Response(status_code=400, headers=[*_HEADERS, *length], reason=b"Bad Request")
        for event in (head, h11.Data(data=text), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    async def _called(self, scope: Any, receive: Any, send: Any) -> None:
        scope.setdefault("extensions", {})["sps.cut"] = self.transport.abort
        await self._given(scope, receive, send)

    def _wait(self) -> None:
        self._late = self.loop.call_later(self.patience, self._too_late)

    def _stop(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _too_late(self) -> None:
        self._late = None
        if not self.transport.is_closing():
            self.transport.close()
