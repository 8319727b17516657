"""Projects, pipeline editor, settings and palette through the application."""

from __future__ import annotations

import io
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sps.model.access import Role
from sps.model.card import CardState
from sps.model.errors import Misuse, Stale
from sps.services import lookup
from sps.services.edit_pipeline import InForce, in_force, put_text
from tests.fakes.small_world import PIPELINE, card_in
from tests.integration.console_scene import Client, ConsoleScene, console_scene

pytestmark = pytest.mark.needs("git")
_NASTY = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[ConsoleScene]:
    with console_scene(tmp_path) as made:
        yield made


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "README.md").write_text("shop\n")
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-qm", "one")):
        subprocess.run(
            ["git", "-C", str(folder), "-c", "user.name=T", "-c", "user.email=t@localhost", *words],
            check=True, capture_output=True, timeout=30,
        )  # fmt: skip
    return folder


def add(client: Client, repo: Path, name: str = "shop") -> None:
    reply = client.post_form("/projects", {"name": name, "repo": str(repo), "agent": "scripted"})
    assert (reply.status, reply.headers["location"]) == (303, f"/p/{name}/board"), reply.text


@pytest.mark.parametrize(
    "fields, field",
    [
        ({"name": "Bad Name"}, "name"),
        ({"name": "demo"}, "name"),
        ({"repo": "relative/path"}, "repo"),
        ({"repo": "/nowhere/at/all"}, "repo"),
        ({"repo": ""}, "repo"),
        ({"branch": "none-such"}, "branch"),
        ({"agent": "nobody"}, "agent"),
    ],
)
def test_refusal_stands_beside_its_field_and_keeps_what_was_typed(
    scene: ConsoleScene, repo: Path, fields: dict[str, str], field: str
) -> None:
    whole = {"name": "shop", "repo": str(repo), "agent": "scripted"} | fields
    reply = scene.client().post_form("/projects", whole)
    assert reply.status in (404, 422)
    assert f'id="err-{field}"' in reply.text
    assert f'value="{whole["name"]}"' in reply.text
    with pytest.raises(Misuse):
        scene.world.store.read(lambda tx: lookup.project(tx, "shop"))


def test_what_was_typed_comes_back_as_text(scene: ConsoleScene) -> None:
    reply = scene.client().post_form("/projects", {"name": _NASTY, "repo": "/" + _NASTY})
    assert reply.status == 422
    assert "<script>alert" not in reply.text
    assert "<img" not in reply.text


def test_claimed_repository_can_be_taken_over_knowingly(scene: ConsoleScene, repo: Path) -> None:
    client = scene.client()
    add(client, repo)
    again = {"name": "other", "repo": str(repo), "agent": "scripted"}
    reply = client.post_form("/projects", again)
    assert reply.status == 503
    assert 'name="force"' in reply.text
    assert client.post_form("/projects", again | {"force": "true"}).status == 303


def test_list_tells_bar_trouble_and_last_landing(scene: ConsoleScene) -> None:
    for state in (CardState.READY, CardState.NEEDS_HUMAN, CardState.DROPPED):
        card_in(scene.world, state)
    row = scene.client().get("/api/v1/projects").json["projects"][0]
    assert row["project"]["counts"]["ready"] == 1
    assert row["needs_human"] == 1
    assert row["no_gate"] is True
    assert row["last"] is None
    page = scene.client().get("/projects").text
    assert 'class="f-failed"' in page
    assert "It has no gate" in page


def test_last_landing_is_the_youngest_and_not_the_highest_number(scene: ConsoleScene) -> None:
    from sps.model.card import Landed

    world, clock = scene.world, scene.world.clock
    now = clock.now()
    clock.set_wall(now + 60_000)  # type: ignore[attr-defined]
    late = card_in(world, CardState.DONE, landed=Landed("c" * 40, "d" * 40))
    clock.set_wall(now)  # type: ignore[attr-defined]
    card_in(world, CardState.DONE, landed=Landed("a" * 40, "b" * 40))
    row = scene.client().get("/api/v1/projects/demo").json
    assert (row["last"]["seq"], row["last"]["commit"]) == (late.seq, "c" * 40)
    assert "c" * 10 in scene.client().get("/p/demo").text


def test_project_is_changed_exported_and_taken_out(scene: ConsoleScene, repo: Path) -> None:
    client = scene.client()
    add(client, repo)
    assert client.post_form("/p/shop", {"sandbox": "none"}).status == 303
    assert client.get("/api/v1/projects/shop").json["project"]["sandbox"] == "none"
    wrong = client.post_form("/p/shop", {"branch": "none-such"})
    assert 'id="err-branch"' in wrong.text
    export = client.get("/p/shop/export")
    assert export.headers["content-disposition"] == 'attachment; filename="shop.sps.tar.gz"'
    with tarfile.open(fileobj=io.BytesIO(export.body)) as packed:
        assert "export.json" in packed.getnames()
    refused = client.post_form("/p/shop/remove", {"name": "shopp"})
    assert (refused.status, 'id="err-removal"' in refused.text) == (422, True)
    gone = client.post_form("/p/shop/remove", {"name": "shop"})
    assert gone.headers["location"] == "/projects?removed=shop"
    page = client.get("/projects?removed=shop").text
    assert str(scene.world.home.root / "trash" / "shop-") in page
    assert client.get("/p/shop").status == 404
    assert "was taken out" not in client.get("/projects?removed=never").text


def test_broken_pipeline_halts_and_its_page_can_mend_it(scene: ConsoleScene) -> None:
    scene.world.home.pipeline("demo").write_text("version: 9\n")
    client = scene.client()
    assert "/p/demo/pipeline" in client.get("/p/demo").text
    page = client.get("/p/demo/pipeline")
    assert page.status == 200
    assert 'data-line="1"' in page.text
    scene.world.home.pipeline("demo").unlink()
    assert client.get("/p/demo/pipeline").status == 200


def test_pipeline_is_checked_compared_and_only_then_used(scene: ConsoleScene) -> None:
    client = scene.client()
    now = client.get("/api/v1/projects/demo/pipeline").json
    text = PIPELINE + "workers: 2\n"
    bad = client.post_json("/api/v1/projects/demo/pipeline/check", {"text": "version: x\nfoo: 1\n"})
    assert [one["line"] for one in bad.json["lint"]["mistakes"]][:1] == [1]
    assert len(bad.json["lint"]["mistakes"]) >= 2
    blind = client.post_form("/p/demo/pipeline", {"text": text, "act": "use"})
    assert blind.status == 200
    assert "has changed since the check" in blind.text
    assert scene.world.pipeline_files.load("demo").workers != 2
    shown = client.post_json("/api/v1/projects/demo/pipeline/check", {"text": text}).json
    crlf = text.replace("\n", "\r\n")
    used = client.post_form(
        "/p/demo/pipeline",
        {"text": crlf, "act": "use", "seen": now["sha256"], "checked": shown["sha256"]},
    )
    assert used.headers["location"] == "/p/demo/pipeline?used=true"
    assert scene.world.home.pipeline("demo").read_text() == text
    stale = {"text": PIPELINE, "seen": now["sha256"]}
    assert client.post_json("/api/v1/projects/demo/pipeline", stale, verb="PUT").status == 409
    broken = {"text": "version: 9\n"}
    assert client.post_json("/api/v1/projects/demo/pipeline", broken, verb="PUT").status == 422
    assert scene.world.home.pipeline("demo").read_text() == text


def test_offer_is_trusted_by_what_was_seen(scene: ConsoleScene, repo: Path) -> None:
    client = scene.client()
    add(client, repo)
    none = client.get("/p/shop/pipeline/offer")
    assert (none.status, "offers none" in none.text) == (200, True)
    assert client.post_form("/p/shop/pipeline/trust", {"sha256": "0" * 64}).status == 404


def test_token_is_told_once_and_taken_back(scene: ConsoleScene) -> None:
    client = scene.client()
    made = client.post_form("/settings", {"name": "backup", "role": "viewer"})
    token = made.text.split('id="token">')[1].split("<")[0]
    assert token not in client.get("/settings").text
    program = scene.stranger()
    program.token = token
    assert program.get("/api/v1/needs").status == 200
    assert program.get("/api/v1/access").status == 403
    grants = client.get("/api/v1/access").json["grants"]
    mine = next(one["id"] for one in grants if one["name"] == "backup")
    assert client.request("DELETE", f"/api/v1/access/{mine}").status == 200
    assert program.get("/api/v1/needs").status == 401
    assert client.post_form("/settings", {"name": " "}).status == 422


def test_only_admins_see_who_may_come_in(scene: ConsoleScene) -> None:
    viewer = scene.client(Role.VIEWER)
    page = viewer.get("/settings")
    assert (page.status, 'id="access"' in page.text) == (200, False)
    for path in ("/settings", "/projects", "/p/demo", "/p/demo/remove", "/p/demo/pipeline"):
        assert viewer.post_form(path, {"name": "x"}).status == 403, path
    assert viewer.get("/p/demo/export").status == 403


def test_settings_say_where_a_value_comes_from(scene: ConsoleScene) -> None:
    found = scene.client().get("/api/v1/settings").json
    sources = {one["key"]["name"]: one["source"] for one in found["settings"]}
    assert set(sources.values()) == {"default"}
    assert {one["name"]: one["path"] for one in found["places"]}["Home"] == str(
        scene.world.home.root
    )


def test_taste_refuses_what_there_is_not(scene: ConsoleScene) -> None:
    client = scene.client()
    assert client.post_form("/taste", {"density": "huge"}).status == 422
    reply = client.post_form("/taste", {"density": "compact", "keys": "off", "back": "//evil"})
    assert (reply.headers["location"], reply.cookies["sps_keys"]) == ("/", "off")
    page = client.get("/settings").text
    assert 'data-density="compact"' in page
    assert 'data-keys="off"' in page
    assert 'data-theme="dark"' in client.get("/nope", {"cookie": "sps_theme=dark"}).text


def test_palette_finds_cards_by_number_and_words_and_escapes(scene: ConsoleScene) -> None:
    client = scene.client()
    client.post_json("/api/v1/projects/demo/cards", {"title": f"Blue {_NASTY}", "hold": True})
    client.post_json("/api/v1/projects/demo/cards", {"title": "Green door", "hold": True})
    assert [one["seq"] for one in client.get("/api/v1/find?q=green+do").json["cards"]] == [2]
    assert [one["seq"] for one in client.get("/api/v1/find?q=demo%231").json["cards"]] == [1]
    assert client.get("/api/v1/find?q=2").json["cards"][0]["title"] == "Green door"
    for headers in ({}, {"x-sps": "1"}):
        reply = client.get("/palette?q=blue", headers)
        assert reply.status == 200
        assert "<script>alert" not in reply.text
        assert "/p/demo/c/1" in reply.text
    assert "/p/demo/board#new" in client.get("/palette?q=new+card").text
    assert "#new" not in scene.client(Role.VIEWER).get("/palette?q=new+card").text


def test_spent_code_is_said_at_the_door(scene: ConsoleScene) -> None:
    reply = scene.stranger().post_form("/sign-in", {"code": "x" * 43})
    assert (reply.status, 'role="alert"' in reply.text) == (422, True)
    quick = scene.stranger().post_json("/sign-in", {"code": "x" * 43})
    assert quick.json["code"] == "launch-refused"


def test_checks_of_a_project_are_run_by_an_operator_and_seen_by_everybody(
    scene: ConsoleScene,
) -> None:
    viewer, operator = scene.client(Role.VIEWER), scene.client(Role.OPERATOR)
    assert 'action="/p/demo/check"' not in viewer.get("/p/demo").text
    assert viewer.get("/p/demo?checks=true").status == 422
    assert viewer.post_form("/p/demo/check").status == 403
    assert viewer.post_json("/api/v1/projects/demo/check", {}).status == 403
    assert "looked at" not in viewer.get("/p/demo").text
    assert 'action="/p/demo/check"' in operator.get("/p/demo").text
    done = operator.post_form("/p/demo/check")
    assert (done.status, done.headers["location"]) == (303, "/p/demo#checks")
    page = viewer.get("/p/demo").text
    assert "looked at" in page
    assert "demo: repository" in page
    names = [one["name"] for one in operator.post_json("/api/v1/projects/demo/check", {}).json]
    assert "demo: repository" in names
    assert operator.post_form("/p/nowhere/check").status == 404


def test_of_two_who_change_a_pipeline_at_once_the_second_hears_of_it(scene: ConsoleScene) -> None:
    def put(name: str, now: InForce, at_once: threading.Barrier) -> str:
        at_once.wait(10)
        try:
            put_text(scene.world, "demo", f"{now.text}# {name}\n", now.sha256)
        except Stale:
            return "stale"
        return "put"

    with ThreadPoolExecutor(2) as pool:
        for _ in range(5):
            now, at_once = in_force(scene.world, "demo"), threading.Barrier(2)
            ends = pool.map(put, ("one", "two"), (now, now), (at_once, at_once))
            assert sorted(ends) == ["put", "stale"]
