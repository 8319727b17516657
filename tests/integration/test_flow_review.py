"""Reviews: comments go back to work, silence is no approval, a person may have the last word."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.flow import setback
from sps.model.event import EventKind
from sps.services.decide_card import approve_card, reject_card
from sps.services.remarks import remarks
from tests.integration.scene import Make, file, scenes, sh

pytestmark = pytest.mark.needs("bwrap", "git")

_AGENT = """\
version: 1
agent: scripted
stages:
  - {name: develop, attempts: 3}
  - {name: polish, attempts: 3}
  - {name: look, kind: review, approve: agent, on_fail: develop, attempts: 2}
gates: [{name: sound, run: test ! -e broken}]
"""
_PERSON = _AGENT.replace("approve: agent", "approve: person")
_WORK = file("a.txt", "a\n", "stage=develop attempt=1")
_AGAIN = file("a.txt", "better\n", "stage=develop attempt=2")


def _verdict(text: str, when: str = "") -> str:
    return f"```verdict {when}\n{text}\n```\n"


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with scenes(tmp_path) as build:
        yield build


def test_comments_are_in_the_next_prompt_and_the_second_review_approves(make: Make) -> None:
    scene = make(_AGENT)
    scene.add(
        _WORK + _AGAIN
        + _verdict("changes\na.txt:1: say it better", "attempt=1")
        + _verdict("approve", "attempt=2")
    )  # fmt: skip
    assert scene.tick().finished
    assert [(run.stage, run.attempt) for run in scene.runs(1)] == [
        ("develop", 1), ("polish", 1), ("look", 1), ("develop", 2), ("polish", 2), ("look", 2),
    ]  # fmt: skip
    assert "a.txt:1: say it better" in scene.prompt(scene.runs(1)[3])
    said = [event.payload["verdict"] for event in scene.events(1, EventKind.REVIEW_VERDICT)]
    assert said == ["changes", "approve"]
    assert scene.repo.at("a.txt") == "better"


def test_reviewer_sees_the_change_and_cannot_touch_it(make: Make) -> None:
    scene = make(_AGENT)
    scene.add(_WORK + sh("test -e a.txt && ! echo x > x.txt", "stage=look"))
    assert scene.tick().finished
    prompt = scene.prompt(scene.runs(1)[-1])
    assert "+a" in prompt
    assert "sound: passed" in prompt
    assert scene.repo.at("x.txt") is None


_LINK = 'ln -s /dev/null "$SPS_VERDICT"'
_PIPE = 'mkfifo "$SPS_VERDICT"; setsid cat "$SPS_VERDICT" > /dev/null & sleep 0.1'
_MANY = 'mkdir "$SPS_VERDICT"'


@pytest.mark.parametrize("spoil", [_LINK, _PIPE, _MANY], ids=["link", "pipe", "folder"])
def test_missing_or_invalid_verdict_never_approves(
    make: Make, monkeypatch: pytest.MonkeyPatch, spoil: str
) -> None:
    monkeypatch.setattr(setback, "SETBACKS", 1)
    scene = make(_AGENT)
    scene.add(_WORK + sh(spoil, "stage=look"))
    scene.tick()
    card = scene.card(1)
    assert card.state == "needs_human"
    assert scene.reasons(1)[0] in ("no-verdict", "failed")
    assert [run.attempt for run in scene.runs(1) if run.stage == "look"] == [1, 1]
    assert scene.repo.landed() == ["start"]
    assert scene.orphans() == {}


def test_person_is_awaited_and_the_approval_lands_the_change(make: Make) -> None:
    scene = make(_PERSON)
    scene.add(_WORK)
    board = scene.tick()
    assert (board.quiet, board.finished) == (True, False)
    assert scene.standing(1) == ("review", "awaiting-approval")
    version = scene.card(1).version
    assert not scene.tick().finished
    assert scene.card(1).version == version
    approve_card(scene.world, "p", 1)
    assert scene.tick().finished
    assert scene.repo.at("a.txt") == "a"


def test_person_who_rejects_is_heard_in_the_next_prompt(make: Make) -> None:
    scene = make(_PERSON)
    scene.add(_WORK + _AGAIN)
    scene.tick()
    reject_card(scene.world, "p", 1, remarks("not like this"))
    scene.tick()
    work = [run for run in scene.runs(1) if run.stage == "develop"]
    assert "not like this" in scene.prompt(work[-1])
    assert scene.standing(1) == ("review", "awaiting-approval")
    assert scene.repo.landed() == ["start"]


def test_approval_is_worth_nothing_for_a_later_change(make: Make) -> None:
    scene = make(_PERSON)
    scene.add(_WORK + _AGAIN)
    scene.tick()
    approve_card(scene.world, "p", 1)
    scene.repo.commit({"a.txt": "theirs\n"})
    assert not scene.tick().finished
    assert "conflict" in scene.reasons(1)
    assert scene.card(1).tip != scene.card(1).approved
    assert scene.card(1).state != "done"
    assert scene.repo.landed() == ["start", "by the owner"]


def test_approval_holds_when_only_the_target_moves(make: Make) -> None:
    scene = make(_PERSON)
    scene.add(_WORK)
    scene.tick()
    approve_card(scene.world, "p", 1)
    scene.repo.commit({"other.txt": "theirs\n"})
    assert scene.tick().finished
    trees = {event.payload["tree"] for event in scene.events(1, EventKind.GATE_RAN)}
    assert len(trees) == 2
    assert scene.repo.landed() == ["start", "by the owner", "Card 1 (p#1)"]
