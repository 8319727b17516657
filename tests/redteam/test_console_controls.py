"""The controls of the other files: with one defence taken away, its attack works. So the attacks
are real, no other defence hides a missing one, and the tests look at what they say they do."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sps.console import decoding, rate, sending
from sps.console.guard import Guard
from sps.console.pages import door
from sps.daemon import wire
from tests.fakes.small_world import small_world
from tests.integration.console_scene import ConsoleScene, console_scene
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
