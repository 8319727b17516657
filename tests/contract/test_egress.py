"""What passes the way out of a box, and what does not."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from sps.adapters.egress_proxy import EgressLimits, ProxyEgress
from sps.model.destination import Destination, destination
from sps.ports.egress import Outlet, Refusal
from tests.contract.endpoints import echo, tcp

_ANSWER = b"HTTP/1.1 200 Connection established\r\n\r\n"
_PATIENCE = 30.0
Call = Callable[..., Awaitable[bytes]]


@pytest.fixture
def far() -> Iterator[tuple[int, list[bytes]]]:
    server = tcp()
    port = int(server.getsockname()[1])
    with echo(server) as heard:
        yield port, heard


def _run(
    allow: list[str], scenario: Callable[[Outlet], Awaitable[Any]], **limits: Any
) -> tuple[Any, list[Refusal]]:
    """Open a way out, do something there, and return what came of it and what was refused."""
    refusals: list[Refusal] = []
    places = [place for text in allow if (place := destination(text))]
    assert len(places) == len(allow)

    async def opened() -> Any:
        async with ProxyEgress(EgressLimits(**limits)).open(places, refusals.append) as outlet:
            return await asyncio.wait_for(scenario(outlet), _PATIENCE)

    return asyncio.run(opened()), refusals


async def _say(outlet: Outlet, words: bytes, *, relay: int = -1) -> bytes:
    """Say something to the proxy, or to another relay, and return all it answers."""
    reader, writer = await asyncio.open_unix_connection(outlet.relays[relay].socket)
    try:
        writer.write(words)
        writer.write_eof()
        return await reader.read()
    finally:
        writer.close()


def _asking(*requests: bytes) -> Callable[[Outlet], Awaitable[list[bytes]]]:
    async def scenario(outlet: Outlet) -> list[bytes]:
        return [await _say(outlet, request) for request in requests]

    return scenario


def test_tunnel_leads_to_a_listed_place(far: tuple[int, list[bytes]]) -> None:
    port, heard = far
    request = b"CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: x\r\n\r\nhello" % port
    [answer], refusals = _run([f"127.0.0.1:{port}"], _asking(request))
    assert answer == _ANSWER + b"echo:hello"
    assert (heard, refusals) == ([b"hello"], [])


def test_plain_request_goes_on_as_the_far_side_expects_it(far: tuple[int, list[bytes]]) -> None:
    port, heard = far
    request = (
        b"POST http://127.0.0.1:%d/v1?a=b HTTP/1.1\r\nHost: elsewhere\r\nX: y\r\n"
        b"Proxy-Authorization: Basic eA==\r\nConnection: keep-alive\r\n\r\nbody"
    ) % port
    [answer], _ = _run([f"127.0.0.1:{port}"], _asking(request))
    sent = b"POST /v1?a=b HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nX: y\r\nConnection: close\r\n\r\nbody"
    assert heard == [sent % port]
    assert answer == b"echo:" + heard[0]


def test_program_that_asks_no_proxy_has_this_machines_places_at_their_ports(
    far: tuple[int, list[bytes]],
) -> None:
    port, heard = far

    async def scenario(outlet: Outlet) -> bytes:
        assert outlet.relays[0].port == port
        assert outlet.env["NO_PROXY"] == "localhost,127.0.0.1,::1"
        return await _say(outlet, b"hello", relay=0)

    answer, _ = _run([f"localhost:{port}"], scenario)
    assert (answer, heard) == (b"echo:hello", [b"hello"])


@pytest.mark.parametrize(
    "asked",
    [
        "api.good.example.evil.example:443",
        "evil-api.good.example:443",
        "good.example:443",
        "x.api.good.example:443",
        "api.good.example:80",
        "api.good.example%00.evil.example:443",
        "api.good.example@evil.example:443",
        "*:443",
        "127.1:443",
        "2130706433:443",
    ],
)
def test_only_the_listed_name_and_port_are_the_listed_place(asked: str) -> None:
    tunnel = f"CONNECT {asked} HTTP/1.1\r\n\r\n".encode()
    plain = f"GET http://{asked}/ HTTP/1.1\r\n\r\n".encode()
    answers, refusals = _run(["api.good.example:443"], _asking(tunnel, plain, tunnel))
    assert {answer.split(b"\r\n")[0][9:12] for answer in answers} <= {b"400", b"403"}
    assert len(refusals) <= 1  # once per host; what names no host has none
    assert all(refusal.rule == "not-allowed" for refusal in refusals)


def test_case_and_a_last_dot_make_no_other_place(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _resolver(monkeypatch, "10.0.0.7")
    _run(["Api.Good.example:443"], _asking(b"CONNECT API.good.EXAMPLE.:443 HTTP/1.1\r\n\r\n"))
    assert asked == ["api.good.example"]


@pytest.mark.parametrize(
    "address",
    [
        *("10.0.0.7", "192.168.1.1", "172.16.0.1", "127.0.0.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "224.0.0.1", "::1", "fe80::1", "fd00::1", "::ffff:127.0.0.1"),
        *("64:ff9b::7f00:1", "2002:7f00:1::", "::"),
    ],
)
def test_name_that_leads_to_no_public_address_is_refused(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    _resolver(monkeypatch, address)
    request = b"CONNECT api.good.example:443 HTTP/1.1\r\n\r\n"
    [answer], refusals = _run(["api.good.example:443"], _asking(request))
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert str(Destination(address, 443)).encode() in answer
    assert refusals == [Refusal(host="api.good.example", port=443, rule="private-address")]


def test_private_address_is_reached_when_it_is_listed_itself(
    monkeypatch: pytest.MonkeyPatch, far: tuple[int, list[bytes]]
) -> None:
    port, heard = far
    asked = _resolver(monkeypatch, "127.0.0.1")
    request = b"CONNECT mirror.example:%d HTTP/1.1\r\n\r\nhello" % port
    [answer], _ = _run([f"mirror.example:{port}", f"127.0.0.1:{port}"], _asking(request))
    assert (answer, heard) == (_ANSWER + b"echo:hello", [b"hello"])
    assert asked == ["mirror.example"]  # once: what was judged is what was called


def test_place_that_does_not_answer_is_said_to_be_so() -> None:
    with tcp() as closed:
        port = int(closed.getsockname()[1])
        request = b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n\r\n" % port
        [answer], refusals = _run([f"127.0.0.1:{port}"], _asking(request))
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert refusals == []


@pytest.mark.parametrize(
    "words",
    [b"", b"GET / HTTP/1.1\r\n\r\n", b"CONNECT x HTTP/1.1\r\n\r\n", b"\0\r\n\r\n", b"A" * 200_000],
    ids=["nothing", "own-path", "no-port", "garbage", "endless"],
)
def test_what_is_no_request_gets_an_answer(words: bytes) -> None:
    async def scenario(outlet: Outlet) -> bytes:
        reader, writer = await asyncio.open_unix_connection(outlet.relays[-1].socket)
        writer.write(words)
        writer.write_eof()
        head = await reader.readline()
        writer.close()
        return head

    assert _run(["a.example:443"], scenario)[0] == b"HTTP/1.1 400 Bad Request\r\n"


def test_connections_are_bounded_and_told_once(far: tuple[int, list[bytes]]) -> None:
    port, _ = far

    async def scenario(outlet: Outlet) -> list[bytes]:
        path = outlet.relays[0].socket
        kept = [await asyncio.open_unix_connection(path) for _ in range(2)]
        kept[0][1].write(b"x")
        more = [await asyncio.open_unix_connection(path) for _ in range(2)]
        said = [await reader.read() for reader, _ in more]
        for _, writer in (*kept, *more):
            writer.close()
        return said

    said, refusals = _run([f"127.0.0.1:{port}"], scenario, connections=2)
    assert said == [b"", b""]
    assert refusals == [Refusal(host="", port=0, rule="limit")]


def test_bytes_are_bounded(far: tuple[int, list[bytes]]) -> None:
    port, heard = far
    request = b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n\r\n" % port
    answers, refusals = _run(
        [f"127.0.0.1:{port}"], _asking(request + b"x" * 100_000, request + b"y"), volume=50_000
    )
    assert b"echo:" not in answers[0] + answers[1]
    assert all(len(text) <= 50_000 for text in heard)
    assert [refusal.rule for refusal in refusals] == ["limit"]


def test_connection_on_which_nothing_moves_is_closed(far: tuple[int, list[bytes]]) -> None:
    port, _ = far

    async def scenario(outlet: Outlet) -> bytes:
        reader, writer = await asyncio.open_unix_connection(outlet.relays[0].socket)
        writer.write(b"and then silence")
        said = await reader.read()
        writer.close()
        return said

    assert _run([f"127.0.0.1:{port}"], scenario, idle=0.2)[0] == b""


def test_end_closes_what_is_open_and_leaves_nothing() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello\n")
        await reader.read()
        writer.close()

    async def scenario() -> tuple[bytes, str]:
        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        place = Destination("127.0.0.1", server.sockets[0].getsockname()[1])
        async with ProxyEgress().open([place], lambda _: None) as outlet:
            path = outlet.relays[0].socket
            reader, writer = await asyncio.open_unix_connection(path)
            assert await reader.readline() == b"hello\n"
        said = await asyncio.wait_for(reader.read(), _PATIENCE)
        writer.close()
        server.close()
        return said, path

    said, path = asyncio.run(scenario())
    assert said == b""
    with pytest.raises(OSError), socket.socket(socket.AF_UNIX) as link:
        link.connect(path)


def test_nothing_allowed_is_no_way_out() -> None:
    async def scenario(outlet: Outlet) -> Outlet:
        return outlet

    assert _run([], scenario)[0] == Outlet()


def _resolver(monkeypatch: pytest.MonkeyPatch, address: str) -> list[str]:
    """Let every name lead to an address; return the names that were asked for."""
    asked: list[str] = []

    def lookup(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", _only_names(lookup, socket.getaddrinfo))
    return asked


def _only_names(lookup: Callable[..., Any], real: Callable[..., Any]) -> Callable[..., Any]:
    def chosen(host: Any, port: int, *args: Any, **named: Any) -> Any:
        is_name = isinstance(host, str) and host.endswith(".example")
        return (lookup if is_name else real)(host, port, *args, **named)

    return chosen
