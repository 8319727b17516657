"""The wire itself: slow, large, broken and too many connections, and the address to listen on."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.bootstrap import Wired
from sps.console import rate, receiving, streaming
from sps.daemon import wire
from sps.daemon.up import _bind
from tests.fakes.small_world import small_world
from tests.redteam.console_line import (
    PATIENCE_S,
    body_that_stalls,
    dial,
    handshake,
    head,
    heard,
    reader_that_takes_nothing,
    said,
    signed_in,
    status,
    streams_end,
)
from tests.redteam.console_socket import served


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Wired]:
    made = small_world(tmp_path / "home")
    yield made
    made.store.close()


@pytest.fixture
def port(world: Wired, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A console behind a real socket, with little patience."""
    monkeypatch.setattr(wire.Bounded, "patience", 0.4)
    monkeypatch.setattr(wire.Bounded, "most", 8)
    with served(world) as bound:
        yield bound


def test_a_request_that_never_ends_is_not_waited_for(port: int) -> None:
    with dial(port) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: x")
        assert heard(line) == b""
    with dial(port) as silent:
        assert heard(silent) == b""


@pytest.mark.parametrize(
    "raw",
    [b"\x16\x03\x01\x02\x00\x01\x00\x01", b"GET /\r\n\r\n", b"\0" * 200, b"GET / HTTP/9.9\r\n\r\n",
     b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 100_000,
     b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
     b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n"],
)  # fmt: skip
def test_what_is_no_request_is_refused_with_all_headers(port: int, raw: bytes) -> None:
    answer = said(port, raw)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
    if answer:
        assert b"frame-ancestors 'none'" in answer
        assert b"nosniff" in answer


def test_a_body_that_is_announced_too_large_is_not_read(port: int) -> None:
    lines = ("Content-Type: application/json", "Content-Length: 99999999", "Authorization: x",
             f"Origin: http://127.0.0.1:{port}")  # fmt: skip
    answer = said(port, head(port, *lines, verb="POST", path="/sign-in") + b"x" * 1000)
    assert answer.startswith(b"HTTP/1.1 413")


def test_an_upgrade_to_a_socket_is_refused(port: int) -> None:
    lines = ("Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: eA==")
    raw = head(port, *lines, path="/events").replace(b"Connection: close", b"Connection: Upgrade")
    assert status(port, raw) == b"400"


def test_an_encoded_path_does_not_leave_the_static_files(port: int) -> None:
    for path in ("/static/x/..%2f..%2fapp.py", "/static/../app.py", "/static/x/%2e%2e/app.py",
                 "/static/x/%c0%ae%c0%ae/app.py", "/static/x//etc/passwd"):  # fmt: skip
        assert said(port, head(port, path=path)).startswith(b"HTTP/1.1 404")


def test_a_range_costs_nothing(port: int) -> None:
    many = "Range: bytes=" + ",".join(f"{n}-{n + 1}" for n in range(1500))
    assert said(port, head(port, many, path="/static/x/css/base.css")).startswith(b"HTTP/1.1 200")


def test_one_connection_too_many_is_closed_and_the_others_live(port: int) -> None:
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(dial(port)) for _ in range(60)]  # 8 and 32
        assert [heard(line) for line in lines] == [b""] * 60
    assert said(port, head(port)).startswith(b"HTTP/1.1 200")


def test_nobody_escapes_the_bound_on_guesses_by_what_a_proxy_would_say(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks from this machine could name another client in each request."""
    monkeypatch.setattr(rate, "_FAILURES", (10.0, 0.0001))  # however slow this machine is
    statuses = []
    for number in range(15):
        lines = (f"X-Forwarded-For: 10.0.0.{number}", f"Forwarded: for=10.0.0.{number}",
                 "Authorization: Bearer " + "g" * 43)  # fmt: skip
        statuses.append(said(port, head(port, *lines, path="/api/v1/needs")).split(b" ")[1])
    assert statuses[0] == b"401"
    assert statuses[-1] == b"429"


def test_a_taken_port_is_passed_over() -> None:
    first = _bind(21_000)
    second = _bind(first.getsockname()[1])
    try:
        assert second.getsockname()[1] > first.getsockname()[1]
        assert {one.getsockname()[0] for one in (first, second)} == {"127.0.0.1"}
    finally:
        first.close()
        second.close()


def test_an_answer_on_an_open_connection_does_not_wait_for_acknowledgements() -> None:
    """Connections send at once: else each answer after the first would take 40 ms longer."""
    listener = _bind(22_000)
    try:
        assert listener.proto == socket.IPPROTO_TCP  # by which the loop knows that it may
    finally:
        listener.close()


def test_a_socket_from_a_page_of_another_site_is_refused_with_the_owner_s_session(
    world: Wired, port: int
) -> None:
    session = signed_in(world, port)
    assert status(port, handshake(port, session)) == b"400"


def test_a_body_that_does_not_come_is_not_waited_for(
    world: Wired, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = signed_in(world, port)
    monkeypatch.setattr(receiving, "BODY_S", 0.4)
    assert status(port, body_that_stalls(port, session)) == b"408"


def test_a_reader_that_takes_nothing_is_cut_off(
    world: Wired, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "STALL_S", 0.4)
    with reader_that_takes_nothing(world, port, signed_in(world, port)):
        assert streams_end(PATIENCE_S)
