"""Odd surroundings: streams that are closed, a locale that knows no letter but the plain ones."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.scene import Scene, file, scenes

pytestmark = pytest.mark.needs("bwrap", "git")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with scenes(tmp_path) as build:
        yield build()


def _sps(scene: Scene, words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a line of a shell in which `sps` is the program."""
    script = f'sps() {{ "{sys.executable}" -m sps "$@"; }}; {words}'
    return subprocess.run(
        ["/bin/bash", "-c", script],
        env={**os.environ, "SPS_HOME": str(scene.world.home.root), **env},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams_get_no_traceback_and_nothing_lands_in_the_database(
    scene: Scene, closed: str
) -> None:
    for words in ("--version", "card list p --json", "status", "card show p 7"):
        done = _sps(scene, f"sps {words} {closed}")
        assert "Traceback" not in done.stderr
        assert done.returncode == (2 if words == "card show p 7" else 0), (words, done.stderr)
    assert scene.world.store.check() == []


def test_card_with_letters_of_any_script_lands_in_a_locale_that_has_none(scene: Scene) -> None:
    scene.add(file("häuser.txt", "ü 漢\n"), title="Ünï 漢字")
    done = _sps(
        scene, "sps tick p", LC_ALL="POSIX", LANG="", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"
    )
    assert (done.returncode, scene.states()) == (0, {1: "done"}), done.stdout + done.stderr
    assert scene.repo.landed()[-1] == "Ünï 漢字 (p#1)"
    assert (scene.repo.path / "häuser.txt").read_text(encoding="utf-8") == "ü 漢\n"
