"""Who comes in: other hosts, other sites, no session, the wrong role, a stolen or guessed word."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sps.console.registry import OPEN, SAFE, Route, Surface
from sps.model.access import GrantKind, Role, allows
from sps.model.errors import Misuse
from sps.ports.store import EventQuery
from sps.services import access
from tests.fakes.clock import FakeClock
from tests.integration.console_scene import HOST, PORT, Client, ConsoleScene, Reply, console_scene
from tests.redteam.console_paths import address, changes, name, routes

HEALTH = {("GET", "/health/live"), ("GET", "/health/ready")}
EVIL = "http://evil.example"
FORM = "application/x-www-form-urlencoded"
KINDS = (
    FORM, "text/plain", "multipart/form-data; boundary=x", "application/json", "",
    "application/x-www-form-urlencoded; charset=utf-7", "application/xml", "text/html",
)  # fmt: skip


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleScene]:
    with console_scene(tmp_path_factory.mktemp("door")) as made:
        for title in ("The agent's own", "Another"):
            made.program().post_json("/api/v1/projects/demo/cards", {"title": title, "hold": True})
        yield made


def ask(client: Any, route: Route, **headers: str | None) -> Reply:
    given: dict[str, str | None] = {"accept": "application/json"}
    if route.verb not in SAFE:
        given["content-type"] = "application/json"
    given |= {key.replace("_", "-"): value for key, value in headers.items()}
    reply: Reply = client.request(route.verb, address(route), b"", given)
    return reply


@pytest.mark.parametrize(
    "host",
    ["evil.example", f"evil.example:{PORT}", "127.0.0.1:9999", "127.0.0.1", f"127.0.0.1.:{PORT}",
     f"127.0.0.2:{PORT}", f"[::ffff:127.0.0.1]:{PORT}", f"localhost.evil.example:{PORT}", "",
     f"LOCALHOST:{PORT}@evil.example", f"127.0.0.1:0{PORT}", f" 127.0.0.1:{PORT}", None],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/sign-in", "/events?view=all", "/api/v1/needs", "/metrics"])
def test_a_rebound_name_reaches_nothing(scene: ConsoleScene, host: str | None, path: str) -> None:
    client = scene.client()
    assert client.get(path, {"host": host}).status == 421
    assert client.post_form(path, {"code": "x"}, {"host": host}).status == 421


def test_two_hosts_are_refused(scene: ConsoleScene) -> None:
    assert raw(scene, [(b"host", HOST.encode()), (b"host", b"evil.example")]) == 421


@pytest.mark.parametrize("header", ["x-forwarded-host", "forwarded", "x-original-url"])
def test_what_a_proxy_would_say_is_not_believed(scene: ConsoleScene, header: str) -> None:
    asked = scene.client().get("/", {"host": "evil.example", header: HOST})
    assert asked.status == 421


def test_the_list_of_open_routes_and_the_registry_say_the_same(scene: ConsoleScene) -> None:
    found = {(route.verb, route.path) for route in routes() if route.role is None}
    assert found == OPEN - HEALTH
    for _, path in HEALTH:
        assert scene.stranger().get(path).status in (200, 503)


@pytest.mark.parametrize("route", routes(), ids=name)
def test_without_a_session_only_the_open_routes_answer(scene: ConsoleScene, route: Route) -> None:
    status = ask(scene.stranger(), route).status
    if (route.verb, route.path) in OPEN:
        assert status != 401
    else:
        assert status == 401


@pytest.mark.parametrize("secret", ["", "x" * 43, "../../etc/passwd", "\x7f" * 30, "x" * 5000])
def test_a_made_up_cookie_or_token_is_no_session(scene: ConsoleScene, secret: str) -> None:
    client = scene.client()
    cookie = next(iter(client.cookies))
    stranger = scene.stranger()
    stranger.cookies = {cookie: secret}
    assert stranger.get("/api/v1/needs").status == 401
    stranger.cookies = {}
    stranger.token = secret
    assert stranger.get("/api/v1/needs").status in (401, 429)


def test_kinds_of_grants_are_not_exchanged_for_each_other(scene: ConsoleScene) -> None:
    session = next(iter(scene.client().cookies.items()))
    token, _ = access.grant(scene.world, GrantKind.TOKEN, Role.ADMIN, "t")
    launch, _ = access.grant(scene.world, GrantKind.LAUNCH, Role.ADMIN, "l")
    client = scene.stranger()
    for secret in (session[1], launch):
        client.token = secret
        assert client.get("/api/v1/needs").status in (401, 429)
    client.token = ""
    for secret in (token, launch):
        client.cookies = {session[0]: secret}
        assert client.get("/api/v1/needs").status == 401
    assert client.post_form("/sign-in", {"code": token}).status in (422, 429)


def test_a_launch_word_works_once_and_not_for_ever(scene: ConsoleScene) -> None:
    word, _ = access.grant(scene.world, GrantKind.LAUNCH, Role.VIEWER, "l")
    assert scene.stranger().post_form("/sign-in", {"code": word}).status == 303
    assert scene.stranger().post_form("/sign-in", {"code": word}).status in (422, 429)
    late, _ = access.grant(scene.world, GrantKind.LAUNCH, Role.VIEWER, "l")
    later(scene, access.LAUNCH_MS / 1000 + 1)
    assert scene.stranger().post_form("/sign-in", {"code": late}).status in (422, 429)


def test_a_session_ends_by_sign_out_by_revoking_by_idling_and_by_age(tmp_path: Path) -> None:
    with console_scene(tmp_path) as scene:
        client = scene.client()
        kept = dict(client.cookies)
        assert client.post_form("/sign-out").status == 303
        client.cookies = kept
        assert client.get("/api/v1/needs").status == 401
        client = scene.client()
        assert access.revoke_all(scene.world, GrantKind.SESSION) == 1
        assert client.get("/api/v1/needs").status == 401
        client = scene.client()
        later(scene, access.IDLE_MS / 1000 + 61)
        assert client.get("/api/v1/needs").status == 401
        client = scene.client()
        for _ in range(15):
            assert client.get("/api/v1/needs").status == 200
            later(scene, 11 * 3600 + 1800)
        assert client.get("/api/v1/needs").status == 401


def test_a_stream_ends_when_its_session_is_taken_back(
    scene: ConsoleScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sps.console.streaming._CHECK_S", 0.0)
    client = scene.client()
    with client.stream("/events?view=all") as stream:
        access.revoke_all(scene.world, GrantKind.SESSION)
        scene.program().post_json("/api/v1/projects/demo/cards", {"title": "after"})
        with pytest.raises(AssertionError, match="ended"):
            for _ in range(5):
                stream.next()


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("route", [r for r in routes() if r.role is not None], ids=name)
def test_roles_open_what_they_are_for(
    scene: ConsoleScene, programs: dict[Role, Client], route: Route, role: Role
) -> None:
    assert route.role is not None
    if role is Role.AGENT and route.own:
        assert ask(programs[role], route).status not in (401, 403)
    elif not allows(role, route.role):
        assert ask(programs[role], route).json["code"] == "role-needed"
    elif route.verb in SAFE and route.surface is not Surface.STREAM:
        assert ask(programs[role], route).status not in (401, 403)


@pytest.fixture(scope="module")
def programs(scene: ConsoleScene) -> dict[Role, Client]:
    own = {Role.AGENT: "demo#1"}
    return {role: scene.program(role, card=own.get(role, "")) for role in Role}


def test_an_agent_reads_and_reports_on_its_own_card_and_no_other_is_there_for_it(
    scene: ConsoleScene,
) -> None:
    agent, base = scene.program(Role.AGENT, card="demo#1"), "/api/v1/projects/demo/cards"
    assert agent.get(f"{base}/1").json["title"] == "The agent's own"
    assert agent.post_json(f"{base}/1/comment", {"text": "half done"}).status == 200
    told = scene.world.store.read(lambda tx: tx.events(EventQuery(project="demo")))
    assert told[-1].payload["author"] == "agent test"
    for verb, path in (("GET", ""), ("POST", "/comment"), ("POST", "/check")):
        there, nowhere = (
            agent.request(verb, f"{base}/{seq}{path}", b"{}", {"content-type": "application/json"})
            for seq in (2, 999)
        )
        assert (there.status, nowhere.status) == (404, 404)
        assert there.json["detail"].replace("2", "N") == nowhere.json["detail"].replace("999", "N")
    for path in (f"{base}/1/edit", f"{base}/1/approve", f"{base}/1/drop"):
        assert agent.post_json(path, {}).status in (403, 404, 405)
    assert agent.get(f"{base}/01").status == 404
    assert agent.get("/p/demo/c/1").status == 403


def test_routes_that_an_agent_may_use_are_about_one_card() -> None:
    own = {(route.verb, route.path.rpartition("/")[2]) for route in routes() if route.own}
    assert own == {("GET", "{seq}"), ("POST", "comment"), ("POST", "check")}


@pytest.mark.parametrize(
    "role,card",
    [(Role.AGENT, ""), (Role.VIEWER, "demo#1"), (Role.AGENT, "demo"), (Role.AGENT, "demo#01"),
     (Role.AGENT, "demo#9"), (Role.AGENT, "nobody#1"), (Role.AGENT, "../x#1")],
)  # fmt: skip
def test_an_agents_grant_is_for_one_card_that_is_there(
    scene: ConsoleScene, role: Role, card: str
) -> None:
    sent = {"name": "x", "role": role.value, "card": card}
    assert scene.program().post_json("/api/v1/access", sent).status in (404, 422)
    with pytest.raises(Misuse):
        access.grant(scene.world, GrantKind.TOKEN, role, "x", card=card)


def later(scene: ConsoleScene, seconds: float) -> None:
    clock = scene.world.clock
    assert isinstance(clock, FakeClock)
    scene.loop.run(clock.advance(seconds))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("route", changes(), ids=name)
def test_no_change_comes_from_another_site(scene: ConsoleScene, route: Route, kind: str) -> None:
    client = scene.client()
    before = scene.world.store.read(lambda tx: tx.last_event())
    for said in (
        {"origin": EVIL, "sec-fetch-site": "cross-site"},
        {"origin": EVIL, "sec-fetch-site": None},
        {"origin": f"http://127.0.0.1:{PORT + 1}", "sec-fetch-site": "same-site"},
        {"origin": "null", "sec-fetch-site": None},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"origin": None, "sec-fetch-site": None},
        {"origin": None, "sec-fetch-site": "none"},
        {"origin": f"https://{HOST}", "sec-fetch-site": None},
        {"origin": f"http://{HOST}.evil.example", "sec-fetch-site": None},
        {"origin": f"http://{HOST}", "sec-fetch-site": "cross-site"},
    ):
        reply = client.request(
            route.verb, address(route), b'{"title":"x"}', {"content-type": kind or None, **said}
        )
        assert reply.status == 403, (said, reply.text)
    assert scene.world.store.read(lambda tx: tx.last_event()) == before


@pytest.mark.parametrize("path", ["/events?view=all", "/api/v1/events?view=all"])
def test_no_stream_opens_for_another_site(scene: ConsoleScene, path: str) -> None:
    for site in ("cross-site", "same-site"):
        reply = scene.client().get(path, {"sec-fetch-site": site, "origin": EVIL})
        assert reply.status == 403
    for origin in (EVIL, "null", f"http://{HOST}.evil.example", "http://127.0.0.1:1"):
        reply = scene.client().get(path, {"sec-fetch-site": None, "origin": origin})
        assert reply.status == 403, origin
    assert scene.stranger().get(path).status == 401


def test_no_answer_lets_another_site_read_it(scene: ConsoleScene) -> None:
    for verb in ("OPTIONS", "GET", "POST"):
        said = {"origin": EVIL, "access-control-request-method": "POST", "sec-fetch-site": None}
        reply = scene.client().request(verb, "/api/v1/projects/demo/cards", b"{}", said)
        assert not [key for key in reply.headers if key.startswith("access-control")]
        assert verb == "GET" or reply.status in (403, 405)


def test_sockets_are_closed_before_they_open(scene: ConsoleScene) -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/events", "headers": [], "query_string": b""}
    scene.loop.run(scene.app(scope, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]
    reply = scene.client().get(
        "/events?view=all", {"upgrade": "websocket", "connection": "upgrade"}
    )
    assert reply.status == 400
    assert reply.json["code"] == "no-websocket"


def test_guesses_are_slowed_down_and_those_with_a_word_are_not(tmp_path: Path) -> None:
    with console_scene(tmp_path) as scene:
        signed, honest = scene.client(), scene.program()
        guess = scene.stranger()
        codes = [guess.post_form("/sign-in", {"code": "g" * 43}) for _ in range(15)]
        assert [one.status for one in codes][:5] == [422] * 5
        assert codes[-1].status == 429
        assert int(codes[-1].headers["retry-after"]) >= 1
        guess.token = "g" * 43
        assert guess.get("/api/v1/needs").status == 429
        assert signed.get("/api/v1/needs").status == 200
        assert honest.get("/api/v1/needs").status == 200
        assert scene.client().get("/api/v1/needs").status == 200


def test_refusals_and_acts_are_in_the_audit_log_without_any_secret(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with console_scene(tmp_path) as scene:
        client = scene.client()
        secret = next(iter(client.cookies.values()))
        client.post_json("/api/v1/projects/demo/cards", {"title": "A card"})
        stranger = scene.stranger()
        stranger.token = "made-up-" * 5
        stranger.get("/api/v1/needs?view=canary-of-a-query")
        stranger.post_form("/sign-in", {"code": "canary-of-a-launch-word"})
    audit = [record for record in caplog.records if record.name == "sps.audit"]
    assert {"access granted", "changed", "request refused", "launch refused"} <= {
        record.getMessage() for record in audit
    }
    told = " ".join(str(vars(record)) for record in caplog.records)
    for canary in (secret, stranger.token, "canary-of-a-launch-word", "canary-of-a-query"):
        assert canary not in told


def raw(scene: ConsoleScene, headers: list[tuple[bytes, bytes]], path: str = "/") -> int:
    """Send headers as they are and return the status."""
    client = scene.client()
    scope = client._scope("GET", path, {})
    scope["headers"] = [pair for pair in scope["headers"] if pair[0] not in dict(headers)] + headers
    reply: Reply = scene.loop.run(asyncio.wait_for(client._ask(scope, b""), 10))
    return reply.status


def test_double_headers_that_could_be_understood_two_ways_are_refused(scene: ConsoleScene) -> None:
    for key in (b"authorization", b"cookie", b"origin", b"content-type", b"sec-fetch-site"):
        assert raw(scene, [(key, b"a"), (key, b"b")]) == 400


def test_a_flood_of_headers_is_refused(scene: ConsoleScene) -> None:
    assert raw(scene, [(b"x-%d" % number, b"y") for number in range(101)]) == 431
    assert raw(scene, [(b"cookie", b"a=b; " * 20_000)]) in (200, 401)
