"""A home, an owner's repository and a project in it, wired as in real life."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sps.bootstrap import Wired, open_world
from sps.daemon.board import Board
from sps.daemon.tick import tick
from sps.lib import proctree
from sps.model.card import Card, CardText
from sps.model.event import Event, EventKind
from sps.model.run import Run
from sps.ports.store import EventQuery
from sps.services.add_card import add_card
from sps.services.init_project import init_project
from sps.services.verify import verify
from tests.vault_place import naive

PROJECT = "greeter"


@dataclass
class Place:
    """One project of one home."""

    world: Wired
    repo: Path

    def add(self, title: str, body: str) -> int:
        """Add a card and return its number."""
        return add_card(self.world, PROJECT, CardText(title=title, body=body)).seq

    def work(self) -> Board:
        """Work in the foreground until nothing can move, and check what must always hold."""
        board = tick(self.world, (PROJECT,))
        assert self.alive() == {}
        assert verify(self.world, PROJECT).violations == (), "an invariant is broken"
        return board

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
        """The processes that carry a tag of this home."""
        return proctree.tagged("SPS_RUN", f"{self.world.home_id}/")

    def git(self, *args: str) -> str:
        return naive(*args, cwd=self.repo)


def make_place(root: Path, *, agent: str, gates: dict[str, str], registry: str = "") -> Place:
    """Make them. `gates` is name -> command; `registry` the owner's file of agents."""
    repo = root / "repository"
    repo.mkdir()
    naive("init", "-q", "-b", "main", cwd=repo)
    (repo / "README.md").write_text("# Greeter\n")
    naive("add", "-A", cwd=repo)
    naive("commit", "-qm", "first", cwd=repo)
    world = open_world(root / "home", create=True)
    if registry:
        world.home.agents.write_text(registry)
    pipeline = root / "pipeline.yaml"
    pipeline.write_text(_pipeline(gates))
    init_project(world, PROJECT, repo=str(repo), agent=agent, pipeline=pipeline)
    return Place(world, repo)


def _pipeline(gates: dict[str, str]) -> str:
    stages = [{"name": "develop", "timeout": "60s", "idle_timeout": "45s", "attempts": 2}]
    listed = [{"name": name, "run": run, "timeout": "30s"} for name, run in gates.items()]
    return json.dumps({"version": 1, "stages": stages, "gates": listed})
