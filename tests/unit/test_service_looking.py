"""What an owner is shown before deciding: findings, reviews, gates, and why nothing moves."""

from __future__ import annotations

from pathlib import Path

import pytest

from sps.bootstrap import Wired
from sps.model.card import CardState, CardText
from sps.model.errors import Misuse
from sps.model.event import Event, EventKind
from sps.model.verdict import Comment, Decision, GateVerdict, Verdict
from sps.ports.files import CardFileBroken
from sps.services.add_card import add_card
from sps.services.agents import add_agent, remove_agent
from sps.services.doctor import doctor
from sps.services.edit_card import CardChanges, edit_card
from sps.services.list_cards import list_cards
from sps.services.move_card import hold_card, release_card
from sps.services.pipelines import lint_pipeline
from sps.services.show_card import show_card
from sps.services.status import status
from sps.services.why import why
from sps.services.why_project import why_project
from sps.services.workers import list_runs
from tests.fakes.small_world import PIPELINE, card_in, small_world

FOUND = {"code": "test-skipped", "path": "tests/test_a.py", "line": 7, "says": "skips a test"}


@pytest.fixture
def world(tmp_path: Path) -> Wired:
    return small_world(tmp_path / "home")


def note(world: Wired, card_id: str, kind: EventKind, **payload: object) -> None:
    event = Event(project="demo", card_id=card_id, kind=kind, at=1, payload=payload)
    world.store.write(lambda tx: tx.add_event(event))


def test_every_held_finding_and_review_comment_is_shown_with_its_place(world: Wired) -> None:
    card = card_in(world, CardState.NEEDS_HUMAN, reason="test-skipped")
    other = FOUND | {"code": "gate-edited", "path": "Makefile", "line": 0}
    note(world, card.id, EventKind.GATE_HELD, findings=[FOUND, other])
    comment = Comment(path="a.py", line=3, text="too long")
    verdict = Verdict(decision=Decision.CHANGES, comments=(comment,), by="codex")
    world.store.write(lambda tx: tx.save_verdict(card.id, verdict, 2))
    found, shown = why(world, "demo", 1), show_card(world, "demo", 1)
    assert [one.text for one in found.findings] == [
        "tests/test_a.py:7: skips a test [test-skipped]",
        "Makefile: skips a test [gate-edited]",
    ]
    assert shown.findings == found.findings
    assert [review.lines for review in found.reviews] == [["a.py:3: too long"]]
    assert found.next == "sps card show demo 1 --diff"
    assert "sps card approve demo 1" in found.why


def test_findings_of_an_earlier_attempt_are_not_shown(world: Wired) -> None:
    card = card_in(world, CardState.REVIEW, reason="awaiting-approval")
    note(world, card.id, EventKind.GATE_HELD, findings=[FOUND])
    note(world, card.id, EventKind.CARD_MOVED, verb="rework", to="ready")
    assert show_card(world, "demo", 1).findings == []


def test_card_without_work_has_no_change_to_show(world: Wired) -> None:
    card_in(world, CardState.READY)
    with pytest.raises(Misuse) as err:
        show_card(world, "demo", 1, diff=True)
    assert err.value.code == "no-change"


def test_red_gate_is_shown_with_log_and_output(world: Wired) -> None:
    card = card_in(world, CardState.NEEDS_HUMAN, reason="gate-failed")
    red = GateVerdict(
        name="tests", tree="t", command="pytest", ok=False, exit_code=1, log="x.log", tail="E  1"
    )
    world.store.write(lambda tx: tx.save_gate_verdict(card.id, "key", red, 1))
    (gate,) = why(world, "demo", 1).gates
    assert (gate.name, gate.log, gate.tail) == ("tests", "x.log", "E  1")


def test_who_waits_for_a_person_is_not_tried_again_by_itself(world: Wired) -> None:
    card_in(world, CardState.NEEDS_HUMAN, reason="crashed")
    assert "by itself" not in why(world, "demo", 1).why


def test_one_empty_run_is_not_called_two(world: Wired) -> None:
    card_in(world, CardState.READY, reason="no-change")
    found = why(world, "demo", 1)
    assert "two attempts" not in found.why
    assert "one more attempt" in found.why


def test_broken_pipeline_is_told_before_any_daemon_has_seen_it(world: Wired) -> None:
    card_in(world, CardState.READY)
    world.home.pipeline("demo").write_text("version: 1\nstages: 7\n", encoding="utf-8")
    (one,) = status(world).projects
    assert one.halted == "pipeline-broken"
    assert why(world, "demo", 1).next == "sps pipeline lint demo"
    assert why_project(world, "demo").halted == "pipeline-broken"
    world.pipeline_files.install("demo", PIPELINE)
    assert why_project(world, "demo").halted is None


def test_nothing_at_work_is_said_where_runs_are_listed(world: Wired) -> None:
    assert status(world).at_work is False
    assert list_runs(world).runs == []


def test_file_without_number_is_an_error_and_no_card(world: Wired) -> None:
    folder = world.home.cards("demo")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "hand.md").write_text("---\ntitle: By hand\n---\n", encoding="utf-8")
    found = list_cards(world, "demo")
    assert (found.cards, [error.code for error in found.errors]) == ([], ["no-number"])
    said = [check for check in doctor(world, "demo") if check.name == "demo: card files"]
    assert [check.ok for check in said] == [False]


def test_edit_refuses_a_circle_and_a_finished_card(world: Wired) -> None:
    add_card(world, "demo", CardText(title="First"))
    add_card(world, "demo", CardText(title="Second", after=(1,)))
    with pytest.raises(Misuse) as circle:
        edit_card(world, "demo", 1, CardChanges(after=(2,)))
    assert circle.value.code == "cycle"
    gone = card_in(world, CardState.DROPPED)
    with pytest.raises(Misuse) as finished:
        edit_card(world, "demo", gone.seq, CardChanges(title="Other"))
    assert finished.value.code == "card-finished"


def test_release_is_refused_while_the_file_is_broken(world: Wired) -> None:
    add_card(world, "demo", CardText(title="Held"))
    hold_card(world, "demo", 1)
    (file,) = world.home.cards("demo").iterdir()
    file.write_text("---\ntitle: [\n---\n", encoding="utf-8")
    with pytest.raises(CardFileBroken) as err:
        release_card(world, "demo", 1)
    assert file.name in err.value.where


def test_scripted_agent_cannot_be_replaced_and_own_entries_can_be_removed(world: Wired) -> None:
    with pytest.raises(Misuse) as err:
        add_agent(world, "scripted", ("x",))
    assert err.value.code == "built-in-agent"
    assert add_agent(world, "codex", ("x",)).replaces == "builtin"
    assert remove_agent(world, "codex").builtin
    with pytest.raises(Misuse):
        remove_agent(world, "codex")
    with pytest.raises(Misuse, match="is one word") as err:
        add_agent(world, "mine", ("my-agent --acp",))
    assert err.value.hint == "sps agent add mine -- my-agent --acp"
    assert add_agent(world, "mine", ("x",)).replaces == "nothing"
    assert not remove_agent(world, "mine").builtin
    assert "mine" not in [kind.name for kind in world.registry.kinds()]


def test_project_is_linted_though_a_folder_has_its_name(
    world: Wired, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "demo").mkdir()
    monkeypatch.chdir(tmp_path)
    assert lint_pipeline(world, "demo").file == str(world.home.pipeline("demo"))
