"""A home, an owner's repository and a project in it, wired as in real life."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sps.bootstrap import Wired, open_world
from sps.lib import proctree
from sps.model.card import Card
from sps.model.event import Event, EventKind
from sps.model.run import Run
from sps.ports.store import EventQuery
from tests.vault_place import naive

PROJECT = "greeter"
_SPS = (sys.executable, "-m", "sps")
_TIMEOUT = 150.0  # seconds

# The gate's program is no part of any card's change, so no card waits for a person.
_FILES = {"README.md": "# Greeter\n", "check.sh": "test -s greeting.txt\n"}
_PIPELINE = """\
version: 1
stages:
  - {name: develop, timeout: 90s, idle_timeout: 60s, attempts: 2}
gates:
  - {name: greets, run: sh check.sh, timeout: 30s}
"""


@dataclass
class Place:
    """One home with its repository, used as its owner does: by the command line. What the tests
    look at they read from the store. `join` makes the project."""

    root: Path
    world: Wired

    @property
    def repo(self) -> Path:
        return self.root / "repository"

    def sps(self, *words: str, code: int = 0) -> str:
        """Run a command that has to end with this exit code, and return what it printed."""
        ended = subprocess.run(
            [*_SPS, *words],
            env=self._env(),
            text=True,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
        )
        assert ended.returncode == code, f"sps {words}: {ended.returncode}: {ended.stderr}"
        return ended.stdout

    def begin(self, *words: str) -> subprocess.Popen[bytes]:
        """Begin a command, and do not wait for it."""
        return subprocess.Popen([*_SPS, *words], env=self._env(), stdout=subprocess.DEVNULL)

    @contextlib.contextmanager
    def working(self) -> Iterator[subprocess.Popen[bytes]]:
        """Work in the foreground, in a process that is there while the block runs."""
        argv = [*_SPS, "tick", PROJECT]
        with subprocess.Popen(argv, env=self._env(), stdout=subprocess.DEVNULL) as tick:
            try:
                yield tick
            finally:
                tick.terminate()

    def _env(self) -> dict[str, str]:
        return {**os.environ, "SPS_HOME": str(self.world.home.root)}

    def join(self, agent: str) -> None:
        """Register the repository as a project that this agent works on."""
        pipeline = self.root / "pipeline.yaml"
        pipeline.write_text(_PIPELINE)
        named = ("--repo", str(self.repo), "--agent", agent, "--pipeline", str(pipeline))
        self.sps("project", "init", PROJECT, *named)

    def add(self, title: str, body: str) -> int:
        """Add a card and return its number."""
        return int(json.loads(self.sps("card", "add", PROJECT, title, body, "--json"))["seq"])

    def work(self, *, code: int = 0) -> None:
        """Work until nothing can move; then nothing may be left that should not be."""
        self.sps("tick", PROJECT, code=code)
        self.check()

    def check(self) -> None:
        """No process of a run lives, and every promise is kept."""
        assert self.alive() == {}
        self.sps("verify", PROJECT)

    def card(self, seq: int) -> Card:
        found = self.world.store.read(lambda tx: tx.card_by_seq(PROJECT, seq))
        assert found is not None
        return found

    def runs(self, seq: int) -> list[Run]:
        card = self.card(seq)
        return self.world.store.read(lambda tx: tx.runs(card_id=card.id))

    def events(self, seq: int, kind: EventKind) -> list[Event]:
        query = EventQuery(card_id=self.card(seq).id)
        events = self.world.store.read(lambda tx: tx.events(query))
        return [event for event in events if event.kind is kind]

    def transcript(self, run: Run) -> list[dict[str, Any]]:
        path = self.world.home.run(PROJECT, run.id) / "transcript.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()]

    def alive(self) -> dict[int, str]:
        """Return the processes that carry a tag of this home."""
        return proctree.tagged("SPS_RUN", f"{self.world.home_id}/")

    def git(self, *args: str) -> str:
        """Ask the owner's repository."""
        return naive(*args, cwd=self.repo)

    def trailers(self) -> dict[str, str]:
        """Return the trailers of the newest commit on the owner's branch."""
        lines = self.git("log", "-1", "--format=%(trailers:only,unfold)", "main").splitlines()
        return {name: value for name, _, value in (line.partition(": ") for line in lines)}


def make_place(root: Path) -> Place:
    """Make a home and a repository with one commit."""
    place = Place(root, open_world(root / "home", create=True))
    place.repo.mkdir()
    for name, content in _FILES.items():
        (place.repo / name).write_text(content)
    place.git("init", "-q", "-b", "main")
    place.git("add", "-A")
    place.git("commit", "-qm", "first")
    return place
