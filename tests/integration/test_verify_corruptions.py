"""`verify` on a real home: silent when all is well, and one corruption gives exactly its name."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sps.bootstrap import open_world
from sps.daemon.tick import tick
from sps.flow import admit, tag
from sps.lib.lock import FileLock
from sps.model.card import Card, CardText
from sps.model.errors import Misuse
from sps.model.event import EventKind
from sps.model.pipeline import SandboxMode
from sps.model.run import Run, RunKind
from sps.model.transitions import Verb, move
from sps.ports.environments import Recipe
from sps.ports.store import CardQuery, EventQuery, Writing
from sps.ports.world import World
from sps.services import verify as verifying
from sps.services.add_card import add_card
from sps.services.init_project import InitOptions, init_project
from sps.services.verify import verify

pytestmark = pytest.mark.needs("git")

PIPELINE = """\
version: 1
agent: scripted
stages:
  - name: develop
gates:
  - {name: there, run: test -e a.txt}
"""
GIT_ENV = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_NAME": "owner" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "owner@example.org" for who in ("AUTHOR", "COMMITTER")},
}


class Place:
    """A home and its repository, with the means to damage them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = root / "home"
        self.repo = root / "repo"
        self.vault = self.home / "projects" / "demo" / "vault.git"
        self.opened: list[World] = []

    def git(self, *words: str, at: Path | None = None) -> str:
        done = subprocess.run(
            ["git", "-C", str(at or self.repo), *words],
            env=GIT_ENV, capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        return done.stdout.strip()

    def world(self) -> World:
        world = open_world(self.home)
        self.opened.append(world)
        return world

    def close(self) -> None:
        """Let go of the database: what closes later would still tidy away files beside it."""
        for world in self.opened:
            world.store.close()
        self.opened.clear()

    def names(self) -> set[str]:
        return {violation.invariant.value for violation in verify(self.world()).violations}

    def cards(self) -> list[Card]:
        return self.world().store.read(lambda tx: tx.cards(CardQuery(project="demo")))

    def last_event(self, card: Card) -> int:
        events = self.world().store.read(lambda tx: tx.events(EventQuery(card_id=card.id)))
        return events[-1].seq

    def sql(self, statement: str, *values: object) -> None:
        """Run a statement that our own rules would refuse; the rules are back afterwards."""
        with contextlib.closing(sqlite3.connect(self.home / "sps.db")) as db:
            db.execute("PRAGMA foreign_keys = ON")
            rules = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
            triggers = rules.fetchall()
            for name, _ in triggers:
                db.execute(f"DROP TRIGGER {name}")
            changed = db.execute(statement, values).rowcount
            for _, text in triggers:
                db.execute(text)
            db.commit()
            assert changed != 0, "the corruption changed something"

    def tell(self, card: Card, verb: str, source: str, target: str) -> None:
        """Add an event of a move that the row does not notice."""
        payload = {
            "verb": verb, "from": source, "to": target, "stage": card.stage,
            "attempt": card.attempt, "reason": card.reason,
        }  # fmt: skip
        self.sql(
            "INSERT INTO events (project, card_id, seq, kind, at, payload) VALUES (?,?,?,?,?,?)",
            "demo", card.id, self.last_event(card) + 1, EventKind.CARD_MOVED.value, 1,
            json.dumps(payload),
        )  # fmt: skip


def build(root: Path) -> Place:
    """Two cards done, one held in planning."""
    place = Place(root)
    place.repo.mkdir(parents=True)
    place.git("init", "-q", "-b", "main")
    (place.repo / "a.txt").write_text("a\n")
    place.git("add", "-A")
    place.git("commit", "-qm", "start")
    pipeline = root / "pipeline.yaml"
    pipeline.write_text(PIPELINE)
    world = open_world(place.home, create=True)
    options = InitOptions(sandbox=SandboxMode.NONE)
    init_project(
        world, "demo", repo=str(place.repo), agent="scripted", pipeline=pipeline, options=options
    )
    add_card(world, "demo", CardText(title="One", body="```file path=one.txt\none\n```\n"))
    add_card(world, "demo", CardText(title="Two", body="```file path=two.txt\ntwo\n```\n"))
    add_card(world, "demo", CardText(title="Later", hold=True))
    tick(world, ("demo",))
    world.store.close()
    return place


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, Path]:
    root = tmp_path_factory.mktemp("verify")
    place = build(root / "scene")
    kept = root / "kept"
    shutil.copytree(place.root, kept, symlinks=True)
    return place, kept


@pytest.fixture
def place(pristine: tuple[Place, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """The same scene in the same folder, as it was before any test."""
    scene, kept = pristine
    shutil.rmtree(scene.root)
    shutil.copytree(kept, scene.root, symlinks=True)
    monkeypatch.setattr(verifying, "_LOOKS_AGAIN", (0.0,))
    yield scene
    scene.close()


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(folder)): (path.lstat().st_size, path.lstat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("sps.db-")
    }


# --- sound ---------------------------------------------------------------------------------------


def test_home_without_a_fault_is_clean_and_left_as_it_was(place: Place) -> None:
    before = listing(place.root)
    report = verify(place.world())
    assert report.violations == ()
    assert report.ok
    assert listing(place.root) == before
    assert [card.state.value for card in place.cards()] == ["done", "done", "planning"]


def test_owners_own_commit_after_a_landing_is_no_fault(place: Place) -> None:
    place.git("commit", "-q", "--allow-empty", "-m", "the owner goes on")
    assert place.names() == set()


def test_unknown_project_is_misuse(place: Place) -> None:
    with pytest.raises(Misuse) as caught:
        verify(place.world(), "nothing")
    assert caught.value.code == "unknown-project"


def test_process_of_a_running_launch_is_no_orphan(place: Place) -> None:
    running = launched(place)
    with tagged(place, running), held_lock(place):
        assert place.names() == set()


# --- one corruption, one name --------------------------------------------------------------------


def row_removed(place: Place) -> None:
    place.sql("DELETE FROM cards WHERE seq = 1")


def card_file_deleted(place: Place) -> None:
    next((place.home / "projects" / "demo" / "cards").glob("3-*.md")).unlink()


def event_removed(place: Place) -> None:
    place.sql("DELETE FROM events WHERE kind = 'run.started' AND card_id = ?", place.cards()[0].id)


def state_changed_without_event(place: Place) -> None:
    place.sql("UPDATE cards SET state = 'backlog' WHERE seq = 3")


def reason_changed_without_event(place: Place) -> None:
    place.sql("UPDATE cards SET reason = 'conflict' WHERE seq = 3")


def move_out_of_done(place: Place) -> None:
    place.tell(place.cards()[0], "landed", "done", "done")


def move_that_the_table_has_not(place: Place) -> None:
    place.tell(place.cards()[2], "worked", "planning", "planning")


def run_ref_moved(place: Place) -> None:
    refs = place.git("for-each-ref", "--format=%(refname)", "refs/sps/runs", at=place.vault)
    start = place.git("rev-list", "--max-parents=0", "main", at=place.vault)
    place.git("update-ref", refs.splitlines()[0], start, at=place.vault)


def run_ref_deleted(place: Place) -> None:
    refs = place.git("for-each-ref", "--format=%(refname)", "refs/sps/runs", at=place.vault)
    place.git("update-ref", "-d", refs.splitlines()[0], at=place.vault)


def blob_deleted(place: Place) -> None:
    name = place.git("rev-parse", "main:two.txt", at=place.vault)
    (place.vault / "objects" / name[:2] / name[2:]).unlink()


def target_rewound(place: Place) -> None:
    start = place.git("rev-list", "--max-parents=0", "main")
    place.git("reset", "-q", "--hard", start)
    place.git("update-ref", "refs/heads/main", start, at=place.vault)


def target_replaced_by_commits_of_its_own(place: Place) -> None:
    target_rewound(place)
    place.git("commit", "-q", "--allow-empty", "-m", "another history")


def vault_ahead_of_the_target(place: Place) -> None:
    tree = place.git("rev-parse", "main^{tree}", at=place.vault)
    ahead = place.git("commit-tree", "-p", "main", "-m", "ahead", tree, at=place.vault)
    place.git("update-ref", "refs/heads/main", ahead, at=place.vault)


def landed_twice(place: Place) -> None:
    message = f"One again\n\nCard: {place.cards()[0].id}"
    place.git("commit", "-q", "--allow-empty", "-m", message)


def gate_verdict_removed(place: Place) -> None:
    landed = place.cards()[0].landed
    assert landed is not None
    place.sql("DELETE FROM gate_verdicts WHERE tree = ?", landed.tree)


def gate_verdict_turned_red(place: Place) -> None:
    place.sql("UPDATE gate_verdicts SET ok = 0 WHERE card_id = ?", place.cards()[1].id)


def other_tree_landed(place: Place) -> None:
    one, two, _ = place.cards()
    assert one.landed is not None
    assert two.landed is not None
    other = two.landed.tree if one.landed.tree != two.landed.tree else "0" * 40
    place.sql("UPDATE cards SET landed_tree = ? WHERE id = ?", other, one.id)
    place.sql("UPDATE landings SET tree = ? WHERE card_id = ?", other, one.id)


def landing_forgotten(place: Place) -> None:
    place.sql("UPDATE landings SET state = 'gated' WHERE card_id = ?", place.cards()[0].id)


def run_of_a_done_card_lives(place: Place) -> None:
    place.sql("UPDATE runs SET ended_at = 0, outcome = NULL WHERE card_id = ?", place.cards()[0].id)


def run_left_behind(place: Place) -> None:
    launched(place)


def environment_changed(place: Place) -> None:
    made = place.root / "checkout" / "deps"
    made.mkdir(parents=True)
    (made / "tool").write_text("honest\n")
    recipe = Recipe(key="k", tree="t", own=False, root=str(made.parent), keep=("deps",))
    kept = place.world().environments.publish("demo", "name", recipe)
    tool = Path(kept.content) / "deps" / "tool"
    tool.chmod(0o644)
    tool.write_text("evil!!\n")


def pipeline_broken(place: Place) -> None:
    (place.home / "projects" / "demo" / "pipeline.yaml").write_text("stages: 3\n")


CORRUPTIONS: list[tuple[Callable[[Place], None], str]] = [
    (row_removed, "card-lost"),
    (card_file_deleted, "card-file"),
    (event_removed, "events-gap-free"),
    (state_changed_without_event, "board-is-fold"),
    (reason_changed_without_event, "board-is-fold"),
    (move_out_of_done, "terminal-state"),
    (move_that_the_table_has_not, "legal-moves"),
    (run_ref_moved, "work-kept"),
    (run_ref_deleted, "work-kept"),
    (blob_deleted, "vault-sound"),
    (target_rewound, "landed-is-ancestor"),
    (target_replaced_by_commits_of_its_own, "landed-is-ancestor"),
    (vault_ahead_of_the_target, "vault-follows"),
    (landed_twice, "one-landing"),
    (gate_verdict_removed, "tested-tree"),
    (gate_verdict_turned_red, "tested-tree"),
    (other_tree_landed, "tested-tree"),
    (landing_forgotten, "landing-intent"),
    (run_of_a_done_card_lives, "one-live-run"),
    (run_left_behind, "fixpoint"),
    (environment_changed, "environment-unchanged"),
    (pipeline_broken, "checkable"),
]


@pytest.mark.parametrize(
    "corrupt, name", CORRUPTIONS, ids=[corrupt.__name__ for corrupt, _ in CORRUPTIONS]
)
def test_corruption_is_named_and_nothing_else_is(
    place: Place, corrupt: Callable[[Place], None], name: str
) -> None:
    corrupt(place)
    assert place.names() == {name}


def test_second_live_run_is_named_beside_the_missing_rule(place: Place) -> None:
    first = launched(place)
    second = a_run(first, "01SECONDRUN", generation=first.generation + 1)
    place.sql("DROP INDEX runs_one_live_per_card")
    place.sql(
        "INSERT INTO runs SELECT ?, card_id, project, generation + 1, stage, attempt, kind, agent,"
        " worker, workspace, started_at, pid, pid_started, session_id, 0, NULL, detail,"
        " input_tokens, output_tokens, total_tokens, cost_usd FROM runs WHERE ended_at = 0",
        second.id,
    )
    assert place.names() == {"one-live-run", "store-sound"}


def test_process_that_outlived_its_launch_is_an_orphan(place: Place) -> None:
    with tagged(place, place.cards()[0]) as pid:
        report = verify(place.world())
    assert [(v.invariant.value, v.subject) for v in report.violations] == [
        ("no-orphans", f"pid {pid}")
    ]


def test_undelivered_order_is_named_while_a_daemon_lives(place: Place) -> None:
    place.sql(
        "INSERT INTO outbox (kind, key, payload, created_at) VALUES ('start', 'x:1', '', 1000)"
    )
    assert place.names() == set(), "without a daemon nobody could have delivered it"
    with held_lock(place):
        assert place.names() == {"outbox-delivered"}


def test_each_invariant_is_explained() -> None:
    page = Path(__file__).parents[2] / "docs" / "runbooks" / "verify.md"
    text = page.read_text(encoding="utf-8")
    missing = [one.value for one in verifying.Invariant if f"`{one.value}`" not in text]
    assert missing == []


# --- means ---------------------------------------------------------------------------------------


def launched(place: Place) -> Card:
    """Let the third card run, without a process: what a kill leaves behind."""
    world = place.world()
    card = place.cards()[2]

    def change(tx: Writing) -> Card:
        ready = tx.save(move(tx.save(move(card, Verb.RELEASE, at=1)), Verb.ADMIT, at=2))
        running = admit.start(world, tx, ready)
        tx.start_run(a_run(running, "01FIRSTRUN", generation=running.generation))
        return running

    return world.store.write(change)


def a_run(card: Card, name: str, *, generation: int) -> Run:
    return Run(
        id=name, card_id=card.id, project="demo", generation=generation, stage="develop",
        attempt=1, kind=RunKind.WORK, agent="scripted", worker="local", workspace="/nowhere",
        started_at=1,
    )  # fmt: skip


@contextlib.contextmanager
def tagged(place: Place, card: Card) -> Iterator[int]:
    """A process that says it belongs to a launch of the card."""
    value = tag.of_card(place.world(), card, "test")
    child = subprocess.Popen(["sleep", "60"], env={**GIT_ENV, tag.VARIABLE: value})
    try:
        yield child.pid
    finally:
        child.kill()
        child.wait(timeout=10)


@contextlib.contextmanager
def held_lock(place: Place) -> Iterator[None]:
    lock = FileLock(place.home / "daemon.lock")
    assert lock.take("daemon of a test")
    try:
        yield
    finally:
        lock.release()
