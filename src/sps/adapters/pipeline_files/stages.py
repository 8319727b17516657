"""The stages and gates of a pipeline file."""

from __future__ import annotations

from enum import StrEnum

from sps.adapters.pipeline_files import duration, grammar
from sps.adapters.pipeline_files.section import Section
from sps.lib.nearest import suggestion
from sps.model.agent_choice import agents_complaint, effort_complaint, model_complaint
from sps.model.pipeline import Approve, Gate, Stage, StageKind

STAGE_KEYS = (
    "name", "kind", "agent", "model", "effort", "profile", "skills", "timeout", "idle_timeout",
    "attempts", "on_fail", "approve", "column",
)  # fmt: skip
GATE_KEYS = ("name", "run", "skills", "timeout", "paths")
ATTEMPTS_LIMIT = 20
_STAGE = Stage(name="default")
_GATE = Gate(name="default")


class _SkillGate(StrEnum):
    BLOCK = "block"
    WARN = "warn"


def stages(top: Section, budget_time: float | None) -> tuple[Stage, ...]:
    """Return the stages; the model's default when the file names none."""
    if "stages" not in top:
        return (_default(budget_time),)
    sections = top.sections("stages", STAGE_KEYS)
    made = [(section, _stage(section, budget_time)) for section in sections]
    _check_names([(section, stage.name) for section, stage in made])
    _check_order(top, made)
    _check_references(made)
    return tuple(stage for _, stage in made)


def _default(budget_time: float | None) -> Stage:
    timeout = min(_STAGE.timeout, budget_time or _STAGE.timeout)
    return Stage(name="develop", timeout=timeout, idle_timeout=min(_STAGE.idle_timeout, timeout))


def _stage(section: Section, budget_time: float | None) -> Stage:
    name = section.text("name", grammar.name)
    if "name" not in section:
        section.wrong("name", "missing-key", "each stage needs a name")
    kind, approve = _kind(section)
    timeout, idle = _times(section, budget_time)
    return Stage(
        name=name or "",
        kind=kind,
        agent=section.joined("agent", agents_complaint),
        model=section.text("model", model_complaint),
        effort=section.text("effort", effort_complaint),
        profile=section.text("profile", grammar.skill),
        skills=section.texts("skills", grammar.skill),
        timeout=timeout,
        idle_timeout=idle,
        attempts=section.integer("attempts", 1, ATTEMPTS_LIMIT) or _STAGE.attempts,
        on_fail=section.text("on_fail"),
        approve=approve,
        column=section.text("column", grammar.column),
    )


def _kind(section: Section) -> tuple[StageKind, Approve]:
    kind = section.choice("kind", StageKind)
    approve = section.choice("approve", Approve)
    # A misspelt approval is still meant as one.
    agrees = "approve" in section if approve is None else approve is not Approve.NONE
    if kind is StageKind.WORK and agrees:
        says = f"a stage that waits for the approval of {approve} is of kind review, not work"
        section.wrong("approve", "contradiction", says)
    if kind is None:
        kind = StageKind.REVIEW if agrees else StageKind.WORK
    if approve is None:
        # A review that nobody has to agree to is only meant where it is said.
        approve = Approve.AGENT if kind is StageKind.REVIEW else Approve.NONE
    return kind, approve


def _times(section: Section, budget_time: float | None) -> tuple[float, float]:
    timeout, idle = section.seconds("timeout"), section.seconds("idle_timeout")
    if timeout and budget_time and timeout > budget_time:
        limit = duration.words(budget_time)
        says = f"{duration.words(timeout)} is longer than budget.time ({limit})"
        section.wrong("timeout", "contradiction", says)
    whole = timeout or min(max(_STAGE.timeout, idle or 0.0), budget_time or float("inf"))
    if idle and idle > whole:
        name = "timeout" if timeout else "budget.time"
        says = f"{duration.words(idle)} is longer than {name} ({duration.words(whole)})"
        section.wrong("idle_timeout", "contradiction", says)
    return whole, idle or min(_STAGE.idle_timeout, whole)


def _check_names(named: list[tuple[Section, str]]) -> None:
    seen: dict[str, int] = {}
    for section, name in named:
        if name in seen:
            says = f"{name!r} is taken already (line {seen[name]})"
            section.wrong("name", "duplicate-name", says)
        elif name:
            seen[name] = section.at("name").line


def _check_order(top: Section, made: list[tuple[Section, Stage]]) -> None:
    if not any(stage.kind is StageKind.WORK for _, stage in made):
        top.wrong("stages", "no-work-stage", "at least one stage has to do the work (kind: work)")
    reviewed = ""
    for section, stage in made:
        if stage.kind is StageKind.REVIEW:
            reviewed = reviewed or stage.name
        elif reviewed:
            says = f"stage {stage.name!r} does work and has to stand before the review {reviewed!r}"
            section.wrong("name", "bad-order", says)


def _check_references(made: list[tuple[Section, Stage]]) -> None:
    works = [stage.name for _, stage in made if stage.kind is StageKind.WORK and stage.name]
    for section, stage in made:
        if stage.on_fail is None:
            continue
        if stage.kind is StageKind.WORK:
            says = "only a review stage sends cards back (approve: agent, or approve: person)"
            section.wrong("on_fail", "contradiction", says)
        elif stage.on_fail not in works:
            near = suggestion(stage.on_fail, works)
            names = ", ".join(works)
            says = f"there is no work stage {stage.on_fail!r}{near} (work stages: {names})"
            section.wrong("on_fail", "unknown-stage", says)


def gates(top: Section) -> tuple[Gate, ...]:
    """Return the gates in their order."""
    made = [(section, _gate(section)) for section in top.sections("gates", GATE_KEYS)]
    _check_names([(section, gate.name) for section, gate in made])
    return tuple(gate for _, gate in made)


def _gate(section: Section) -> Gate:
    skills = section.choice("skills", _SkillGate)
    name = section.text("name", grammar.name)
    if ("run" in section) == ("skills" in section):
        says = "a gate has either run (a command) or skills (block or warn)"
        section.wrong("run" if "run" in section else "name", "contradiction", says)
    elif "name" not in section and "run" in section:
        section.wrong("name", "missing-key", "a gate with a command needs a name")
    return Gate(
        name=name or ("skills" if "skills" in section else ""),
        run=section.text("run") or "",
        skills=skills,
        timeout=section.seconds("timeout") or _GATE.timeout,
        paths=section.texts("paths", grammar.pattern),
    )
