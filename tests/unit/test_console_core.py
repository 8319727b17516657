"""The parts of the console's server, each by itself."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sps.console import decoding, problem
from sps.console.answers import Document
from sps.console.rate import Rates
from sps.console.registry import Registry, Route, Surface
from sps.console.routing import Router
from sps.console.sending import local
from sps.console.visit import Visit
from sps.model.access import Role
from sps.model.errors import Absent, Held, Misuse, NewerData, SpsError, Stale, WorkFailed
from tests.fakes.clock import FakeClock
from tests.integration.console_scene import ConsoleScene, console_scene


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    many: list[str] = []
    maybe: list[int] | None = None
    number: int = 0
    done: bool = False


def handler(_: Visit) -> Document:
    return Document(value={})


def route(verb: str = "GET", path: str = "/a", role: Role | None = Role.VIEWER) -> Route:
    body = Body if verb != "GET" else None
    return Route(verb=verb, path=path, surface=Surface.API, role=role, handler=handler, says="A.",
                 body=body)  # fmt: skip


def test_a_registry_takes_no_route_that_does_not_say_what_it_is() -> None:
    bare = Route(verb="POST", path="/b", surface=Surface.API, role=Role.ADMIN, handler=handler,
                 says="B.")  # fmt: skip
    guarded_door = route(path="/sign-in")
    for bad in (bare, route(verb="FETCH"), route(role=None), guarded_door):
        with pytest.raises(ValueError, match=bad.path):
            Registry().add(bad)
    made = Registry()
    made.add(route())
    with pytest.raises(ValueError, match="there are two"):
        made.add(route())


def test_a_router_finds_words_and_tells_a_wrong_verb_from_nothing() -> None:
    made = Registry()
    made.extend((
        route(path="/p/{project}/c/{seq}"), route("POST", "/p/{project}/c/{seq}"),
        route(path="/p/new/c/x"), route(path="/f/{path:path}"),
    ))  # fmt: skip
    router = Router(made)
    assert router.find("GET", "/p/demo/c/7")[1] == {"project": "demo", "seq": "7"}
    assert router.find("HEAD", "/p/demo/c/7")[0].verb == "GET"
    assert router.find("GET", "/p/new/c/x")[1] == {}
    assert router.find("GET", "/f/a/b")[1] == {"path": "a/b"}
    with pytest.raises(SpsError) as caught:
        router.find("DELETE", "/p/demo/c/7")
    assert (caught.value.code, caught.value.hint) == ("wrong-verb", "GET, POST")
    for path in ("", "/p/demo/c/7/", "/p//c/7", "/p/a/b/c/7", "/f/", "/f/a\0", "/p/" + "9" * 999):
        with pytest.raises(SpsError, match="nothing"):
            router.find("GET", path)


def test_forms_become_values_and_lists_where_a_type_wants_them() -> None:
    found = decoding.form(b"title=a+b%26&many=x&many=y&maybe=1&maybe=2&number=3&done=1", Body)
    assert found == Body(title="a b&", many=["x", "y"], maybe=[1, 2], number=3, done=True)
    assert decoding.form(b"title=x&number=&many=", Body) == Body(title="x")


@pytest.mark.parametrize(
    "raw", [b"title=a&title=b", b"titel=a", b"", b"title=%00", b"title=%ff", b"title=a&number=x"]
)
def test_forms_that_are_wrong_name_the_field(raw: bytes) -> None:
    with pytest.raises(Misuse) as caught:
        decoding.form(raw, Body)
    assert caught.value.code == "bad-field"


def test_an_unknown_field_is_answered_with_the_nearest() -> None:
    with pytest.raises(Misuse, match="title"):
        decoding.document(b'{"titel": "x"}', Body)


@given(st.binary(max_size=200))
def test_whatever_bytes_come_the_answer_is_a_value_or_a_refusal(raw: bytes) -> None:
    for decode in (decoding.form, decoding.document):
        with contextlib.suppress(Misuse):
            assert isinstance(decode(raw, Body), Body)


@given(st.text(max_size=60))
def test_no_redirect_leaves_this_console(to: str) -> None:
    try:
        place = local(to)
    except ValueError:
        return
    assert place.startswith("/")
    assert place[1:2] not in ("/", "\\")
    assert place.isascii()
    assert place.isprintable()


@pytest.mark.parametrize(
    "error, status",
    [
        (Misuse("unknown-card", "x"), 404), (Misuse("no-such-file", "x"), 404),
        (Misuse("bad-field", "x"), 422), (Misuse("idempotency-conflict", "x"), 409),
        (Misuse("already-done", "x"), 409), (Stale("x"), 409), (Held("home-busy", "x"), 503),
        (Absent("database-broken", "x"), 503), (NewerData("newer", "x"), 503),
        (WorkFailed("broke", "x"), 422), (SpsError("wrong-verb", "x"), 405),
        (SpsError("not-found", "x"), 404),
    ],
)  # fmt: skip
def test_errors_have_the_status_that_says_what_to_do(error: SpsError, status: int) -> None:
    said = problem.of(error, "R1")
    assert (said.status, said.code, said.request_id) == (status, error.code, "R1")


def test_a_bucket_empties_refills_and_is_one_visitors_alone() -> None:
    clock = FakeClock()
    rates = Rates(clock)
    assert [rates.wait("a", safe=False) for _ in range(60)] == [None] * 60
    assert rates.wait("a", safe=False) == 1
    assert rates.wait("a", safe=True) is None
    assert rates.wait("b", safe=False) is None
    asyncio.run(clock.advance(1))
    assert [rates.wait("a", safe=False) for _ in range(7)] == [None] * 6 + [1]
    assert [rates.failed("a") for _ in range(11)] == [None] * 10 + [6]


def test_many_visitors_cost_bounded_memory() -> None:
    rates = Rates(FakeClock())
    for number in range(5000):
        rates.wait(f"v{number}", safe=True)
    assert len(rates._buckets) <= 2000


@pytest.fixture
def scene(tmp_path: Path) -> ConsoleScene:  # type: ignore[misc]
    with console_scene(tmp_path) as made:
        yield made  # type: ignore[misc]


CARDS = "/api/v1/projects/demo/cards"


def test_the_same_key_is_the_same_request(scene: ConsoleScene) -> None:
    client, key = scene.program(), {"idempotency-key": "k"}
    first = client.post_json(CARDS, {"title": "A"}, key)
    again = client.post_json(CARDS, {"title": "A"}, key)
    assert (first.status, again.status, again.body) == (201, 201, first.body)
    assert again.headers["idempotency-replayed"] == "true"
    for path, body in ((CARDS, {"title": "B"}), (CARDS + "/1/comment", {"text": "A"})):
        other = client.post_json(path, body, key)
        assert (other.status, other.json["code"]) == (409, "idempotency-conflict")
    assert (
        scene.program().post_json(CARDS, {"title": "A"}, {"idempotency-key": "l"}).json["seq"] == 2
    )
    assert client.post_json(CARDS, {"title": "A"}, {"idempotency-key": "\x7f"}).status == 422


def test_a_form_carries_its_key_as_a_field(scene: ConsoleScene) -> None:
    client = scene.client()
    for _ in range(2):
        reply = client.post_form("/p/demo/cards", {"title": "A", "idempotency_key": "k"})
        assert reply.status == 303
    assert len(client.get(CARDS).json["cards"]) == 1


def test_a_refused_request_may_be_repeated_under_its_key(scene: ConsoleScene) -> None:
    client, key = scene.program(), {"idempotency-key": "k"}
    assert client.post_json(CARDS, {"titel": "A"}, key).status == 422
    assert client.post_json(CARDS, {"title": "A"}, key).status == 201


def test_comments_sent_at_once_under_one_key_are_one_comment(scene: ConsoleScene) -> None:
    client = scene.program()
    client.post_json(CARDS, {"title": "A"})
    body = b'{"text": "once"}'
    kind = {"content-type": "application/json", "idempotency-key": "k"}

    async def all_at_once() -> list[int]:
        scopes = [client._scope("POST", CARDS + "/1/comment", kind) for _ in range(8)]
        replies = await asyncio.gather(*(client._ask(scope, body) for scope in scopes))
        return [reply.status for reply in replies]

    assert scene.loop.run(all_at_once()) == [200] * 8
    facts = scene.world.store.read(lambda tx: tx.card_by_seq("demo", 1))
    assert facts is not None
    from sps.services.show_card import card_log

    told = [one for one in card_log(scene.world, "demo", 1) if one.kind == "card.commented"]
    assert len(told) == 1


def test_a_stale_change_is_refused_with_what_the_card_is_now(scene: ConsoleScene) -> None:
    client = scene.program()
    client.post_json(CARDS, {"title": "A"})
    stale = {"if-match": '"99"'}
    moved = client.post_json(CARDS + "/1/move", {"column": "planning"}, stale)
    assert (moved.status, moved.json["version"], moved.json["state"]) == (409, 0, "backlog")
    edited = client.post_json(CARDS + "/1", {"title": "B"}, stale, verb="PATCH")
    assert edited.status == 409
    assert "-A" in edited.json["difference"]
    assert client.post_json(CARDS + "/1/drop", {}, stale).status == 422
    good = client.post_json(CARDS + "/1/move", {"column": "planning"}, {"if-match": '"0"'})
    assert good.status == 200


def test_an_etag_spares_the_repetition(scene: ConsoleScene) -> None:
    client = scene.program()
    first = client.get(CARDS)
    again = client.get(CARDS, {"if-none-match": f'"x", {first.headers["etag"]}'})
    assert (again.status, again.body) == (304, b"")
