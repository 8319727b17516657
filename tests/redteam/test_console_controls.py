"""The controls of the other files: with one defence taken away, its attack works. So the attacks
are real, no other defence hides a missing one, and the tests look at what they say they do."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sps.bootstrap import Wired
from sps.console import app, decoding, rate, receiving, sending, streaming
from sps.console.guard import Guard
from sps.console.pages import door
from sps.daemon import wire
from sps.model.card import CardText
from sps.services.add_card import add_card
from tests.fakes.small_world import small_world
from tests.integration.console_scene import ConsoleScene, console_scene
from tests.redteam.console_line import (
    body_that_stalls,
    handshake,
    reader_that_takes_nothing,
    signed_in,
    status,
    streams_end,
)
from tests.redteam.console_socket import served

EVIL = "http://evil.example"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[ConsoleScene]:
    with console_scene(tmp_path) as made:
        yield made


def nothing(*_: Any, **__: Any) -> None:
    """A defence that finds nothing wrong."""


def test_without_the_list_of_hosts_a_rebound_name_reaches_the_board(
    scene: ConsoleScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask() -> int:
        return scene.client().get("/p/demo/board", {"host": "evil.example"}).status

    assert ask() == 421
    monkeypatch.setattr(Guard, "stranger", nothing)
    assert ask() == 200


@pytest.mark.parametrize("site", ["cross-site", None])
def test_without_the_look_at_the_origin_another_site_adds_a_card(
    scene: ConsoleScene, monkeypatch: pytest.MonkeyPatch, site: str | None
) -> None:
    def ask() -> int:
        said = {"origin": EVIL, "sec-fetch-site": site}
        return scene.client().post_form("/p/demo/cards", {"title": "forged"}, said).status

    assert ask() == 403
    monkeypatch.setattr(Guard, "forged", nothing)
    assert ask() == 303


def test_without_the_look_at_the_origin_another_site_follows_the_stream(
    scene: ConsoleScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"origin": EVIL, "sec-fetch-site": "cross-site"}
    assert scene.client().get("/events?view=all", said).status == 403
    monkeypatch.setattr(Guard, "forged", nothing)
    with scene.client().stream("/events?view=all", said) as stream:
        assert scene.program().post_json("/api/v1/projects/demo/cards", {"title": "x"}).status < 300
        assert stream.next().json["kind"] == "card.added"


def test_without_the_question_for_a_session_a_stranger_reads_what_needs_its_owner(
    scene: ConsoleScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert scene.stranger().get("/api/v1/needs").status == 401
    monkeypatch.setattr(Guard, "refused", nothing)
    assert scene.stranger().get("/api/v1/needs").status == 200


def test_without_buckets_nobody_who_guesses_is_held_up(
    scene: ConsoleScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate.Rates, "failed", nothing)
    guess = scene.stranger()
    codes = {guess.post_form("/sign-in", {"code": "g" * 43}).status for _ in range(20)}
    assert codes == {422}


def test_without_both_looks_a_redirect_leads_elsewhere(
    scene: ConsoleScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask() -> Any:
        sent = {"theme": "dark", "back": "//evil.example/"}
        return scene.client().post_form("/taste", sent)

    assert ask().headers["location"] == "/"
    monkeypatch.setattr(door, "inside", lambda path: path)
    assert ask().status == 500  # the second look takes it for a defect
    monkeypatch.setattr(sending, "local", lambda path: path)
    assert ask().headers["location"] == "//evil.example/"


def test_without_the_bound_a_body_of_any_size_is_read(
    scene: ConsoleScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = {"title": "x", "body": "y" * (decoding.BODY_LIMIT + 1)}

    def ask() -> str:
        return str(scene.program().post_json("/api/v1/projects/demo/cards", sent).json["code"])

    assert ask() == "too-large"
    status = scene.program().post_json("/api/v1/projects/demo/cards", sent).status
    assert status == 413
    monkeypatch.setattr(decoding, "BODY_LIMIT", 1 << 30)
    reply = scene.program().post_json("/api/v1/projects/demo/cards", sent)
    assert reply.status != 413  # the card's own bound is what refuses it then


@pytest.mark.parametrize("patience,open_", [(0.3, False), (60.0, True)])
def test_without_a_bound_on_time_half_a_request_keeps_its_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, patience: float, open_: bool
) -> None:
    monkeypatch.setattr(wire.Bounded, "patience", patience)
    world = small_world(tmp_path / "home")
    with served(world) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Slow: ".encode())
        line.settimeout(2.0 if open_ else 10.0)
        if open_:
            with pytest.raises(TimeoutError):
                line.recv(1)
        else:
            assert line.recv(1) == b""
    world.store.close()


def test_without_headers_a_page_can_be_framed_and_sniffed(
    scene: ConsoleScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {"x-frame-options", "content-security-policy", "x-content-type-options"}
    assert names <= set(scene.client().get("/").headers)
    monkeypatch.setattr(sending, "headers", lambda _: {})
    assert not names & set(scene.client().get("/").headers)


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[tuple[Wired, int, str]]:
    """A console behind a real socket, its port, and the header of its owner's session."""
    world = small_world(tmp_path / "home")
    with served(world) as port:
        yield world, port, signed_in(world, port)
    world.store.close()


def test_without_a_bound_on_time_half_a_body_keeps_its_connection(
    owner: tuple[Wired, int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, port, session = owner
    monkeypatch.setattr(receiving, "BODY_S", None)
    with socket.create_connection(("127.0.0.1", port), timeout=2.0) as line:
        line.sendall(body_that_stalls(port, session))
        with pytest.raises(TimeoutError):
            line.recv(1)


def test_without_a_bound_on_time_a_reader_that_takes_nothing_keeps_its_stream(
    owner: tuple[Wired, int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, port, session = owner
    monkeypatch.setattr(streaming, "STALL_S", None)
    with reader_that_takes_nothing(world, port, session):
        assert not streams_end(2.0)
    assert streams_end(10.0)  # the reader has left


def test_without_both_looks_a_socket_of_another_site_hears_what_happens(
    owner: tuple[Wired, int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No answer opens a socket here, but the question of one carries the owner's session in, and
    whatever hears it answers."""
    world, port, session = owner
    real = receiving.headers

    def blind(scope: Any) -> dict[str, str]:
        pairs = [pair for pair in scope["headers"] if pair[0] != b"upgrade"]
        return real({**scope, "headers": pairs})

    monkeypatch.setattr(receiving, "headers", blind)
    assert status(port, handshake(port, session)) == b"403"
    monkeypatch.setattr(Guard, "forged", nothing)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(handshake(port, session))
        heard = b""
        add_card(world, "demo", CardText(title="what only its owner should hear"))
        while b"card.added" not in heard:
            part = line.recv(65536)
            assert part, heard
            heard += part
    assert heard.startswith(b"HTTP/1.1 200")


def test_without_the_refusal_of_sockets_one_of_another_site_opens(
    scene: ConsoleScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else would stop it: neither host nor origin nor session is asked for before."""

    def ask() -> Any:
        sent: list[Any] = []

        async def receive() -> dict[str, str]:
            return {"type": "websocket.connect"}

        async def send(message: Any) -> None:
            sent.append(message["type"])

        origin = [(b"host", b"evil.example"), (b"origin", EVIL.encode())]
        scope = {"type": "websocket", "path": "/events", "headers": origin, "query_string": b""}
        scene.loop.run(scene.app(scope, receive, send))
        return sent

    async def open_door(_: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})

    assert ask() == ["websocket.close"]
    monkeypatch.setattr(app, "_refuse_socket", open_door)
    assert ask() == ["websocket.accept"]
