"""Whether a skill helps: its own tasks, with it and without it, by the same agent."""

from __future__ import annotations

import difflib
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sps.flow.prompt import Lesson, as_text
from sps.lib import plain_file
from sps.lib.interval import difference, wilson
from sps.model.errors import Absent, Misuse
from sps.model.pipeline import SandboxMode
from sps.model.run import FAILURES, FailureKind, Outcome
from sps.model.skills.check import CheckSeverity
from sps.model.skills.evals import FILE, Assertion, Case, cases_of
from sps.ports.agent import AgentJob, AgentKind, Permission
from sps.ports.checks import CheckJob, ChecksFailed, SkillToCheck
from sps.ports.egress import Refusal
from sps.ports.gate import GateJob
from sps.services.skills.names import checked_name
from sps.services.skills.repository_own import own_skill

if TYPE_CHECKING:
    from collections.abc import Callable

    from sps.model.run import Usage
    from sps.ports.agent import AgentReport
    from sps.ports.skills import Skill
    from sps.ports.world import World

MOST_RUNS = 20
_LIMIT = 4 * 1024 * 1024
_COMMAND_S = 120.0
_PLACE = ".agents/skills"
_HINT = 'see "Does it help?" in sps help skills'


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One session. `passed` of `of` assertions held; `violations`: findings of the skill's checks
    that block or warn, None where they could not be run."""

    case: str
    run: int
    with_skill: bool
    outcome: str
    passed: int
    of: int
    failed: list[str]
    violations: int | None
    tokens: int | None
    seconds: float


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """All trials with, or without, the skill. A trial is good when each assertion held. The share
    has its 95 % interval. Tasks that no machine decides are in none of the numbers."""

    good: int
    of: int
    low: float
    high: float
    violations: float | None
    tokens: float | None
    seconds: float


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """A skill's effect on its own tasks; `clear` when the interval of the difference leaves out
    zero. `for_a_reader`: assertions that no machine decides; `not_run`: tasks with no others."""

    skill: str
    sha256: str
    agent: str
    trials: list[Trial]
    with_skill: Side
    without: Side
    difference: float
    low: float
    high: float
    clear: bool
    for_a_reader: list[str]
    not_run: list[str] = []


class _Silent:
    """Hears a session and keeps nothing."""

    def started(self, pid: int, started: int) -> None: ...
    def session(self, session_id: str) -> None: ...
    def permission(self, permission: Permission) -> None: ...
    def refused(self, refusal: Refusal) -> None: ...
    def tool(self, call_id: str, title: str, kind: str, status: str) -> None: ...
    def said(self, text: str) -> None: ...
    def usage(self, usage: Usage) -> None: ...
    def message(self) -> str | None:
        return None


async def evaluate(
    world: World, name: str, *, agent: str, runs: int = 1,
    on_trial: Callable[[Trial], None] = lambda _: None, repository: Path | None = None,
) -> Evaluation:  # fmt: skip
    """Run each task of a skill `runs` times with it and without it. The `repository`'s own skill
    of that name comes before those of the home.

    A task without an assertion for the machine is not run. Raises `Misuse`: unknown-skill,
    unknown-agent, no-evals, no-assertions, bad-evals, bad-runs; `Absent("agent-missing")` when the
    agent does not get to work: what it left undone says nothing about the skill.
    """
    if not 1 <= runs <= MOST_RUNS:
        raise Misuse("bad-runs", f"between 1 and {MOST_RUNS} runs of each task")
    own = None if repository is None else own_skill(world, repository, checked_name(name))
    skill = own or world.skills.find(name)
    if skill is None:
        raise Misuse("unknown-skill", f'there is no skill "{name}"', hint="sps skill list")
    cases = cases_of(world.skill_folders.read(Path(skill.path)))
    decided = _decided(name, cases)
    bench = _Bench(world, skill, world.registry.kind(agent))
    trials: list[Trial] = []
    for case in decided:
        for run in range(1, runs + 1):
            for given in (True, False):
                trials.append(await bench.trial(case, run, with_skill=given))
                on_trial(trials[-1])
    return _evaluation(skill, agent, trials, cases)


def _decided(name: str, cases: tuple[Case, ...]) -> list[Case]:
    """Return the tasks with an outcome that a machine can tell."""
    if not cases:
        raise Misuse("no-evals", f"{name} ships no tasks: {FILE} is missing", hint=_HINT)
    decided = [case for case in cases if case.assertions]
    if not decided:
        says = f"no task in {FILE} of {name} has an assertion that a machine decides"
        raise Misuse("no-assertions", says, hint=_HINT)
    return decided


class _Bench:
    """Holds the sessions of one evaluation, each in a folder of its own that is gone afterwards."""

    def __init__(self, world: World, skill: Skill, kind: AgentKind) -> None:
        self._world = world
        self._skill = skill
        self._kind = kind

    async def trial(self, case: Case, run: int, *, with_skill: bool) -> Trial:
        world = self._world
        run_id = world.ids.new()
        folder = world.home.evaluations / run_id
        place = folder / "workspace"
        try:
            self._lay_out(place, case, with_skill=with_skill)
            began = world.clock.steady()
            report = await world.agents.run(self._job(case, folder, run_id, with_skill), _Silent())
            seconds = world.clock.steady() - began
            _must_have_worked(self._kind.name, report)
            shutil.rmtree(place / _PLACE, ignore_errors=True)
            failed = [said for one in case.assertions if (said := await self._fails(one, place))]
            return Trial(
                case=case.id,
                run=run,
                with_skill=with_skill,
                outcome=report.outcome.value,
                passed=len(case.assertions) - len(failed),
                of=len(case.assertions),
                failed=failed,
                violations=await self._violations(case, place),
                tokens=report.usage.total_tokens,
                seconds=round(seconds, 3),
            )
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _lay_out(self, place: Path, case: Case, *, with_skill: bool) -> None:
        place.mkdir(parents=True, mode=0o700)
        for path, text in case.files.items():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_text(text, encoding="utf-8")
        if with_skill:
            tree = self._world.skill_folders.read(Path(self._skill.path))
            self._world.skill_folders.write(place / _PLACE / self._skill.name, tree)

    def _job(self, case: Case, folder: Path, run_id: str, with_skill: bool) -> AgentJob:
        skill = self._skill
        lesson = Lesson(
            name=skill.name, text=skill.body, place=f"{_PLACE}/{skill.name}", files=skill.files
        )
        prompt = f"{as_text((lesson,))}\n\n{case.prompt}" if with_skill else case.prompt
        return AgentJob(
            run_id=run_id,
            kind=self._kind,
            workspace=str(folder / "workspace"),
            run_dir=str(folder / "run"),
            prompt=prompt + "\n",
            env={"SPS_RUN_ID": run_id},
            sandbox=SandboxMode.AUTO,
            tag=f"{self._world.home_id}/eval/{run_id}",
            timeout=1800.0,
        )

    async def _fails(self, one: Assertion, place: Path) -> str:
        """Return what did not hold, nothing when it did."""
        if one.run is not None:
            return await self._command_fails(one, place)
        text = _text(place, one.file or "")
        if one.absent:
            return "" if text is None else one.says or f"{one.file} is there"
        if text is None:
            return one.says or f"{one.file} is not there"
        if one.matches is not None and not re.search(one.matches, text, re.MULTILINE):
            return one.says or f"{one.file} does not match {one.matches!r}"
        if one.lacks is not None and re.search(one.lacks, text, re.MULTILINE):
            return one.says or f"{one.file} matches {one.lacks!r}"
        return ""

    async def _command_fails(self, one: Assertion, place: Path) -> str:
        run_id = self._world.ids.new()
        done = await self._world.gates.run(
            GateJob(
                name="assertion",
                run=one.run or "",
                checkout=str(place),
                timeout=_COMMAND_S,
                log=str(place.parent / f"{run_id}.log"),
                env={"CI": "1"},
                sandbox=SandboxMode.AUTO,
                tag=f"{self._world.home_id}/eval/{run_id}",
            )
        )
        if done.infrastructure:
            raise Absent("gate-not-run", done.infrastructure, hint="sps doctor")
        return "" if done.exit_code == 0 else one.says or f"`{one.run}` failed"

    async def _violations(self, case: Case, place: Path) -> int | None:
        added = _added(case, place)
        subject = SkillToCheck(
            name=self._skill.name, digest=self._skill.digest, path=self._skill.path
        )
        job = CheckJob(root=str(place), added=added, skills=(subject,))
        try:
            report = await self._world.checks.run(job)
        except ChecksFailed:
            return None
        return sum(one.severity is not CheckSeverity.INFO for one in report.findings)


def _must_have_worked(agent: str, report: AgentReport) -> None:
    outcome = report.outcome
    absent = outcome in (Outcome.MISSING, Outcome.LOGIN)
    if absent or FAILURES[outcome] is FailureKind.INFRASTRUCTURE:
        why = f": {report.detail}" if report.detail else ""
        says = f"the agent {agent} did not get to work ({outcome.value}){why}"
        raise Absent("agent-missing", says, hint=f"sps agent doctor {agent}")


def _text(place: Path, path: str) -> str | None:
    try:
        content, _ = plain_file.read(place / path, _LIMIT)
    except (OSError, plain_file.NotPlain, plain_file.TooLarge):
        return None
    return content.decode("utf-8", "replace")


def _added(case: Case, place: Path) -> dict[str, tuple[tuple[int, int], ...]]:
    """Return the lines that differ from what the workspace held at first."""
    found: dict[str, tuple[tuple[int, int], ...]] = {}
    for path in sorted(place.rglob("*")):
        name = path.relative_to(place).as_posix()
        if path.is_symlink() or not path.is_file() or (text := _text(place, name)) is None:
            continue
        old, new = case.files.get(name, "").splitlines(), text.splitlines()
        parts = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        lines = tuple((j1 + 1, j2) for tag, _, _, j1, j2 in parts if tag != "equal" and j2 > j1)
        if lines:
            found[name] = lines
    return found


def _evaluation(
    skill: Skill, agent: str, trials: list[Trial], cases: tuple[Case, ...]
) -> Evaluation:
    one = _side([trial for trial in trials if trial.with_skill])
    other = _side([trial for trial in trials if not trial.with_skill])
    low, high = difference((one.good, one.of), (other.good, other.of))
    return Evaluation(
        skill=skill.name,
        sha256=skill.digest,
        agent=agent,
        trials=trials,
        with_skill=one,
        without=other,
        difference=round(one.good / one.of - other.good / other.of, 3),
        low=round(low, 3),
        high=round(high, 3),
        clear=low > 0 or high < 0,
        for_a_reader=[says for case in cases for says in case.for_a_reader],
        not_run=[case.id for case in cases if not case.assertions],
    )


def _side(trials: list[Trial]) -> Side:
    good = sum(trial.passed == trial.of and trial.outcome == "ended" for trial in trials)
    low, high = wilson(good, len(trials))
    return Side(
        good=good,
        of=len(trials),
        low=round(low, 3),
        high=round(high, 3),
        violations=_mean([trial.violations for trial in trials]),
        tokens=_mean([trial.tokens for trial in trials]),
        seconds=round(sum(trial.seconds for trial in trials) / len(trials), 3),
    )


def _mean(values: list[int | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known), 2) if known else None
