"""Files of sps-cli run as they are: their cards land, and their states are columns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.services.board import board
from sps.services.pipelines import lint_text, show_pipeline
from tests.integration.scene import Make, Scene, fail, file, hold_on, scenes

pytestmark = pytest.mark.needs("bwrap", "git")

DATA = Path(__file__).parent.parent / "data" / "sps_cli"


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with scenes(tmp_path) as build:
        yield build


def _text(name: str) -> str:
    return (DATA / f"{name}.yaml").read_text()


def _titles(scene: Scene) -> dict[str, list[int]]:
    shown = board(scene.world, "p")
    assert all(column.total == len(column.cards) for column in shown.columns)
    return {column.title: [card.seq for card in column.cards] for column in shown.columns}


@pytest.mark.parametrize(
    "name, stages",
    [
        ("one_stage", ["develop"]),
        ("develop_review", ["develop", "review"]),
        ("no_git", ["write"]),
        ("built_in", ["develop", "integrate"]),
        ("out_of_order", ["first", "second-look"]),
    ],
)
def test_a_card_of_an_old_file_lands(make: Make, name: str, stages: list[str]) -> None:
    scene = make(_text(name))
    scene.add(file("hello.txt", "hello\n"), title="Say hello")
    assert scene.tick().finished
    assert scene.standing(1) == ("done", None)
    assert [run.stage for run in scene.runs(1)] == stages
    assert scene.repo.at("hello.txt") == "hello"


def test_renamed_and_own_states_are_columns_that_cards_pass(make: Make) -> None:
    scene = make(_text("renamed"))
    scene.add(hold_on("stage=polish attempt=1") + file("hello.txt", "hello\n", "stage=build"))
    seen: list[dict[str, list[int]]] = []

    def look() -> None:
        seen.append(_titles(scene))
        scene.go_on(1)

    def polishing() -> bool:
        return 1 in scene.states() and scene.card(1).stage == "polish" and scene.working(1)

    assert scene.tick(when=polishing, do=look).finished
    assert list(seen[0]) == [
        "Ideas", "Chosen", "Next", "Making", "Polishing", "To Merge", "Merging", "Checking",
        "Shipped",
    ]  # fmt: skip
    assert seen[0]["Polishing"] == [1]
    assert _titles(scene)["Shipped"] == [1]
    assert [run.stage for run in scene.runs(1)] == ["build", "polish", "merge"]


def test_an_agent_without_git_is_told_nothing_of_it(make: Make) -> None:
    scene = make(_text("no_git"))
    scene.add(file("a.txt", "a\n"))
    scene.tick()
    said = scene.prompt(scene.runs(1)[0]).lower()
    assert "commit" not in said
    assert "branch" not in said
    assert "repository" not in said


def test_a_card_that_fails_in_a_stage_gets_the_label_of_that_stage(make: Make) -> None:
    scene = make(_text("renamed"))
    scene.add(file("a.txt", "a\n", "stage=build") + fail("refuse", "stage=polish"))
    assert not scene.tick().finished
    scene.tick()
    assert scene.card(1).text.labels == ("REVIEW-FAILED",)
    assert _titles(scene)["Polishing"] == [1]


def test_lint_and_show_have_a_line_for_each_key_without_effect(make: Make) -> None:
    scene = make(_text("renamed"))
    shown = show_pipeline(scene.world, "p")
    linted = lint_text(scene.world, _text("renamed"), "old.yaml")
    assert linted.ok
    assert set(shown.notes) < set(linted.warnings)
    assert any("stages[0].queue" in note for note in shown.notes)
    assert any('no skill "no-such-skill"' in note for note in shown.notes)


def test_steps_are_linted_and_not_put_in_force(make: Make) -> None:
    scene = make()
    linted = lint_text(scene.world, _text("steps"), "steps.yaml")
    assert linted.ok
    assert "cannot run yet" in linted.warnings[0]
