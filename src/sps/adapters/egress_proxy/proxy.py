"""The host side of a box's way out."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from sps.adapters.egress_proxy.allowed import Allowed, Refused
from sps.adapters.egress_proxy.carrier import Carrier, Serve
from sps.adapters.egress_proxy.limits import EgressLimits
from sps.adapters.egress_proxy.request import Unreadable, read_request
from sps.model.destination import Destination
from sps.ports.egress import Outlet, Refusal, Traffic
from sps.ports.sandbox import Relay

_PORTS = (3128, 3129)  # of the proxy in the box; the second where a listed place has the first
_LOWEST = 1024  # a box may not listen below
_HEAD = 64 * 1024
_MOST_HOSTS = 50  # different hosts of whose refusal is told
_HERE = "localhost,127.0.0.1,::1"

_Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]


class ProxyEgress:
    """A proxy per box, behind a unix socket that only this user can open."""

    def __init__(self, limits: EgressLimits = EgressLimits()) -> None:  # noqa: B008 - frozen
        self._limits = limits

    @asynccontextmanager
    async def open(
        self, allow: Sequence[Destination], refused: Callable[[Refusal], None]
    ) -> AsyncIterator[Outlet]:
        """As the port says."""
        if not allow:
            yield Outlet()
            return
        # Not below a run's folder: a socket's path may have 100 bytes only.
        folder = tempfile.mkdtemp(prefix="sps-")
        carrier = Carrier(self._limits)
        watch = _Watch(Allowed(allow), carrier, self._limits, refused)
        try:
            async with AsyncExitStack() as servers:
                servers.push_async_callback(carrier.end)
                relays = [
                    await _serve(servers, folder, place.port, watch.direct(place))
                    for place in _here(allow)
                ]
                taken = {relay.port for relay in relays}
                port = next(port for port in _PORTS if port not in taken)
                relays.append(await _serve(servers, folder, port, watch.proxy))
                yield Outlet(relays=tuple(relays), env=_environment(port), traffic=watch.traffic)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _here(allow: Sequence[Destination]) -> list[Destination]:
    """Return the listed places on this machine, one per port, which a box can have at the same
    address: programs do not ask a proxy for their own machine."""
    by_port = {place.port: place for place in allow if place.is_loopback and place.port >= _LOWEST}
    return list(by_port.values())


async def _serve(servers: AsyncExitStack, folder: str, port: int, serve: _Serve) -> Relay:
    path = os.path.join(folder, str(port))
    server = await asyncio.start_unix_server(serve, path, limit=_HEAD)
    servers.callback(server.close)
    return Relay(socket=path, port=port)


def _environment(port: int) -> dict[str, str]:
    proxy = f"http://127.0.0.1:{port}"
    names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    return {
        **{name: proxy for upper in names for name in (upper, upper.lower())},
        "NO_PROXY": _HERE,
        "no_proxy": _HERE,
        "NODE_USE_ENV_PROXY": "1",  # Node's own fetch looks at the others only then
    }


class _Watch:
    """Decides on each connection of one box."""

    def __init__(
        self,
        allowed: Allowed,
        carrier: Carrier,
        limits: EgressLimits,
        refused: Callable[[Refusal], None],
    ) -> None:
        self._allowed = allowed
        self._carrier = carrier
        self._limits = limits
        self._refused = refused
        self._told: set[str] = set()
        self._reached = False
        self._in_vain: dict[Destination, str] = {}  # to why; empty: it was refused

    def traffic(self) -> Traffic:
        """Return what came of the connections so far."""
        return Traffic(
            reached=self._reached,
            refused=tuple(str(place) for place, why in self._in_vain.items() if not why),
            silent={str(place): why for place, why in self._in_vain.items() if why},
        )

    def direct(self, place: Destination) -> _Serve:
        """Return what joins a connection to exactly this place."""

        def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._begin(writer, lambda: self._join(reader, writer, place, b""))

        return serve

    def proxy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry out one request to the proxy."""
        self._begin(writer, lambda: self._carry_out(reader, writer))

    def _begin(self, writer: asyncio.StreamWriter, serve: Serve) -> None:
        if not self._carrier.begin(writer, serve):
            self._tell("", 0, "limit")

    async def _carry_out(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(self._limits.head):
                request = await read_request(reader)
        except (Unreadable, TimeoutError) as err:
            await _answer(writer, "400 Bad Request", str(err) or "the request took too long")
            return
        await self._join(reader, writer, request.place, request.head, proxied=True)

    async def _join(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        place: Destination,
        head: bytes,
        *,
        proxied: bool = False,
    ) -> None:
        try:
            async with asyncio.timeout(self._limits.connect):
                addresses = await self._allowed.addresses(place)
                far = await _connect(addresses, place.port)
        except Refused as err:
            self._tell(place.host, place.port, err.rule)
            self._miss(place, "")
            if proxied:
                await _answer(writer, "403 Forbidden", str(err))
            return
        except OSError as err:  # TimeoutError is one
            says = _why(err)
            self._miss(place, says)
            if proxied:
                await _answer(writer, "502 Bad Gateway", f"{place} could not be reached: {says}")
            return
        self._reached = True
        self._in_vain.pop(place, None)
        if proxied and not head:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        far[1].write(head)
        if not await self._carrier.carry((reader, writer), far):
            self._tell(place.host, place.port, "limit")

    def _miss(self, place: Destination, why: str) -> None:
        if place in self._in_vain or len(self._in_vain) < _MOST_HOSTS:
            self._in_vain[place] = why

    def _tell(self, host: str, port: int, rule: str) -> None:
        if host in self._told or len(self._told) >= _MOST_HOSTS:
            return
        self._told.add(host)
        self._refused(Refusal(host=host, port=port, rule=rule))


def _why(err: OSError) -> str:
    """Return the system's word for it: that of asyncio says the address once more."""
    if err.errno is not None and err.errno > 0:
        return os.strerror(err.errno)
    return err.strerror or str(err) or "no answer in time"


async def _connect(
    addresses: list[str], port: int
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to the first address that answers."""
    *others, last = addresses
    for address in others:
        try:
            return await asyncio.open_connection(address, port)
        except OSError:
            continue
    return await asyncio.open_connection(last, port)


async def _answer(writer: asyncio.StreamWriter, status: str, says: str) -> None:
    body = f"sps: {says}\n".encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
