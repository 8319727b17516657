"""The demo is the first thing a newcomer runs: it has to keep every promise it makes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.needs("bwrap")


def demo(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("SPS_")}
    return subprocess.run(
        [sys.executable, "-m", "sps", "demo", *words],
        env={**env, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def test_the_demo_lands_its_cards_and_verifies_clean(tmp_path: Path) -> None:
    done = demo(tmp_path, "--json", "--keep", str(tmp_path / "kept"))
    assert done.returncode == 0, done.stdout + done.stderr
    shown = json.loads(done.stdout)
    assert shown["as_promised"]
    assert shown["verify"] == []
    states = {card["seq"]: card["state"] for card in shown["cards"]}
    assert [states[seq] for seq in range(1, 9)] == ["done"] * 8
    assert states[9] == "needs_human"
    attempts = {card["seq"]: card["attempt"] for card in shown["cards"]}
    assert attempts[3] == 2, "the failing gate is repaired by a second attempt"
    assert 2 in (attempts[4], attempts[5]), "one of the two cards in conflict needs another attempt"
    assert attempts[8] == 2, "the reviewer asked for changes once"
    assert len(shown["log"]) == 2 * 8 + 1
    assert (tmp_path / "kept" / "home" / "sps.db").exists()


def test_the_demo_leaves_nothing_in_the_home_of_its_user(tmp_path: Path) -> None:
    home = tmp_path / "user"
    home.mkdir()
    done = demo(home)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "sps verify: clean" in done.stdout
    assert list(home.iterdir()) == []


def test_the_demo_refuses_a_folder_that_is_in_use(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    done = demo(tmp_path, "--keep", str(tmp_path))
    assert done.returncode == 2
    assert "not empty" in done.stderr
    assert (tmp_path / "mine.txt").read_text() == "precious"
