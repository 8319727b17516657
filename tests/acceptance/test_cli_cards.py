"""Cards through the installed program: numbers, crashes, pipes."""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.acceptance.installed_cli import PROGRAM, Cli, make

pytestmark = pytest.mark.needs("git")
PROCESSES, CARDS = 8, 25
ADDS = int(os.environ.get("SPS_ADDS", PROCESSES * CARDS))


@pytest.fixture
def sps(tmp_path: Path) -> Cli:
    return make(tmp_path)


@pytest.mark.timeout(120 + ADDS)  # a second for each: several times what a busy machine takes
def test_concurrent_adds_give_distinct_numbers(sps: Cli) -> None:
    """Eight processes at a time; SPS_ADDS=1000 is the whole trial."""

    def add(number: int) -> str:
        done = sps("card", "add", "demo", f"Card {number}")
        assert done.code == 0, done.err
        return done.out.strip()

    with ThreadPoolExecutor(PROCESSES) as pool:
        printed = list(pool.map(add, range(ADDS)))
    assert len(set(printed)) == ADDS
    cards = sps("card", "list", "demo", "--json").json["cards"]
    assert [card["seq"] for card in cards] == list(range(1, ADDS + 1))
    assert len({card["title"] for card in cards}) == ADDS


def test_card_survives_kill_between_file_and_row(sps: Cli) -> None:
    killed = sps("card", "add", "demo", "Survivor", SPS_KILL_AT="card-add-after-file")
    assert killed.code == -9
    (card,) = sps("card", "list", "demo", "--json").json["cards"]
    assert (card["seq"], card["title"], card["id"]) == (1, "Survivor", None)
    assert sps("card", "add", "demo", "Next").out == "2\n"
    sps("tick", "demo")
    cards = sps("card", "list", "demo", "--json").json["cards"]
    assert all(card["id"] for card in cards)


def test_body_comes_through_a_pipe_to_the_byte(sps: Cli) -> None:
    body = "# Head\r\n\n  two  \n\ttab é\n---\nend"
    assert sps("card", "add", "demo", "Piped", "--file", "-", stdin=body).code == 0
    (file,) = (sps.home / "projects" / "demo" / "cards").iterdir()
    assert file.read_bytes().endswith(b"\n---\n" + body.encode())


def test_reader_that_goes_away_is_no_error(sps: Cli) -> None:
    for number in range(3):
        sps("card", "add", "demo", f"Card {number}", "x" * 60_000)
    child = subprocess.Popen(
        [str(PROGRAM), "card", "show", "demo", "1"], env=sps.env, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert child.stdout is not None
    child.stdout.close()
    _, err = child.communicate(timeout=30)
    assert (child.returncode, err) == (0, b"")


def test_plain_c_locale_and_odd_titles_are_no_error(sps: Cli) -> None:
    title = "naïve \N{SNOWMAN} $(touch x) `id`"
    assert sps("card", "add", "demo", title).code == 0
    assert sps("card", "list", "demo", LANG="C", LC_ALL="C", PYTHONUTF8="0").code == 0
    assert sps("card", "list", "demo", "--json", LC_ALL="C").json["cards"][0]["title"] == title
    assert not (sps.home.parent / "x").exists()


def test_broken_file_is_an_error_of_the_list_and_of_the_tick(sps: Cli) -> None:
    folder = sps.home / "projects" / "demo" / "cards"
    folder.mkdir(exist_ok=True)
    (folder / "5-bad.md").write_text("---\ntitle: [\n---\n")
    found = sps("card", "list", "demo", "--json")
    assert found.code == 0
    (error,) = found.json["errors"]
    assert list(error) == ["file", "line", "column", "code", "message"]
    assert sps("tick", "demo").code == 1
