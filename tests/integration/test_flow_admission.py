"""What may start and when: parents, priorities, limits, and cards that are written wrongly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.flow import admit, setback
from sps.model.event import EventKind
from sps.model.transitions import Verb, move
from sps.ports.store import Writing
from sps.services.ingest import ingest
from sps.services.move_card import drop_card
from sps.services.why import why
from tests.integration.scene import PIPELINE, Make, Repo, Scene, file, hold_on, scenes, sh, until

pytestmark = pytest.mark.needs("bwrap", "git")


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with scenes(tmp_path) as build:
        yield build


_ONE_SECOND = """\
version: 1
agent: scripted
stages: [{name: develop, timeout: 1s, attempts: 3}]
budget: {time: 1s}
"""


_REVIEWED = """\
version: 1
agent: scripted
workers: 1
stages:
  - {name: develop, attempts: 3}
  - {name: look, approve: agent, on_fail: develop}
gates: [{name: sound, run: test ! -e broken}]
"""


def _note(name: str) -> str:
    return file(f"{name}.txt", f"{name}\n")


def _workers(number: int) -> str:
    return PIPELINE.replace("agent: scripted", f"agent: scripted\nworkers: {number}")


def _spans(scene: Scene, *projects: str) -> list[tuple[int, int]]:
    runs = [run for name in projects for seq in scene.states(name) for run in scene.runs(seq, name)]
    return [(run.started_at, run.ended_at) for run in runs]


def _at_work(scene: Scene, *projects: str) -> int:
    return sum(scene.working(seq, name) for name in projects for seq in scene.states(name))


def _stages(scene: Scene, seq: int) -> list[str]:
    """The stages of the runs of a card, of which the agent is there."""
    if seq not in scene.states():
        return []
    return [run.stage for run in scene.runs(seq) if run.pid]


def _most_at_once(spans: list[tuple[int, int]]) -> int:
    return max(sum(start <= at < end for start, end in spans) for at, _ in spans)


def test_card_starts_when_all_parents_have_landed_not_any(make: Make) -> None:
    scene = make()
    scene.add(_note("one"))
    scene.add(hold_on() + _note("two"))
    scene.add(sh("test -e one.txt && test -e two.txt") + _note("three"), after=(1, 2))

    def look() -> None:
        until(lambda: scene.states()[1] == "done", "card 1")
        assert scene.states()[3] == "backlog"
        scene.go_on(2)

    assert scene.tick(when=lambda: scene.working(2), do=look).finished
    assert scene.repo.landed()[-1] == "Card 3 (p#3)"


def test_one_worker_takes_higher_priority_first_and_then_older_cards(make: Make) -> None:
    scene = make(_workers(1))
    for number, priority in enumerate((0, 0, 5, -1), 1):
        scene.add(_note(f"n{number}"), priority=priority)
    assert scene.tick().finished
    started = sorted((scene.runs(seq)[0].started_at, seq) for seq in scene.states())
    assert [seq for _, seq in started] == [3, 1, 2, 4]


def test_impossible_cards_go_to_a_person_with_the_reason(make: Make) -> None:
    scene = make()
    scene.add(_note("parent"), hold=True)
    scene.add(_note("child"), after=(1,))
    scene.add(_note("a"), after=(4,))
    scene.add(_note("b"), after=(3,))
    scene.add(_note("c"), after=(99,))
    scene.add(_note("d"), skills=("no-such-skill",))
    scene.add(_note("e"), after=(7,))
    scene.tick()
    assert scene.states()[1] == "planning"
    assert scene.states()[2] == "backlog"
    assert {seq: scene.standing(seq) for seq in range(3, 8)} == {
        3: ("needs_human", "cycle"),
        4: ("needs_human", "cycle"),
        5: ("needs_human", "unknown-after"),
        6: ("needs_human", "unknown-skill"),
        7: ("needs_human", "cycle"),
    }
    assert "no-such-skill" in scene.card(6).detail
    drop_card(scene.world, "p", 1)
    scene.tick()
    assert scene.standing(2) == ("needs_human", "parent-dropped")
    assert all(scene.runs(seq) == [] for seq in scene.states())


def test_card_goes_on_once_the_card_it_waits_for_appears(make: Make) -> None:
    scene = make()
    scene.add(_note("early"), after=(2,))
    scene.tick()
    assert scene.standing(1) == ("needs_human", "unknown-after")
    scene.add(_note("late"))
    scene.tick()
    assert [scene.standing(seq) for seq in (1, 2)] == [("done", None), ("done", None)]


def test_held_card_waits_for_its_owner_and_is_nothing_unfinished(make: Make) -> None:
    scene = make()
    scene.add(_note("one"), hold=True)
    assert scene.tick().finished
    assert scene.standing(1) == ("planning", None)
    path = scene.path(1)
    path.write_text(path.read_text().replace("hold: true", "hold: false"))
    assert scene.tick().finished
    assert scene.standing(1) == ("done", None)


def test_three_workers_are_three_agents_at_the_same_time_and_never_more(make: Make) -> None:
    scene = make(_workers(3))
    for number in range(5):
        scene.add(hold_on() + _note(f"n{number}"))

    def let_go() -> None:
        scene.look_again()
        assert _at_work(scene, "p") == 3
        for seq in range(1, 6):
            scene.go_on(seq)

    assert scene.tick(when=lambda: _at_work(scene, "p") >= 3, do=let_go).finished
    assert _most_at_once(_spans(scene, "p")) == 3


def test_limit_of_the_machine_holds_over_all_projects(make: Make, tmp_path: Path) -> None:
    scene = make(_workers(2))
    other = Repo(tmp_path / "other")
    scene.project("q", other.path, _workers(2))
    cards = [
        (scene.add(hold_on() + _note(name), project), project)
        for name in ("one", "two")
        for project in ("p", "q")
    ]

    def let_go() -> None:
        scene.look_again()  # each project has a worker's seat left, the machine has none
        assert _at_work(scene, "p", "q") == 3
        for card in sorted(cards, key=lambda card: not scene.working(*card)):
            scene.go_on(*card)

    board = scene.tick("p", "q", limit=3, when=lambda: _at_work(scene, "p", "q") >= 3, do=let_go)
    assert board.finished
    assert _most_at_once(_spans(scene, "p", "q")) == 3
    assert max(board.working for board in scene.boards) == 3


def test_worker_waits_while_a_reviewer_has_the_only_seat(make: Make) -> None:
    scene = make(_REVIEWED)
    scene.add(_note("one") + hold_on("stage=look attempt=1", then="true"))

    def second() -> None:
        scene.add(_note("two"))
        until(lambda: scene.states().get(2) not in (None, "backlog"), "card 2")
        scene.look_again()
        assert scene.runs(2) == []
        scene.go_on(1)

    assert scene.tick(when=lambda: _stages(scene, 1) == ["develop", "look"], do=second).finished
    assert _stages(scene, 2) == ["develop", "look"]
    assert _most_at_once(_spans(scene, "p")) == 1


def test_reviewer_waits_while_a_worker_has_the_only_seat(make: Make, tmp_path: Path) -> None:
    opened = tmp_path / "opened"
    # Without a sandbox the gate sees the file that lets it pass.
    wait = f"for _ in $(seq 1500); do test -e {opened} && exit; sleep 0.02; done; false"
    scene = make(f"sandbox: none\n{_REVIEWED}".replace("run: test ! -e broken", f"run: '{wait}'"))
    other = Repo(tmp_path / "other")
    scene.project("q", other.path, _REVIEWED)
    scene.add(_note("one"))
    scene.add(hold_on("stage=develop attempt=1") + _note("two"))

    def review() -> None:
        until(lambda: scene.world.wake.ring() or scene.working(2), "the agent of card 2")
        opened.touch()
        until(lambda: scene.states()[1] == "review", "card 1")
        scene.add(_note("three"), project="q")  # meanwhile a card goes all the way elsewhere
        until(lambda: scene.states("q").get(1) == "done", "the card of the other project")
        assert _stages(scene, 1) == ["develop"]
        scene.go_on(2)

    board = scene.tick("p", "q", when=lambda: scene.states().get(1) == "gating", do=review)
    assert board.finished
    assert _stages(scene, 1) == _stages(scene, 2) == ["develop", "look"]
    assert _most_at_once(_spans(scene, "p")) == 1


def test_broken_edit_of_a_file_is_told_on_that_card_and_its_last_good_text_stays(
    make: Make,
) -> None:
    scene = make()
    scene.add(_note("one"), title="Kept", hold=True)
    scene.add(_note("two"))
    scene.tick()
    path = scene.path(1)
    good = path.read_text()
    path.write_text(good.replace("title:", "title: [", 1))
    cards = scene.world.home.cards("p")
    (cards / "7-never.md").write_text("---\ntitle: [\n---\nx\n")
    board = scene.tick()
    assert not board.finished
    assert scene.states() == {1: "planning", 2: "done"}
    assert scene.card(1).text.title == "Kept"
    errors = scene.world.store.read(lambda tx: tx.file_errors("p"))
    assert {error.file for error in errors} == {path.name, "7-never.md"}
    assert all(error.line >= 1 and error.column >= 1 and error.message for error in errors)
    assert len(scene.events(1, EventKind.CARD_FILE_BROKEN)) == 1
    path.write_text(good.replace("Kept", "Mended"))
    (cards / "7-never.md").unlink()
    assert scene.tick().finished
    assert scene.card(1).text.title == "Mended"
    assert len(scene.events(1, EventKind.CARD_FILE_MENDED)) == 1
    assert scene.world.store.read(lambda tx: tx.file_errors("p")) == []


def test_broken_pipeline_stops_only_its_own_project(make: Make, tmp_path: Path) -> None:
    scene = make()
    other = Repo(tmp_path / "other")
    scene.project("q", other.path)
    scene.add(_note("one"))
    scene.add(_note("one"), project="q")
    good = scene.world.home.pipeline("p").read_text()
    scene.world.home.pipeline("p").write_text("stages: 7\n")
    board = scene.tick("p", "q")
    assert not board.finished
    assert scene.states("q") == {1: "done"}
    assert scene.halted() == "pipeline-broken"
    assert scene.states()[1] == "ready"
    assert scene.card(1).setbacks == 0
    scene.world.home.pipeline("p").write_text(good)
    assert scene.tick("p").finished
    assert scene.halted() is None


def test_pipeline_that_breaks_while_a_card_runs_costs_the_card_nothing(make: Make) -> None:
    scene = make()
    scene.add(hold_on() + _note("one"))
    pipeline = scene.world.home.pipeline("p")
    good = pipeline.read_text()

    def spoil() -> None:
        pipeline.write_text("stages: 7\n")
        scene.go_on(1)

    scene.tick(when=lambda: scene.working(1), do=spoil)
    assert scene.halted() == "pipeline-broken"
    assert scene.states()[1] == "gating"
    pipeline.write_text(good)
    assert scene.tick().finished
    assert len(scene.runs(1)) == 1


def test_defect_of_a_part_ends_with_a_person_and_not_in_a_loop(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    class NoAgents:
        async def run(self, job: object, listener: object) -> object:
            raise TypeError("a part is broken")

    monkeypatch.setattr(setback, "SETBACKS", 1)
    scene = make()
    scene.world.__dict__["agents"] = NoAgents()
    scene.add(_note("one"))
    scene.tick()
    assert scene.standing(1) == ("needs_human", "defect")
    assert "a part is broken" in scene.card(1).detail
    assert len(scene.runs(1)) == 2
    assert all(run.ended_at for run in scene.runs(1))


def test_time_budget_that_is_used_up_asks_a_person(make: Make) -> None:
    scene = make(_ONE_SECOND)
    scene.add(hold_on("attempt=1+") + _note("one"))
    scene.tick()
    assert scene.standing(1) == ("needs_human", "budget")
    assert len(scene.runs(1)) == 1
    assert scene.orphans() == {}


def test_a_small_project_is_served_beside_a_large_one_with_more_urgent_cards(
    make: Make, tmp_path: Path
) -> None:
    scene = make(_workers(4))
    scene.project("q", Repo(tmp_path / "small").path, _workers(4))
    for number in range(12):
        scene.add(_note(f"p{number}"), priority=9)
    for number in range(2):
        scene.add(_note(f"q{number}"), project="q")
    assert scene.tick("p", "q", limit=1).finished
    runs = [
        run for name in ("p", "q") for seq in scene.states(name) for run in scene.runs(seq, name)
    ]
    order = [run.project for run in sorted(runs, key=lambda run: run.started_at)]
    assert len(order) == 14
    assert order.index("q") <= 1
    assert [place for place, name in enumerate(order) if name == "q"][1] <= 4


def test_cards_that_expect_the_same_files_work_one_after_the_other(make: Make) -> None:
    scene = make(_workers(3))
    scene.add(hold_on() + _note("one"), scope=("src/**",))
    scene.add(_note("two"), scope=("src/two.py",))
    scene.add(_note("three"), scope=("docs/**",))
    said: list[str] = []

    def look() -> None:
        until(lambda: scene.states().get(3) == "done", "the card with other files")
        assert scene.states()[2] == "ready"
        said.append(why(scene.world, "p", 2).why)
        scene.go_on(1)

    assert scene.tick(when=lambda: scene.states().get(1) == "running", do=look).finished
    assert said == [
        "It waits for card 1, which expects to touch the same files (scope). It goes on by itself."
    ]
    (first,), (second,) = scene.runs(1), scene.runs(2)
    assert second.started_at >= first.ended_at


def test_a_backlog_without_end_leaves_room_for_a_small_one(make: Make, tmp_path: Path) -> None:
    scene = make(_workers(1))
    scene.project("q", Repo(tmp_path / "small").path, _workers(1))
    for number in range(9):
        scene.add(_note(f"p{number}"))
    scene.add(_note("q"), project="q")
    for name in ("p", "q"):
        ingest(scene.world, name)
    moves = scene.world.store.read(lambda tx: admit.plan(scene.world, tx, ("p", "q"), 4))
    assert [move.after.project for move in moves] == ["q", "p", "p", "p"]


def test_card_whose_file_is_mended_goes_on_by_itself(make: Make) -> None:
    scene = make()
    scene.add(_note("parent"), hold=True)
    scene.add(_note("skilled"), skills=("no-such-skill",))
    scene.add(_note("child"), after=(99,))
    scene.tick()
    assert {scene.states()[2], scene.states()[3]} == {"needs_human"}
    assert "sps card retry p 2" in why(scene.world, "p", 2).why
    for seq, old, new in ((2, "no-such-skill", "nor-this-one"), (3, "99", "1")):
        path = scene.path(seq)
        path.write_text(path.read_text().replace(old, new))
    scene.tick()
    assert scene.standing(2) == ("needs_human", "unknown-skill")
    assert scene.standing(3) == ("backlog", None)
    path = scene.path(2)
    path.write_text(path.read_text().replace("nor-this-one", "debugging-workflow"))
    scene.tick()
    assert scene.standing(2) == ("done", None)


def test_card_that_was_parked_by_a_clock_ahead_does_not_wait_for_that_time(make: Make) -> None:
    scene = make()
    scene.add(_note("one"))
    ingest(scene.world, "p")
    ahead = scene.world.clock.now() + 3 * 86_400_000  # three days

    card = scene.card(1)

    def park(tx: Writing) -> None:
        ready = tx.save(move(card, Verb.ADMIT, at=ahead))
        tx.save(
            move(ready, Verb.PARK, at=ahead, reason="crashed", detail="", not_before=ahead + 500)
        )

    scene.world.store.write(park)
    assert scene.tick().finished
    assert scene.standing(1) == ("done", None)
