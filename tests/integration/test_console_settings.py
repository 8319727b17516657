"""Settings through the application: every key, its source, checking, saving, restoring."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.model.access import Role
from sps.model.errors import Misuse
from sps.model.settings import KEYS
from sps.services.settings import change_settings, number, settings, value
from tests.integration.console_scene import Client, ConsoleScene, console_scene

FORM = "/settings/values"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[ConsoleScene]:
    with console_scene(tmp_path) as made:
        yield made


@pytest.fixture
def client(scene: ConsoleScene) -> Client:
    return scene.client()


def _file(scene: ConsoleScene) -> dict[str, str]:
    found: dict[str, str] = json.loads(scene.world.home.settings.read_text())
    return found


def test_page_shows_every_key_with_value_and_default(client: Client) -> None:
    page = client.get("/settings").text
    for key in KEYS:
        assert f'name="{key.name}"' in page
        assert key.says in page


def test_checking_shows_the_difference_and_writes_nothing(
    scene: ConsoleScene, client: Client
) -> None:
    reply = client.post_form(FORM, {"agents.silent": "60", "console.theme": "dark"})
    assert reply.status == 200
    assert "agents.silent: <del>300</del> → <ins>60</ins>" in reply.text
    assert "console.theme: <del>system</del> → <ins>dark</ins>" in reply.text
    assert not scene.world.home.settings.exists()


def test_saving_what_was_checked_counts_at_once(scene: ConsoleScene, client: Client) -> None:
    seen = client.get("/api/v1/settings").json["digest"]
    fields = {"agents.silent": "60", "console.theme": "dark", "act": "save", "seen": seen}
    assert client.post_form(FORM, fields).status == 303
    assert _file(scene) == {"agents.silent": "60", "console.theme": "dark"}
    assert number(scene.world, "agents.silent") == 60
    assert 'data-theme="dark"' in client.get("/settings").text


def test_every_mistake_is_said_beside_its_field_and_nothing_is_saved(
    scene: ConsoleScene, client: Client
) -> None:
    reply = client.post_form(FORM, {"agents.silent": "1", "agents.limit": "x", "act": "save"})
    assert reply.status == 422
    assert "agents.silent is from 10 to 86400" in reply.text
    assert "agents.limit is a whole number from 1 to 64" in reply.text
    assert not scene.world.home.settings.exists()


def test_saving_over_another_change_is_a_conflict(scene: ConsoleScene, client: Client) -> None:
    seen = client.get("/api/v1/settings").json["digest"]
    change_settings(scene.world, {"agents.silent": "90"})
    reply = client.post_form(FORM, {"agents.silent": "60", "act": "save", "seen": seen})
    assert reply.status == 409
    assert number(scene.world, "agents.silent") == 90


def test_restoring_gives_the_default_and_undo_gives_the_value_back(
    scene: ConsoleScene, client: Client
) -> None:
    change_settings(scene.world, {"agents.silent": "90"})
    page = client.get("/settings").text
    assert 'data-undo-body="name=agents.silent&amp;value=90"' in page
    assert client.post_form("/settings/one", {"name": "agents.silent"}).status == 303
    assert number(scene.world, "agents.silent") == 300
    client.post_form("/settings/one", {"name": "agents.silent", "value": "90"})
    assert number(scene.world, "agents.silent") == 90


def test_variable_overrules_the_file_and_is_read_only(
    scene: ConsoleScene, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPS_LOG", "debug")
    change_settings(scene.world, {"log.level": "error"})
    found = {one.key.name: one for one in settings(scene.world, {"SPS_LOG": "debug"}).settings}
    one = found["log.level"]
    assert (one.value, one.source, one.where, one.locked) == (
        "debug", "environment", "SPS_LOG", True,
    )  # fmt: skip
    assert 'name="log.level" disabled' in client.get("/settings").text


def test_flag_overrules_all(scene: ConsoleScene) -> None:
    scene.world.flags["agents.limit"] = "3"
    found = {one.key.name: one for one in settings(scene.world, {}).settings}
    assert (found["agents.limit"].value, found["agents.limit"].where) == ("3", "sps up --limit")


def test_file_that_cannot_be_read_is_told_and_counts_for_nothing(
    scene: ConsoleScene, client: Client
) -> None:
    scene.world.home.settings.write_text("{no json")
    assert value(scene.world, "console.theme") == "system"
    page = client.get("/settings")
    assert page.status == 200
    assert "The file cannot be read, so the defaults count:" in page.text
    assert client.post_form("/settings/one", {"name": "console.theme"}).status == 503


def test_hand_written_mistakes_are_named(scene: ConsoleScene, client: Client) -> None:
    scene.world.home.settings.write_text('{"agents.limit": 900, "colour": "red"}')
    assert number(scene.world, "agents.limit") == 8
    page = client.get("/settings").text
    assert "agents.limit is from 1 to 64, not &#39;900&#39;" in page
    assert "The file names what is no setting:" in page


def test_unknown_setting_gets_a_suggestion(scene: ConsoleScene) -> None:
    with pytest.raises(Misuse, match=r'did you mean "agents\.limit"'):
        change_settings(scene.world, {"agent.limit": "2"})


def test_only_admins_change_settings(scene: ConsoleScene) -> None:
    viewer = scene.client(Role.VIEWER)
    assert viewer.post_form(FORM, {"agents.silent": "60", "act": "save"}).status == 403
    assert (
        'name="agents.silent" inputmode="numeric" value="300" maxlength="20" autocomplete="off" '
        "disabled" in viewer.get("/settings").text
    )


@pytest.mark.parametrize(
    "accepted,language",
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("en;q=0.4, zh;q=0.6", "zh-Hans"),
        ("fr, en;q=0.2", "en"),
        ("zh;q=0", "en"),
        ("zh;q=x", "en"),
        ("", "en"),
    ],
)
def test_language_follows_what_the_browser_prefers(
    client: Client, accepted: str, language: str
) -> None:
    page = client.get("/settings", {"accept-language": accepted}).text
    assert f'<html lang="{language}"' in page


def test_explicit_language_beats_the_browser_and_the_home(
    scene: ConsoleScene, client: Client
) -> None:
    change_settings(scene.world, {"console.language": "zh"})
    assert '<html lang="zh-Hans"' in client.get("/", {"accept-language": "en"}).text
    client.post_form("/taste", {"language": "en"})
    assert '<html lang="en"' in client.get("/", {"accept-language": "zh"}).text
