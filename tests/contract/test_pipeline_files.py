"""What pipeline files may hold, and what their owner is told when they do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sps.adapters.pipeline_files import PipelineFolder
from sps.model.errors import Absent, Misuse
from sps.model.pipeline import (
    Approve,
    Budget,
    Environment,
    Gate,
    Land,
    LandMode,
    LandTarget,
    OnFail,
    Pipeline,
    SandboxMode,
    SetupStep,
    Stage,
    StageKind,
)
from sps.ports.files import Installs, PipelineBroken
from sps.ports.home import Home
from sps.ports.vault import SetupProposal

WHOLE = """\
version: 1
columns: {planning: Idea, backlog: Backlog, ready: Todo, active: Inprogress, review: QA, done: Done}
agent: claude
workers: 3
stages:
  - name: develop
    skills: [coding-standards]
    timeout: 2h
    idle_timeout: 15m
    attempts: 3
  - name: review
    agent: codex
    profile: code-reviewer
    on_fail: develop
    approve: person          # none | agent | person
    column: Reading
gates:
  - {name: tests, run: pytest -q, timeout: 20m}
  - {name: lint, run: ruff check ., paths: ["src/**"]}
  - {skills: block}          # the checks that the card's skills ship
environment:
  setup: [{run: uv sync --frozen, timeout: 10m}]
  key: [uv.lock, .python-version]
  keep: [.venv]
  tools: [~/.cargo]
  env: {CI: "1", LEVEL: 2}
  allow: [mirror.example:443]
sandbox: none
land: {mode: squash, to: origin, branch: main, sign: ssh}
on_fail: {label: NEEDS-FIX, halt: true}
budget: {tokens: 2000000, usd: 20, time: 6h}
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def files(home: Home) -> PipelineFolder:
    return PipelineFolder(home)


def mistakes_in(files: PipelineFolder, text: str) -> list[tuple[str, int, int, str]]:
    with pytest.raises(PipelineBroken) as caught:
        files.parse(text, "p.yaml")
    found = caught.value.mistakes
    assert all(mistake.file == "p.yaml" for mistake in found)
    assert caught.value.exit_code == 2
    return [(mistake.code, mistake.line, mistake.column, mistake.message) for mistake in found]


def test_every_key_is_read(files: PipelineFolder) -> None:
    columns = {
        "planning": "Idea", "backlog": "Backlog", "ready": "Todo", "active": "Inprogress",
        "review": "QA", "done": "Done",
    }  # fmt: skip
    assert files.parse(WHOLE, "p.yaml") == Pipeline(
        columns=columns,
        agent="claude",
        workers=3,
        stages=(
            Stage(name="develop", skills=("coding-standards",)),
            Stage(
                name="review",
                kind=StageKind.REVIEW,
                agent="codex",
                profile="code-reviewer",
                on_fail="develop",
                approve=Approve.PERSON,
                column="Reading",
            ),
        ),
        gates=(
            Gate(name="tests", run="pytest -q", timeout=1200.0),
            Gate(name="lint", run="ruff check .", paths=("src/**",)),
            Gate(name="skills", skills="block"),
        ),
        environment=Environment(
            setup=(SetupStep(run="uv sync --frozen", timeout=600.0),),
            key=("uv.lock", ".python-version"),
            keep=(".venv",),
            tools=("~/.cargo",),
            env={"CI": "1", "LEVEL": "2"},
            allow=("mirror.example:443",),
        ),
        sandbox=SandboxMode.NONE,
        land=Land(mode=LandMode.SQUASH, to=LandTarget.ORIGIN, branch="main", sign="ssh"),
        on_fail=OnFail(label="NEEDS-FIX", halt=True),
        budget=Budget(tokens=2_000_000, usd=20.0, time=21600.0),
    )


def test_a_version_alone_is_a_pipeline(files: PipelineFolder) -> None:
    assert files.parse("version: 1\n", "p.yaml") == Pipeline()


@pytest.mark.parametrize(
    "written,seconds",
    [
        ("2h", 7200),
        ("15m", 900),
        ("90s", 90),
        ("1h30m", 5400),
        ("45", 45),
        ("0.5", 0.5),
        ("1d", 86400),
    ],
)
def test_times_are_written_as_people_do(
    files: PipelineFolder, written: str, seconds: float
) -> None:
    text = f"version: 1\ngates: [{{name: a, run: b, timeout: {written}}}]"
    assert files.parse(text, "p.yaml").gates[0].timeout == seconds


@pytest.mark.parametrize("written", ["soon", "0", "-5m", "2 h", "1m2h", "[1]", "''", "1e3", "h"])
def test_other_times_are_mistakes(files: PipelineFolder, written: str) -> None:
    text = f"version: 1\ngates: [{{name: a, run: b, timeout: {written}}}]"
    assert [found[0] for found in mistakes_in(files, text)] == ["unknown-type"]


def test_shorter_times_pull_the_unsaid_ones_with_them(files: PipelineFolder) -> None:
    stage = files.parse("version: 1\nstages: [{name: a, timeout: 5m}]", "p").stages[0]
    assert (stage.timeout, stage.idle_timeout) == (300, 300)
    stage = files.parse("version: 1\nbudget: {time: 10m}", "p").stages[0]
    assert (stage.timeout, stage.idle_timeout) == (600, 600)
    stage = files.parse("version: 1\nstages: [{name: a, idle_timeout: 3h}]", "p").stages[0]
    assert (stage.timeout, stage.idle_timeout) == (10800, 10800)


@pytest.mark.parametrize(
    "text,kind,approve",
    [
        ("{name: r}", "work", "none"),
        ("{name: r, approve: agent}", "review", "agent"),
        ("{name: r, approve: person}", "review", "person"),
        ("{name: r, approve: none}", "work", "none"),
        ("{name: r, kind: review}", "review", "agent"),
        ("{name: r, kind: review, approve: none}", "review", "none"),
    ],
)
def test_who_approves_makes_a_review(
    files: PipelineFolder, text: str, kind: str, approve: str
) -> None:
    stage = files.parse(f"version: 1\nstages: [{{name: w}}, {text}]", "p").stages[1]
    assert (stage.kind, stage.approve) == (kind, approve)


MANY_MISTAKES = """\
version: 1
agnet: claude
workers: many
stages:
  - name: develop
    time_out: 2h
    timeout: 8h
    idle_timeout: 9h
    on_fail: develop
  - name: Develop
    kind: work
    approve: agent
  - name: review
    approve: persn
    on_fail: develp
  - name: develop
    approve: agent
    on_fail: develp
  - {name: late}
gates:
  - {name: a}
  - {name: a, run: x, skills: block}
  - {run: x}
  - {name: b, run: ""}
  - just text
environment: {keep: [../up, .git], tools: [relative], env: {1X: a}, allow: [nowhere], key: [/etc]}
sandbox: off
land: {mode: pull-request, to: here, branch: "-x", sign: yes}
on_fail: {label: "a b", halt: 1}
budget: {tokens: 0, usd: -1, time: 6h}
skills: {holdout: 2}
"""


def test_every_mistake_is_told_at_once_with_its_place(files: PipelineFolder) -> None:
    found = mistakes_in(files, MANY_MISTAKES)
    told = "\n".join(f"{line}:{column}: {code}: {message}" for code, line, column, message in found)
    golden = Path(__file__).with_name("data") / "pipeline_mistakes.txt"
    assert told + "\n" == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text,code,line,column",
    [
        ("", "missing-key", 1, 1),
        ("- a", "unknown-type", 1, 1),
        ("workers: 2", "missing-version", 1, 1),
        ("mode: project\nstages: []", "missing-key", 2, 9),
        ("version: 2\nnew_key: x", "newer-version", 1, 10),
        ("version: '1'", "unknown-version", 1, 10),
        ("version: 1\nversion: 1", "duplicate-key", 2, 1),
        ("version: 1\na: &x [1]\nb: *x", "yaml-alias", 2, 4),
        ("version: 1\nagent: !!python/name:os.system x", "yaml-tag", 2, 8),
        ("version: 1\nstages: [", "invalid-yaml", 3, 1),
        ("version: 1\n\tx: y", "invalid-yaml", 2, 1),
        ("version: 1\nagent: a\0b", "invalid-yaml", 2, 9),
        ("version: 1\nenvironment: {setup: [{run: make}]}", "missing-key", 2, 22),
        ("version: 1\nenvironment: {keep: ['a*']}", "bad-value", 2, 22),
        ("version: 1\nstages: []", "no-work-stage", 2, 9),
        ("version: 1\nstages: [{name: r, approve: agent}]", "no-work-stage", 2, 9),
        ("version: 1\n# " + "x" * (256 * 1024), "too-large", 1, 1),
    ],
)
def test_a_mistake_has_a_place_and_a_code(
    files: PipelineFolder, text: str, code: str, line: int, column: int
) -> None:
    assert mistakes_in(files, text)[0][:3] == (code, line, column)


def test_a_pull_request_is_refused_by_name(files: PipelineFolder) -> None:
    (mistake,) = mistakes_in(files, "version: 1\nland: {mode: pull-request}")
    assert mistake[0] == "not-yet"
    assert "forges" in mistake[3]


@given(text=st.text(max_size=200).map(lambda text: "version: 1\n" + text))
def test_no_text_is_too_strange_for_an_answer(text: str) -> None:
    try:
        says = str(PipelineFolder(Home(Path("nowhere"))).parse(text, "p").version)
    except PipelineBroken as err:
        says = err.message
    assert says


# --- in the home ---------------------------------------------------------------------------------


def test_what_is_installed_is_loaded(home: Home, files: PipelineFolder) -> None:
    files.install("shop", WHOLE)
    assert files.load("shop") == files.parse(WHOLE, "p")
    assert home.pipeline("shop").read_text() == WHOLE
    assert home.pipeline("shop").stat().st_mode & 0o777 == 0o600


def test_a_broken_text_leaves_the_pipeline_in_force(home: Home, files: PipelineFolder) -> None:
    files.install("shop", WHOLE)
    with pytest.raises(PipelineBroken):
        files.install("shop", "version: 1\nstages: 3")
    assert home.pipeline("shop").read_text() == WHOLE


def test_a_missing_pipeline_is_absent(files: PipelineFolder) -> None:
    with pytest.raises(Absent) as caught:
        files.load("shop")
    assert caught.value.code == "pipeline-missing"


def test_a_broken_pipeline_names_its_file(home: Home, files: PipelineFolder) -> None:
    home.project("shop").mkdir(parents=True)
    home.pipeline("shop").write_text("version: 1\nagnet: x\n")
    with pytest.raises(PipelineBroken) as caught:
        files.load("shop")
    assert caught.value.where == f"{home.pipeline('shop')}:2:1"
    assert 'did you mean "agent"?' in caught.value.message


def test_an_unreadable_file_is_misuse(files: PipelineFolder, tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"version: 1 # caf\xe9")
    (tmp_path / "large").write_bytes(b"#" * (256 * 1024 + 1))
    for name in ("missing", "latin", "large", "."):
        with pytest.raises(Misuse) as caught:
            files.read(tmp_path / name)
        assert caught.value.code == "unreadable-file"
    (tmp_path / "good").write_text(WHOLE)
    (tmp_path / "link").symlink_to("good")
    assert files.read(tmp_path / "link") == WHOLE


# --- the first draft -----------------------------------------------------------------------------

PROPOSED = [
    ("tests", "python3 -m pytest -q", "pyproject.toml"),
    ("tests-web", "cd 'my web' && npm test", "my web/package.json"),
    ("lint", 'make "x: y" # z', "Makefile"),
]


@pytest.mark.parametrize("active", [True, False])
def test_a_draft_is_valid_in_both_forms(files: PipelineFolder, active: bool) -> None:
    text = files.draft(PROPOSED, active=active)
    gates = files.parse(text, "p").gates
    expected = [(name, run) for name, run, _ in PROPOSED] if active else []
    assert [(gate.name, gate.run) for gate in gates] == expected
    assert files.parse(text, "p").stages == (Stage(name="develop"),)


def test_gates_of_a_draft_come_into_force_without_their_marks(files: PipelineFolder) -> None:
    text = files.draft(PROPOSED, active=False)
    lines = [
        line.removeprefix("# ") if line.startswith(("# gates:", "#   - {name:")) else line
        for line in text.splitlines()
    ]
    assert files.parse("\n".join(lines), "p") == files.parse(
        files.draft(PROPOSED, active=True), "p"
    )


@pytest.mark.parametrize("name,active", [("off", False), ("on", True)])
def test_a_draft_reads_as_it_was_agreed(files: PipelineFolder, name: str, active: bool) -> None:
    golden = Path(__file__).with_name("data") / f"pipeline_draft_{name}.yaml"
    assert files.draft(PROPOSED, active=active) == golden.read_text(encoding="utf-8")


def test_a_draft_without_gates_says_that_nothing_is_tested(files: PipelineFolder) -> None:
    text = files.draft([], active=True)
    assert "nothing is tested" in text
    assert files.parse(text, "p") == Pipeline()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    command=st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).filter(str.strip),
    where=st.text(st.characters(exclude_categories=("Cs",))),
    active=st.booleans(),
)
def test_no_command_breaks_out_of_its_line(
    files: PipelineFolder, command: str, where: str, active: bool
) -> None:
    text = files.draft([("tests", command, where)], active=active)
    gates = files.parse(text, "p").gates
    assert [gate.run for gate in gates] == ([command] if active else [])


@pytest.mark.parametrize("active,shown", [(True, ("~/.odd",)), (False, ())])
def test_gates_in_force_bring_the_toolchains_that_they_need(
    files: PipelineFolder, active: bool, shown: tuple[str, ...]
) -> None:
    setup = SetupProposal(run="uv sync", programs=("uv",), key=("uv.lock",), keep=(".venv",))
    installs = Installs(setups=(setup,), tools={"~/.odd": "odd-runner"})
    environment = files.parse(files.draft(PROPOSED, active=active, installs=installs), "p")
    assert environment.environment.tools == shown
    assert environment.environment.setup == ()  # what is installed is its owner's decision
    assert files.parse(files.draft([], active=active, installs=installs), "p").gates == ()
