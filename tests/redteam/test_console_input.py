"""Hostile input: paths, fields, bodies, sizes, and what answers must never carry or lead to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import msgspec
import pytest

from sps.console.decoding import BODY_LIMIT
from sps.console.openapi import statuses
from sps.console.pages.settings import NewToken
from sps.console.registry import SAFE, Route, Surface
from sps.model.errors import Misuse
from tests.integration.console_scene import ConsoleScene, Reply, console_scene
from tests.redteam.console_paths import address, changes, name, routes, word_names

FORM = "application/x-www-form-urlencoded"
TRAVERSALS = (
    "..", "../../../../etc/passwd", "..\\..\\x", "/etc/passwd", "%2e%2e", "....//", "\0", "a\0b",
    "file:///etc/passwd", "~root", "-x", "--upload-pack=x", "$(id)", "{{7*7}}", "\u202e", "x" * 900,
    "\ufffd", "CON", ".", "\r\nset-cookie: a=b", "999999999999999999999", "-1", "1e3", "١",
)  # fmt: skip
READS = tuple(r for r in routes() if r.verb in SAFE and r.surface is not Surface.STREAM)
WORDED = tuple((r, word) for r in routes() for word in word_names(r))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleScene]:
    with console_scene(tmp_path_factory.mktemp("input")) as made:
        made.program().post_json("/api/v1/projects/demo/cards", {"title": "A card"})
        yield made


def clean(reply: Reply) -> None:
    """No defect, no file of this machine, and the headers of every answer."""
    assert reply.status < 500 or reply.status == 503, reply.text
    assert b"root:x:0:0" not in reply.body
    protected(reply)


def protected(reply: Reply) -> None:
    policy = reply.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "'unsafe" not in policy
    assert reply.headers["x-frame-options"] == "DENY"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert reply.headers["cross-origin-opener-policy"] == "same-origin"
    assert reply.headers["x-request-id"]
    cache = reply.headers["cache-control"]
    assert cache == "no-store" or "immutable" in cache


@pytest.mark.parametrize("route, word", WORDED, ids=lambda v: v if isinstance(v, str) else name(v))
def test_no_word_of_a_path_leads_out(scene: ConsoleScene, route: Route, word: str) -> None:
    client = scene.program()
    for bad in TRAVERSALS:
        if route.surface is Surface.STREAM:
            continue
        body = b"{}" if route.verb not in SAFE else b""
        kind = {"content-type": "application/json"} if body else {}
        reply = client.request(route.verb, address(route, **{word: bad}), body, kind)
        clean(reply)
        assert reply.status not in (200, 201) or route.verb in SAFE or word != "project"


@pytest.mark.parametrize(
    "bad", [*TRAVERSALS, "../app.py", "css/../../app.py", "js/", "/css/base.css"]
)
def test_static_gives_its_own_files_only(scene: ConsoleScene, bad: str) -> None:
    reply = scene.stranger().get(f"/static/x/{bad}")
    clean(reply)
    assert reply.status == 404


@pytest.mark.parametrize("route", READS, ids=name)
def test_every_read_has_its_headers_and_a_head(scene: ConsoleScene, route: Route) -> None:
    client = scene.client()
    reply = client.get(address(route))
    clean(reply)
    if route.path.startswith("/api/"):
        assert reply.status in statuses(route)
    head = client.request("HEAD", address(route))
    assert (head.status, head.body) == (reply.status, b"")
    assert head.headers["content-type"] == reply.headers["content-type"]
    for verb in ("TRACE", "CONNECT", "PROPFIND", "get"):
        assert client.request(verb, address(route)).status == 405


@pytest.mark.parametrize(
    "path", ["/nothing", "/api/v1/nothing", "/p/demo/c/9999", "/%00", "//evil"]
)
@pytest.mark.parametrize("who", ["client", "stranger"])
def test_errors_have_their_headers_too(scene: ConsoleScene, path: str, who: str) -> None:
    reply = getattr(scene, who)().get(path)
    clean(reply)
    assert reply.status in (401, 404)
    assert scene.client().request("DELETE", "/").headers["allow"] == "GET"


@pytest.mark.parametrize("route", changes(), ids=name)
def test_bodies_that_are_wrong_are_refused_whole(scene: ConsoleScene, route: Route) -> None:
    client = scene.program()
    deep = b'{"title":' + b"[" * 50_000
    for body, kind, wanted in (
        (b'{"title":"a","title":"b"}', "application/json", {422}),
        (b'{"titel":"a"}', "application/json", {422}),
        (b'{"__proto__":{}}', "application/json", {422}),
        (b'{"title":"a\\u0000b"}', "application/json", {422}),
        (b'{"title":"\\ud800"}', "application/json", {422}),
        (b'{"title":"\xff\xfe"}', "application/json", {422}),
        (b"[]", "application/json", {422}),
        (b"null", "application/json", {422}),
        (b"{", "application/json", {422}),
        (deep, "application/json", {422}),
        (b'{"title":NaN}', "application/json", {422}),
        (b"{}", "text/plain", {415}),
        (b"{}", "application/jsonp", {415}),
        (b'{"title":' + b" " * BODY_LIMIT + b'"a"}', "application/json", {413}),
    ):
        reply = client.request(route.verb, address(route), body, {"content-type": kind})
        clean(reply)
        assert reply.status in wanted, (body[:60], reply.text)
    packed = {"content-type": "application/json", "content-encoding": "gzip"}
    assert client.request(route.verb, address(route), b"\x1f\x8b", packed).status == 415
    for length in ("99999999999999999999999999", "-1", "+1", "1_0", "0x1"):
        said = {"content-type": "application/json", "content-length": length}
        assert client.request(route.verb, address(route), b"{}", said).status == 413


@pytest.mark.parametrize("route", [r for r in changes() if r.surface is not Surface.API], ids=name)
def test_forms_that_are_wrong_are_refused_whole(scene: ConsoleScene, route: Route) -> None:
    client = scene.client()
    for body in (
        b"titel=a", b"zz=%00", b"zz=%ff", b"zz=\xff", b"&".join(b"a%d=1" % n for n in range(300)),
    ):  # fmt: skip
        reply = client.request(route.verb, address(route), body, {"content-type": FORM})
        clean(reply)
        assert reply.status == 422, (body[:60], reply.text)
    fields = [f.encode_name for f in msgspec.structs.fields(route.body or msgspec.Struct)]
    single = next((f for f in fields if f in ("title", "column", "code", "back", "text")), None)
    if single is not None:
        twice = f"{single}=a&{single}=b".encode()
        reply = client.request(route.verb, address(route), twice, {"content-type": FORM})
        assert reply.status == 422


@pytest.mark.parametrize(
    "to",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example",
     "javascript:1", "/\t/evil.example", "/\r\nset-cookie: a=b", "//evil.example/%2f..",
     " //evil.example", "", "///x",
     "/ok\u2028x", "http:evil.example", "/%0d%0aset-cookie:a=b"],
)  # fmt: skip
def test_no_redirect_leads_elsewhere(scene: ConsoleScene, to: str) -> None:
    card = scene.program().post_json("/api/v1/projects/demo/cards", {"title": "held"}).json["seq"]
    for path, more in (("/taste", {"theme": "dark"}), (f"/p/demo/c/{card}/hold", {})):
        reply = scene.client().post_form(path, {**more, "back": to})
        clean(reply)
        assert reply.status in (303, 422)
        if reply.status == 303:
            place = reply.headers["location"]
            assert place.startswith("/")
            assert place[1:2] not in ("/", "\\")
            assert place.isascii()
            assert place.isprintable()
    assert "set-cookie" not in scene.client().get(f"/?x={quote(to)}").headers


def test_every_query_refuses_what_it_does_not_know(scene: ConsoleScene) -> None:
    client = scene.client()
    for route in READS:
        for query in ("zz=1", "zz=%00", "zz=%ff", "&".join(f"a{n}=1" for n in range(300))):
            reply = client.get(f"{address(route)}?{query}")
            clean(reply)
            assert reply.status in (404, 422), (name(route), query)


def test_cookies_are_out_of_reach_of_scripts_and_sites(scene: ConsoleScene) -> None:
    from sps.model.access import GrantKind, Role
    from sps.services import access

    word, _ = access.grant(scene.world, GrantKind.LAUNCH, Role.VIEWER, "l")
    reply = scene.stranger().post_form("/sign-in", {"code": word})
    parts = reply.headers["set-cookie"].split("; ")
    assert {"Path=/", "HttpOnly", "SameSite=Strict"} <= set(parts)
    assert not [part for part in parts if part.lower().startswith("domain")]
    assert word not in reply.headers["location"]
    secret = parts[0].partition("=")[2]
    for path in scene.world.home.root.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path


def test_a_slow_body_is_not_waited_for(
    scene: ConsoleScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    monkeypatch.setattr("sps.console.receiving.BODY_S", 0.05)
    client = scene.program()
    scope = client._scope(
        "POST", "/api/v1/projects/demo/cards", {"content-type": "application/json"}
    )
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b" ", "more_body": True}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scene.loop.run(scene.app(scope, receive, send))
    assert sent[0]["status"] == 408


def test_what_is_told_once_is_not_kept_for_repetitions(scene: ConsoleScene) -> None:
    client = scene.program()
    path = next(r.path for r in routes() if r.surface is Surface.API and r.body is NewToken)
    said = {"idempotency-key": "once"}
    first = client.post_json(path, {"name": "t", "role": "viewer"}, said)
    assert first.status in (200, 201)
    again = client.post_json(path, {"name": "t", "role": "viewer"}, said)
    assert (again.status, again.json["code"]) == (409, "already-done")
    secret = json.loads(first.body)["token"].encode()
    for file in scene.world.home.root.rglob("*"):
        assert not file.is_file() or secret not in file.read_bytes()


@pytest.mark.parametrize("name", ["..", "../outside", "/outside", "a/../../outside", "", "."])
def test_a_project_in_a_body_leads_to_no_file_outside_of_the_projects(
    scene: ConsoleScene, name: str
) -> None:
    home = scene.world.home
    outside = home.root / "outside"
    outside.mkdir(exist_ok=True)
    for folder in (outside, home.root):
        (folder / "pipeline.yaml").write_text("canary: of another folder\n")
    try:
        for verb in ("approve", "changes"):
            sent = {"project": name, "seq": 1, "seen": "x", "comment": "x"}
            reply = scene.program().post_json(f"/api/v1/review/{verb}", sent)
            assert (reply.status, reply.json["code"]) == (404, "unknown-project"), reply.text
            assert "canary" not in reply.text
        with pytest.raises(Misuse):
            home.project(name)
    finally:
        for folder in (outside, home.root):
            (folder / "pipeline.yaml").unlink()
