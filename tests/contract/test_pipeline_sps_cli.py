"""What files of sps-cli mean here, and what their owner is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from sps.adapters.pipeline_files import PipelineFolder
from sps.model.pipeline import OnFail, Pipeline
from sps.ports.files import PipelineBroken, StepsPipeline
from sps.ports.home import Home

DATA = Path(__file__).parent.parent / "data" / "sps_cli"
ONE = "mode: project\nstages:\n  - {name: develop}\n"


@pytest.fixture
def files(tmp_path: Path) -> PipelineFolder:
    return PipelineFolder(Home(tmp_path))


def read(files: PipelineFolder, name: str) -> Pipeline:
    return files.parse((DATA / name).read_text(), name)


def mistakes(files: PipelineFolder, text: str) -> list[tuple[str, int, int]]:
    with pytest.raises(PipelineBroken) as caught:
        files.parse(text, "p.yaml")
    return [(one.code, one.line, one.column) for one in caught.value.mistakes]


def says(files: PipelineFolder, text: str) -> str:
    with pytest.raises(PipelineBroken) as caught:
        files.parse(text, "p.yaml")
    return caught.value.message


def test_every_key_of_a_stage_is_read(files: PipelineFolder) -> None:
    pipeline = read(files, "renamed.yaml")
    assert pipeline.columns["done"] == "Shipped"
    assert pipeline.workers == 2
    assert pipeline.name == "renamed"
    build, polish, merge = pipeline.stages
    assert (build.name, build.column, build.waits) == ("build", None, None)
    assert (polish.column, polish.waits) == ("Polishing", "Checking")
    assert (merge.column, merge.waits) == ("Merging", "To Merge")
    assert build.wishes == ("coding-standards", "no-such-skill")
    assert build.timeout == 1800.0
    assert pipeline.on_fail_of("build") == OnFail(label="NEEDS-FIX")
    assert pipeline.on_fail_of("polish") == OnFail(label="REVIEW-FAILED", halt=False)
    assert pipeline.stages == pipeline.work_stages


def test_each_key_without_effect_has_a_line(files: PipelineFolder) -> None:
    notes = read(files, "renamed.yaml").notes
    assert [(note.line, note.key) for note in notes] == [
        (6, "pm.provider"), (17, "stages[0].agent"), (18, "stages[0].queue"),
        (22, "stages[0].completion"), (27, "stages[1].queue"), (30, "stages[1].completion"),
        (32, "stages[1].on_fail.comment"), (36, "stages[2].completion"),
    ]  # fmt: skip
    assert all(note.says.startswith("no effect: ") for note in notes)


def test_stages_that_say_nothing_follow_each_other(files: PipelineFolder) -> None:
    pipeline = files.parse("mode: project\nstages: [{name: a}, {name: b}, {name: c}]\n", "p")
    assert [stage.name for stage in pipeline.stages] == ["a", "b", "c"]
    assert pipeline.on_fail == OnFail(label="NEEDS-FIX")
    assert not pipeline.notes


def test_states_not_the_order_of_the_file_say_which_stage_comes_next(
    files: PipelineFolder,
) -> None:
    stages = read(files, "out_of_order.yaml").stages
    assert [(stage.name, stage.waits) for stage in stages] == [
        ("first", None),
        ("second-look", "Looking"),
    ]


def test_conf_is_data(files: PipelineFolder, tmp_path: Path) -> None:
    pipeline = read(files, "built_in.yaml")
    assert pipeline.workers == 2
    token = next(note for note in pipeline.notes if note.key == "conf.GITLAB_TOKEN")
    assert token.says == "no effect"
    shell = f'{ONE}conf: {{GITLAB_MERGE_BRANCH: "$(touch {tmp_path}/ran)"}}\n'
    (note,) = files.parse(shell, "p").notes
    assert "a shell would have to run it" in note.says
    assert not (tmp_path / "ran").exists()


def test_a_file_without_git_says_what_that_means(files: PipelineFolder) -> None:
    pipeline = read(files, "no_git.yaml")
    assert not pipeline.git
    assert "still lands as a commit" in pipeline.notes[0].says


def test_steps_are_checked_and_named_as_what_cannot_run_yet(files: PipelineFolder) -> None:
    with pytest.raises(StepsPipeline) as caught:
        read(files, "steps.yaml")
    assert caught.value.exit_code == 2
    assert "5 steps" in caught.value.message
    assert "cannot run yet" in caught.value.message


def test_all_mistakes_come_at_once_with_place_and_the_nearest_key(files: PipelineFolder) -> None:
    text = (
        "mode: project\n"
        "stagse: []\n"
        "pm: {card_states: {redy: X}}\n"
        "stages:\n"
        "  - name: develop\n"
        "    complation: exit-code\n"
        "    completion: git-evidenze\n"
        '    on_complete: "move_crd Review"\n'
        "  - {trigger: Review, timeout: soon}\n"
    )
    assert mistakes(files, text) == [
        ("unknown-key", 2, 1), ("unknown-key", 3, 20), ("unknown-key", 6, 5),
        ("unknown-type", 7, 17), ("unknown-action", 8, 18), ("missing-key", 9, 5),
        ("unknown-type", 9, 32),
    ]  # fmt: skip
    told = says(files, text)
    for near in ('"stages"', '"ready"', '"completion"', '"git-evidence"', '"move_card"'):
        assert f"did you mean {near}" in told


def test_a_state_that_no_stage_takes_cards_from_is_named(files: PipelineFolder) -> None:
    text = (
        "mode: project\nstages:\n"
        '  - {name: develop, on_complete: "move_card Reveiw"}\n'
        "  - {name: review, trigger: Review}\n"
    )
    assert [code for code, *_ in mistakes(files, text)] == ["unknown-state", "unreachable-stage"]
    assert 'did you mean "Review"?' in says(files, text)


def test_states_of_the_owners_own_may_stand_beside_the_usual_ones(files: PipelineFolder) -> None:
    states = "{review: Checking, merging: Merging, parked: Parked}"
    text = (
        f"mode: project\npm:\n  card_states: {states}\nstages:\n"
        "  - {name: a, on_complete: move_card Merging}\n  - {name: b, trigger: Merging}\n"
    )
    pipeline = files.parse(text, "p.yaml")
    assert pipeline.columns["review"] == "Checking"
    assert pipeline.stages[1].column == "Merging"
    assert [(note.line, note.key) for note in pipeline.notes] == [(3, "parked")]


def test_stages_that_lead_round_are_refused(files: PipelineFolder) -> None:
    text = (
        "mode: project\nstages:\n"
        "  - {name: a, trigger: Todo, on_complete: Two}\n"
        "  - {name: b, trigger: Two, on_complete: Todo}\n"
    )
    assert ("leads-round", 4, 42) in mistakes(files, text)


@pytest.mark.parametrize(
    "text, code",
    [
        ("mode: projekt\nstages: []\n", "unknown-mode"),
        ("mode: [x]\n", "unknown-mode"),
        ("mode: project\n", "missing-key"),
        ("mode: project\nstages: [{name: '!!'}]\n", "bad-value"),
        ("mode: project\nstages: [{name: A b}, {name: a-b}]\n", "duplicate-name"),
        (ONE + "states: {ready: A}\npm: {card_states: {ready: B}}\n", "contradiction"),
        (ONE + "conf: {MAX_CONCURRENT_WORKERS: many}\n", "bad-value"),
        (ONE + "conf: {MAX_CONCURRENT_WORKRES: 2}\n", "unknown-key"),
        ("mode: project\nstages: [{name: a, on_fail: label}]\n", "missing-value"),
        ("mode: project\nstages: [{name: a, on_fail: label a b}]\n", "bad-value"),
        ("mode: steps\n", "missing-key"),
        ("steps: [{name: a, run: x}, {name: a, run: y}]\n", "duplicate-name"),
        ("steps: [{name: a, run: x, agent: claude, prompt: y}]\n", "contradiction"),
        ("steps: [{name: a, agent: claude}]\n", "contradiction"),
        ("steps: [{name: a, run: x, on_fail: goto b}]\n", "unknown-step"),
        ("steps: [{name: a, run: x, on_fail: retry}]\n", "bad-value"),
        ("steps: [{name: a, run: x, timeout: 1h30m}]\n", "bad-value"),
    ],
)
def test_each_mistake_has_a_code(files: PipelineFolder, text: str, code: str) -> None:
    assert code in [found for found, *_ in mistakes(files, text)]
