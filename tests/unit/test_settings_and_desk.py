"""Values of settings, one number of a pipeline, and the small files of a home."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from sps.adapters.home_notes import DeskNotes, SettingsNotes
from sps.model.desk import Desk, SavedView
from sps.model.errors import Absent, Misuse
from sps.model.settings import KEYS, known_key
from sps.services.tune_pipeline import with_key


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_default_of_every_setting_is_a_value_of_it(key) -> None:  # type: ignore[no-untyped-def]
    assert key.read(key.default) == key.default


@pytest.mark.parametrize(
    "name,text",
    [
        ("agents.limit", "0"),
        ("agents.limit", "65"),
        ("agents.limit", "1e3"),
        ("agents.limit", "١"),
        ("console.theme", "Dark"),
        ("environments.limit", "ten"),
        ("environments.limit", "0"),
    ],
)
def test_value_that_cannot_be_is_refused_with_the_command_that_helps(name: str, text: str) -> None:
    with pytest.raises(Misuse) as caught:
        known_key(name).read(text)
    assert caught.value.code == "bad-setting"
    assert caught.value.hint.startswith(f"sps config set {name} ")


@pytest.mark.parametrize(
    "before,after",
    [
        ("version: 1\nagent: a\n", "version: 1\nworkers: 5\nagent: a\n"),
        ("version: 1\nworkers: 2 # few\nagent: a\n", "version: 1\nworkers: 5\nagent: a\n"),
        ("# head\nagent: a\n", "workers: 5\n# head\nagent: a\n"),
        ("workers:\n  2\nagent: a\n", "workers: 5\nagent: a\n"),
        ("version: 1", "version: 1\nworkers: 5\n"),
        (
            "stages:\n  - {name: a, workers: 3}\n",
            "workers: 5\nstages:\n  - {name: a, workers: 3}\n",
        ),
    ],
)
def test_one_key_of_a_pipeline_changes_and_every_other_line_stays(before: str, after: str) -> None:
    assert with_key(before, "workers", "5") == after


def test_settings_file_of_an_owner_may_hold_numbers(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"agents.limit": 3, "console.theme": "dark"}')
    assert SettingsNotes(path).read() == {"agents.limit": "3", "console.theme": "dark"}


@pytest.mark.parametrize("content", ["{", "[]", '{"a": {}}', "\x00"])
def test_file_that_holds_no_settings_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(content)
    with pytest.raises(Absent, match=r"settings\.json cannot be read"):
        SettingsNotes(path).read()


def test_link_in_the_place_of_the_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("{}")
    (tmp_path / "desk.json").symlink_to(tmp_path / "secret")
    with pytest.raises(Absent):
        DeskNotes(tmp_path / "desk.json").read()


def test_views_of_many_who_write_at_once_are_all_kept(tmp_path: Path) -> None:
    path = tmp_path / "desk.json"

    def add(number: int) -> None:
        view = SavedView(project="demo", name=f"view {number}", filter="")
        DeskNotes(path).change(lambda desk: (Desk(views=(*desk.views, view)), None))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(DeskNotes(path).read().views) == 12
    assert path.stat().st_mode & 0o777 == 0o600
