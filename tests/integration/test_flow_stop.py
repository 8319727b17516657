"""Stopping: by the owner of a card, by a signal, and what a second start finds."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sps.model.event import EventKind
from sps.services.move_card import cancel_card, comment_card, drop_card, release_card
from tests.integration.scene import PIPELINE, Scene, file, hold_on, sh, until

pytestmark = pytest.mark.needs("bwrap", "git")

_HALF = sh("echo half > half.txt; touch ready") + hold_on() + file("done.txt", "done\n")
_STOP_S = 30


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    it = Scene(tmp_path)
    yield it
    it.close()


def _half_done(scene: Scene) -> Callable[[], bool]:
    def question() -> bool:
        if not scene.working(1):
            return False
        return (Path(scene.runs(1)[-1].workspace) / "ready").exists()

    return question


def _salvaged(scene: Scene, number: int = 0) -> str:
    run = scene.runs(1)[number]
    return scene.vault("show", f"refs/sps/runs/{run.id}/tip:half.txt")


def test_cancelled_card_is_held_its_agent_dead_and_its_work_kept(scene: Scene) -> None:
    scene.add(_HALF)
    board = scene.tick(when=_half_done(scene), do=lambda: cancel_card(scene.world, "p", 1))
    assert board.finished
    assert scene.card(1).state == "planning"
    (run,) = scene.runs(1)
    assert run.outcome == "cancelled"
    assert scene.orphans() == {}
    assert _salvaged(scene) == "half"
    assert scene.repo.landed() == ["start"]
    release_card(scene.world, "p", 1)
    scene.tick(when=_half_done(scene), do=lambda: scene.go_on(1))
    assert scene.card(1).state == "done"


def test_dropped_card_stays_dropped_whatever_its_agent_still_does(scene: Scene) -> None:
    scene.add(_HALF)
    board = scene.tick(when=_half_done(scene), do=lambda: drop_card(scene.world, "p", 1))
    assert board.finished
    assert scene.standing(1) == ("dropped", None)
    assert scene.runs(1)[0].outcome == "cancelled"
    assert scene.orphans() == {}
    assert _salvaged(scene) == "half"
    assert scene.verbs(1)[-1] == "drop"


def test_card_that_is_taken_away_during_its_gate_does_not_land(tmp_path: Path) -> None:
    gate = PIPELINE.replace("test ! -e broken", "sleep 30")
    scene = Scene(tmp_path, gate)
    scene.add(file("a.txt", "a\n"))

    def gating() -> bool:
        return scene.states().get(1) == "gating" and bool(scene.orphans())

    scene.tick(when=gating, do=lambda: cancel_card(scene.world, "p", 1))
    assert scene.card(1).state == "planning"
    assert scene.orphans() == {}
    assert scene.repo.landed() == ["start"]
    scene.close()


def test_comment_on_a_running_card_reaches_its_agent(scene: Scene) -> None:
    scene.add(_HALF)

    def comment() -> None:
        comment_card(scene.world, "p", 1, "mind the gap")
        scene.go_on(1)

    assert scene.tick(when=_half_done(scene), do=comment).finished
    (told,) = scene.events(1, EventKind.RUN_MESSAGE)
    assert told.payload["text"] == "mind the gap"
    assert len(scene.runs(1)) == 1


@pytest.fixture
def hang_up() -> Iterator[None]:
    """Let a child end of a closed terminal, although we may be run by what keeps us from that."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("hang_up")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopped_tick_leaves_the_card_ready_with_the_same_attempt(
    scene: Scene, number: signal.Signals
) -> None:
    scene.add(_HALF)
    process = scene.process()
    try:
        until(_half_done(scene), "the agent")
        process.send_signal(number)
        assert process.wait(_STOP_S) != 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(_STOP_S)
    assert scene.orphans() == {}
    card = scene.card(1)
    assert (card.state, card.attempt) == ("ready", 1)
    assert _salvaged(scene) == "half"
    assert scene.tick(when=_half_done(scene), do=lambda: scene.go_on(1)).finished
    assert [run.attempt for run in scene.runs(1)] == [1, 1]
    assert scene.repo.at("done.txt") == "done"


def test_killed_tick_is_tidied_up_by_the_next_one(scene: Scene) -> None:
    scene.add(_HALF)
    process = scene.process()
    try:
        until(_half_done(scene), "the agent")
    finally:
        process.kill()
        process.wait(_STOP_S)

    def second() -> bool:
        return len(scene.runs(1)) == 2 and _half_done(scene)()

    assert scene.tick(when=second, do=lambda: scene.go_on(1)).finished
    assert [run.outcome for run in scene.runs(1)] == ["interrupted", "ended"]
    assert _salvaged(scene) == "half"
    assert scene.orphans() == {}


def test_second_tick_changes_nothing(scene: Scene) -> None:
    scene.add(file("a.txt", "a\n"))
    scene.add(sh("exit 1"))
    scene.add(file("b.txt", "b\n"), after=(2,))
    scene.tick()
    cards = [scene.card(seq) for seq in (1, 2, 3)]
    events, target = len(scene.all_events()), scene.repo.git("rev-parse", "main")
    refs = scene.vault("for-each-ref")
    assert not scene.tick().finished
    assert [scene.card(seq) for seq in (1, 2, 3)] == cards
    assert len(scene.all_events()) == events
    assert scene.repo.git("rev-parse", "main") == target
    assert scene.vault("for-each-ref") == refs


def test_hold_in_the_file_of_a_running_card_stops_it_and_keeps_its_work(scene: Scene) -> None:
    scene.add(_HALF)

    def hold() -> None:
        path = scene.path(1)
        path.write_text(path.read_text().replace("\n---\n", "\nhold: true\n---\n", 1))

    assert scene.tick(when=_half_done(scene), do=hold).finished
    assert scene.standing(1)[0] == "planning"
    assert scene.repo.at("done.txt") is None
    assert scene.orphans() == {}
    assert _salvaged(scene) == "half"
