"""How finished work reaches the target: modes, checkouts, and a target that moves meanwhile."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.flow.trailers import NO_GATE
from sps.model.event import EventKind
from sps.services.gate_verbs import rerun_gates
from sps.services.why import why
from tests.integration.scene import PIPELINE, Make, Repo, file, hold_on, scenes, sh

pytestmark = pytest.mark.needs("bwrap", "git")

_COMMITS = sh(
    "for n in 1 2; do echo $n > n$n.txt; git add -A;"
    " git -c user.name=a -c user.email=a@example.com commit -qm step-$n; done"
)
_LOCKED = hold_on() + file("new.txt", "new\n")


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with scenes(tmp_path) as build:
        yield build


def _mode(mode: str) -> str:
    return PIPELINE + f"land: {{mode: {mode}}}\n"


def test_merge_is_one_first_parent_commit_with_the_trailers(make: Make) -> None:
    scene = make(_mode("merge"))
    scene.add(_COMMITS)
    assert scene.tick().finished
    card = scene.card(1)
    assert scene.repo.landed() == ["start", "Card 1 (p#1)"]
    assert scene.repo.trailers() == {
        "Card": card.id, "Card-Number": "p#1", "Attempt": "1", "Agent": "scripted",
        "Gates": "sound",
    }  # fmt: skip
    assert card.landed is not None
    assert scene.repo.git("rev-parse", "main", "main^{tree}").split() == [
        card.landed.commit, card.landed.tree,
    ]  # fmt: skip
    subjects = scene.repo.git("log", "--format=%s", "main^2").splitlines()
    assert subjects == ["step-2", "step-1", "start"]


def test_squash_is_one_commit_with_one_parent(make: Make) -> None:
    scene = make(_mode("squash"))
    scene.add(_COMMITS)
    assert scene.tick().finished
    assert scene.repo.git("log", "--format=%s").splitlines() == ["Card 1 (p#1)", "start"]
    assert scene.repo.trailers()["Card-Number"] == "p#1"


def test_rebase_replays_the_commits_on_the_moved_target(make: Make) -> None:
    scene = make(_mode("rebase"))
    scene.add(hold_on() + _COMMITS)

    def change() -> None:
        scene.repo.commit({"other.txt": "other\n"}, "meanwhile")
        scene.go_on(1)

    assert scene.tick(when=lambda: scene.working(1), do=change).finished
    subjects = scene.repo.git("log", "--reverse", "--format=%s").splitlines()
    assert subjects == ["start", "meanwhile", "step-1", "step-2"]
    assert scene.repo.trailers()["Card-Number"] == "p#1"


def test_mode_none_keeps_the_work_in_the_vault_and_the_target_untouched(make: Make) -> None:
    scene = make(_mode("none"))
    scene.add(file("new.txt", "new\n"))
    assert scene.tick().finished
    card = scene.card(1)
    assert scene.repo.landed() == ["start"]
    assert scene.vault("rev-parse", f"refs/sps/kept/{card.id}") == card.tip


def test_landing_without_a_gate_says_so(make: Make) -> None:
    scene = make("version: 1\nagent: scripted\nstages: [{name: develop}]\n")
    scene.add(file("new.txt", "new\n"))
    assert scene.tick().finished
    assert scene.repo.trailers()["Gates"] == NO_GATE


def test_landing_in_a_clean_checkout_brings_its_files_along(make: Make) -> None:
    scene = make()
    scene.add(file("new.txt", "new\n"))
    scene.tick()
    assert (scene.repo.path / "new.txt").read_text() == "new\n"
    assert scene.repo.git("status", "--porcelain") == ""


def test_dirty_checkout_is_left_alone_and_the_card_lands_once_it_is_clean(make: Make) -> None:
    scene = make()
    scene.add(file("app.txt", "changed\n"))
    mine = scene.repo.path / "app.txt"
    mine.write_text("the owner is typing\n")
    board = scene.tick()
    assert (board.quiet, board.finished) == (True, False)
    assert scene.standing(1) == ("landing", "target-dirty")
    assert mine.read_text() == "the owner is typing\n"
    assert scene.repo.landed() == ["start"]
    (told,) = scene.events(1, EventKind.LAND_WAITING)
    assert str(scene.repo.path) in str(told.payload["next"])
    timeline = [event.says for event in why(scene.world, "p", 1).timeline]
    assert sum("which is not clean" in says for says in timeline) == 1
    scene.repo.git("checkout", "-q", "app.txt")
    assert scene.tick().finished
    assert mine.read_text() == "changed\n"
    assert scene.card(1).attempt == 1


def test_untracked_file_that_would_be_overwritten_makes_the_card_wait(make: Make) -> None:
    scene = make()
    scene.add(file("new.txt", "new\n"))
    (scene.repo.path / "new.txt").write_text("the owner's\n")
    scene.tick()
    assert scene.standing(1) == ("landing", "target-dirty")
    assert (scene.repo.path / "new.txt").read_text() == "the owner's\n"


def test_dirty_checkout_of_another_branch_is_not_in_the_way(make: Make) -> None:
    scene = make()
    scene.repo.git("checkout", "-qb", "elsewhere")
    (scene.repo.path / "app.txt").write_text("the owner is typing\n")
    scene.add(file("app.txt", "changed\n"))
    assert scene.tick().finished
    assert (scene.repo.path / "app.txt").read_text() == "the owner is typing\n"
    assert scene.repo.at("app.txt") == "changed"


def test_work_lands_in_a_bare_repository(make: Make, tmp_path: Path) -> None:
    scene = make()
    bare = tmp_path / "bare.git"
    scene.repo.git("clone", "-q", "--bare", str(scene.repo.path), str(bare))
    scene.project("b", bare)
    scene.add(file("new.txt", "new\n"), project="b")
    assert scene.tick("b").finished
    assert scene.repo.git(f"--git-dir={bare}", "show", "main:new.txt") == "new"


def test_land_branch_leaves_the_owners_own_branch_alone(make: Make) -> None:
    scene = make(PIPELINE + "land: {branch: sps/main}\n")
    scene.repo.git("branch", "sps/main")
    (scene.repo.path / "app.txt").write_text("the owner is typing\n")
    scene.add(file("app.txt", "changed\n"))
    assert scene.tick().finished
    assert scene.repo.landed() == ["start"]
    assert scene.repo.at("app.txt", "sps/main") == "changed"


def test_target_that_moves_during_the_gate_is_merged_and_gated_again(make: Make) -> None:
    gate = "gates: [{name: slow, run: 'sleep 0.7; cat app.txt; test -e new.txt'}]\n"
    scene = make("version: 1\nagent: scripted\nstages: [{name: develop}]\n" + gate)
    scene.add(file("new.txt", "new\n"))

    def gating() -> bool:
        return scene.states().get(1) == "gating" and bool(scene.orphans())

    scene.tick(when=gating, do=lambda: scene.repo.commit({"app.txt": "theirs\n"}))
    card = scene.card(1)
    assert card.state == "done"
    assert "regate" in scene.verbs(1)
    ran = scene.events(1, EventKind.GATE_RAN)
    assert len({event.payload["tree"] for event in ran}) == 2
    assert card.landed is not None
    assert card.landed.tree == ran[-1].payload["tree"]
    assert scene.repo.landed() == ["start", "by the owner", "Card 1 (p#1)"]
    assert scene.repo.at("app.txt") == "theirs"
    assert card.attempt == 1


def test_cards_that_start_after_a_move_of_the_target_cost_each_other_nothing(make: Make) -> None:
    scene = make()
    scene.repo.commit({"other.txt": "other\n"})
    for number in range(3):
        scene.add(file(f"n{number}.txt", "n\n"))
    assert scene.tick().finished
    assert [scene.reasons(seq) for seq in (1, 2, 3)] == [[], [], []]


def test_target_that_was_rewound_is_followed(make: Make) -> None:
    scene = make()
    scene.repo.commit({"bad.txt": "bad\n"}, "a mistake")
    scene.add(_LOCKED)

    def change() -> None:
        scene.repo.git("reset", "-q", "--hard", "HEAD~1")
        scene.repo.commit({"good.txt": "good\n"}, "better")
        scene.go_on(1)

    scene.tick(when=lambda: scene.working(1), do=change)
    assert scene.standing(1) == ("done", None)
    assert scene.repo.landed() == ["start", "better", "Card 1 (p#1)"]


def test_deleted_target_is_a_clear_reason_and_loses_nothing(make: Make) -> None:
    scene = make()
    scene.add(_LOCKED)

    def change() -> None:
        scene.repo.git("checkout", "-q", "--detach")
        scene.repo.git("branch", "-qD", "main")
        scene.go_on(1)

    board = scene.tick(when=lambda: scene.working(1), do=change)
    assert not board.finished
    assert scene.standing(1) == ("needs_human", "target-missing")
    kept = scene.vault("for-each-ref", "--format=%(objectname)", "refs/sps/runs").splitlines()
    assert any(scene.vault("ls-tree", commit, "new.txt") for commit in kept)


def test_work_whose_target_went_away_lands_without_its_agent_once_that_is_back(make: Make) -> None:
    scene = make()
    scene.add(file("app.txt", "changed\n"))
    (scene.repo.path / "app.txt").write_text("the owner is typing\n")
    scene.tick()
    assert scene.standing(1) == ("landing", "target-dirty")
    scene.repo.git("checkout", "-q", "-f", "--detach")
    scene.repo.git("branch", "-qm", "main", "elsewhere")
    scene.tick()
    assert scene.standing(1) == ("needs_human", "target-missing")
    scene.repo.git("branch", "-qm", "elsewhere", "main")
    rerun_gates(scene.world, "p", 1)
    assert scene.tick().finished
    assert (scene.repo.at("app.txt"), len(scene.runs(1))) == ("changed", 1)


def test_vanished_repository_stops_nothing_but_its_own_cards(make: Make, tmp_path: Path) -> None:
    scene = make()
    other = Repo(tmp_path / "other")
    scene.project("q", other.path)
    scene.add(file("new.txt", "new\n"))
    scene.add(file("new.txt", "new\n"), project="q")
    shutil.rmtree(scene.repo.path)
    scene.tick("p", "q")
    assert scene.standing(1) == ("needs_human", "target-missing")
    assert scene.states("q") == {1: "done"}


def test_hooks_of_the_owner_never_run(make: Make) -> None:
    scene = make()
    canary = scene.folder / "canary"
    hooks = scene.repo.path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in (
        "pre-commit", "post-commit", "pre-receive", "update", "post-receive", "post-update",
        "reference-transaction", "push-to-checkout", "post-checkout", "post-merge", "pre-push",
        "proc-receive", "fsmonitor-watchman", "pre-auto-gc", "post-index-change",
    ):  # fmt: skip
        (hooks / name).write_text(f"#!/bin/sh\necho {name} >> {canary}\n")
        (hooks / name).chmod(0o755)
    scene.add(_COMMITS)
    scene.add(file("broken", "x\n", "attempt=1") + sh("rm broken; echo ok > ok", "attempt=2"))
    assert scene.tick().finished
    assert not canary.exists(), canary.read_text()
    assert scene.repo.landed()[0] == "start"


def test_commit_that_the_owner_takes_out_of_the_target_does_not_come_back(make: Make) -> None:
    scene = make()
    scene.repo.commit({"oops.txt": "oops\n"}, "oops")
    scene.add(hold_on() + file("new.txt", "new\n"))

    def rewrite() -> None:
        scene.repo.git("reset", "-q", "--hard", "HEAD~1")
        scene.go_on(1)

    assert scene.tick(when=lambda: scene.working(1), do=rewrite).finished
    assert scene.repo.at("oops.txt") is None
    assert "oops" not in scene.repo.git("log", "--format=%s", "main")
    assert scene.repo.at("new.txt") == "new"
    assert "target-rewritten" in scene.reasons(1)


def test_card_that_waits_for_a_clean_checkout_says_so_once_however_often_it_is_looked_at(
    make: Make,
) -> None:
    scene = make()
    scene.add(file("new.txt", "new\n"))
    (scene.repo.path / "README.md").write_text("the owner is editing\n")
    assert not scene.tick().finished
    assert scene.standing(1) == ("landing", "target-dirty")
    events, version = len(scene.events(1)), scene.card(1).version
    for _ in range(3):
        scene.tick()
    assert (len(scene.events(1)), scene.card(1).version) == (events, version)
    scene.repo.git("checkout", "-q", "--", "README.md")
    assert scene.tick().finished
