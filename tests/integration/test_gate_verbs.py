"""Gates run again without the agent, and a red one is waived: once, on one tree, with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.model.access import Role
from sps.model.card import CardState
from sps.model.errors import Misuse, Stale
from sps.model.event import Event, EventKind
from sps.ports.store import Writing
from sps.services.gate_facts import gate_facts
from sps.services.gate_verbs import rerun_gates, waive_gate
from sps.services.verify import verify
from tests.integration.console_scene import console_scene
from tests.integration.scene import Make, Scene, file, scenes

pytestmark = pytest.mark.needs("bwrap", "git")

PIPELINE = """\
version: 1
agent: scripted
stages:
  - {name: develop, attempts: 1}
gates:
  - {name: sound, run: test -f a.txt}
  - {name: picky, run: "echo one; echo 'error: too loud'; test ! -f a.txt"}
  - {name: last, run: test -f README.md}
"""
REVIEWED = """\
version: 1
agent: scripted
stages:
  - {name: develop, attempts: 1}
  - {name: look, approve: person, on_fail: develop}
gates:
  - {name: one, run: test -f a.txt}
  - {name: two, run: test -f a.txt}
"""
WORK = file("a.txt", "a\n")
WHY = "The gate is wrong about\n  loud files; see the mail of Monday."


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with scenes(tmp_path) as build:
        yield build


def stopped(make: Make) -> Scene:
    """A card that a gate has stopped for good."""
    scene = make(PIPELINE)
    scene.add(WORK)
    scene.tick()
    assert (scene.card(1).state, scene.card(1).reason) == (CardState.NEEDS_HUMAN, "gate-failed")
    return scene


def sound(scene: Scene) -> None:
    report = verify(scene.world)
    assert report.ok, report.violations


def test_a_waived_gate_lands_and_says_so_everywhere(make: Make) -> None:
    scene = stopped(make)
    waive_gate(scene.world, "p", 1, "picky", WHY)
    scene.tick()
    assert scene.card(1).state is CardState.DONE
    said = scene.repo.trailers()
    assert said["Gates"] == "sound, last"
    assert (
        said["Waived"]
        == "picky (owner): The gate is wrong about loud files; see the mail of Monday."
    )
    (event,) = scene.events(1, EventKind.GATE_WAIVED)
    landed = scene.card(1).landed
    assert landed is not None
    assert (event.payload["by"], event.payload["tree"]) == ("owner", landed.tree)
    standing = {one.name: one.standing for one in gate_facts(scene.world, "p", 1).gates}
    assert standing == {"sound": "passed", "picky": "waived", "last": "passed"}
    sound(scene)


def test_a_waiver_is_of_one_tree_and_another_tree_is_judged_anew(make: Make) -> None:
    scene = stopped(make)
    waive_gate(scene.world, "p", 1, "picky", WHY)
    scene.repo.commit({"other.txt": "meanwhile\n"})
    scene.tick()
    assert (scene.card(1).state, scene.card(1).reason) == (CardState.NEEDS_HUMAN, "gate-failed")
    assert "other.txt" in (scene.repo.git("ls-tree", "--name-only", "main"))
    assert scene.repo.at("a.txt") is None
    waive_gate(scene.world, "p", 1, "picky", "still wrong")
    scene.tick()
    assert scene.repo.trailers()["Waived"] == "picky (owner): still wrong"
    sound(scene)


def test_only_the_gate_that_stopped_the_card_is_waived_and_only_with_a_reason(make: Make) -> None:
    scene = stopped(make)
    for gate, why, code in (
        ("picky", " \n", "empty-reason"), ("sound", "x", "not-red"), ("none", "x", "not-red"),
        ("picky", "x" * 2001, "too-large"),
    ):  # fmt: skip
        with pytest.raises(Misuse) as refused:
            waive_gate(scene.world, "p", 1, gate, why)
        assert refused.value.code == code
    with pytest.raises(Stale):
        waive_gate(scene.world, "p", 1, "picky", "x", seen="f" * 40)
    assert scene.events(1, EventKind.GATE_WAIVED) == []
    assert scene.card(1).state is CardState.NEEDS_HUMAN


def test_a_landing_with_a_waiver_that_nobody_gave_is_found(make: Make) -> None:
    scene = stopped(make)
    waive_gate(scene.world, "p", 1, "picky", WHY)
    scene.tick()
    path = scene.world.home.root / "sps.db"
    scene.close()
    import sqlite3

    with sqlite3.connect(path) as database:
        database.execute("DROP TRIGGER events_are_not_changed")
        database.execute(
            "UPDATE events SET payload = json_set(payload, '$.why', ' ') WHERE kind = 'gate.waived'"
        )
        database.execute(
            "CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events "
            "BEGIN SELECT RAISE(ABORT, 'events are append-only'); END"
        )
    from sps.bootstrap import open_world

    world = open_world(scene.world.home.root)
    try:
        found = [one for one in verify(world).violations if one.invariant == "tested-tree"]
    finally:
        world.store.close()
    assert len(found) == 1
    assert "picky" in found[0].detail


def test_gates_run_again_without_the_agent(make: Make) -> None:
    scene = stopped(make)
    runs = len(scene.runs(1))
    before = len(scene.events(1, EventKind.GATE_RAN))
    rerun_gates(scene.world, "p", 1, gate="picky")
    scene.tick()
    assert scene.card(1).reason == "gate-failed"
    assert len(scene.runs(1)) == runs
    again = [e.payload for e in scene.events(1, EventKind.GATE_RAN)[before:]]
    assert [(p["name"], p["cached"]) for p in again] == [("sound", True), ("picky", False)]


@pytest.mark.parametrize(
    "gate, onward, fresh",
    [("one", False, {"one"}), ("one", True, {"one", "two"}), ("two", True, {"two"}),
     (None, False, {"one", "two"})],
)  # fmt: skip
def test_green_gates_run_again_when_they_are_asked(
    make: Make, gate: str | None, onward: bool, fresh: set[str]
) -> None:
    scene = make(REVIEWED)
    scene.add(WORK)
    scene.tick()
    before = len(scene.events(1, EventKind.GATE_RAN))
    rerun_gates(scene.world, "p", 1, gate=gate, onward=onward)
    scene.tick()
    again = [e.payload for e in scene.events(1, EventKind.GATE_RAN)[before:]]
    assert {p["name"] for p in again if not p["cached"]} == fresh
    assert (scene.card(1).state, scene.card(1).reason) == (CardState.REVIEW, "awaiting-approval")
    assert gate_facts(scene.world, "p", 1).gates[0].history.ran == 1 + ("one" in fresh)


def test_only_an_administrator_waives_and_an_operator_runs_again(
    make: Make, tmp_path: Path
) -> None:
    scene = stopped(make)
    with console_scene(tmp_path, scene.world) as console:
        operator, admin = console.client(Role.OPERATOR), console.client(Role.ADMIN)
        page = operator.get("/p/p/c/1/gates").text
        assert 'data-gate="picky" data-standing="failed"' in page
        assert "/gates/rerun" in page
        assert "/gates/waive" not in page
        fields = {"gate": "picky", "why": "It is fine."}
        assert operator.post_form("/p/p/c/1/gates/waive", fields).status == 403
        assert console.client(Role.VIEWER).post_form("/p/p/c/1/gates/rerun").status == 403
        assert "/gates/waive" in admin.get("/p/p/c/1/gates").text
        done = admin.post_form("/p/p/c/1/gates/waive", fields)
        assert (done.status, done.headers["location"]) == (303, "/p/p/c/1/gates")
        assert scene.card(1).state is CardState.GATING
        assert 'data-gate="sound" data-standing="running"' in admin.get("/p/p/c/1/gates").text
        late = admin.post_json("/api/v1/projects/p/cards/1/gates/rerun", {})
        assert late.json["code"] == "not-waiting"


@pytest.mark.parametrize("path", ["gates/rerun", "approve", "reject", "retry"])
def test_a_project_that_is_none_is_said_before_its_pipeline_is_looked_for(
    make: Make, tmp_path: Path, path: str
) -> None:
    with console_scene(tmp_path, make(REVIEWED).world) as console:
        body = {"comment": "x"} if path == "reject" else {}
        reply = console.program().post_json(f"/api/v1/projects/none/cards/1/{path}", body)
        assert reply.json["code"] == "unknown-project"


def test_history_of_a_gate_is_found_behind_any_number_of_other_events(make: Make) -> None:
    scene = stopped(make)
    note = Event(project="p", kind=EventKind.PROJECT_RESUMED, at=1)

    def much_else(tx: Writing) -> None:
        for _ in range(10_001):
            tx.add_event(note)

    before = [one.history for one in gate_facts(scene.world, "p", 1).gates]
    scene.world.store.write(much_else)
    assert [one.history for one in gate_facts(scene.world, "p", 1).gates] == before
    assert [(one.ran, [run.card for run in one.runs]) for one in before[:2]] == [(1, [1])] * 2


def test_history_of_a_gate_is_of_its_newest_runs_alone(make: Make) -> None:
    scene = stopped(make)
    card = scene.card(1)

    def ran_often(tx: Writing) -> None:
        for number in range(600):
            payload = {"name": "sound", "ok": True, "seconds": float(number), "tree": "t"}
            tx.add_event(
                Event(project="p", card_id=card.id, kind=EventKind.GATE_RAN, at=1, payload=payload)
            )

    scene.world.store.write(ran_often)
    history = gate_facts(scene.world, "p", 1).gates[0].history
    assert (history.ran, history.failed, history.runs[-1].seconds) == (500, 0, 599.0)
