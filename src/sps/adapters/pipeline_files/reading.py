"""From the text of a pipeline file to a pipeline, or to every mistake in it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from sps.adapters.pipeline_files import grammar
from sps.adapters.pipeline_files.old_mode import Mode, mode_of, unknown_mode
from sps.adapters.pipeline_files.old_project import old_project
from sps.adapters.pipeline_files.old_steps import old_steps
from sps.adapters.pipeline_files.section import Mistakes, Section
from sps.adapters.pipeline_files.stages import gates, stages
from sps.lib import yaml_nodes
from sps.lib.yaml_nodes import BrokenYaml, Mapping, Scalar
from sps.model.agent_choice import agents_complaint, effort_complaint, model_complaint
from sps.model.pipeline import (
    COLUMNS,
    Budget,
    Environment,
    Land,
    LandMode,
    LandTarget,
    OnFail,
    Pipeline,
    SandboxMode,
    SetupStep,
    SkillsPolicy,
)
from sps.ports.files import PipelineBroken, StepsPipeline

SIZE_LIMIT = 256 * 1024
VERSION = 1
TOP_KEYS = (
    "version", "columns", "agent", "model", "effort", "workers", "stages", "gates", "environment",
    "sandbox", "land", "on_fail", "budget", "skills",
)  # fmt: skip
WORKERS_LIMIT = 64
_TOKENS_LIMIT = 10**15


class _Sign(StrEnum):
    SSH = "ssh"
    GPG = "gpg"


def pipeline(text: str, name: str) -> Pipeline:
    """Understand a whole file, of ours or of sps-cli. Raises `PipelineBroken` with every mistake,
    `StepsPipeline` for a valid file in mode steps."""
    mistakes = Mistakes(name)
    root = _root(text, mistakes)
    made = None if root is None else _MODES[mode_of(root)](root, mistakes)
    found = mistakes.all()
    if made is None or found:
        raise PipelineBroken(found)
    if isinstance(made, int):
        raise StepsPipeline(name, made)
    return made


def _pipeline(root: Mapping, mistakes: Mistakes) -> Pipeline | None:
    if not _version(root, mistakes):
        return None
    top = Section(root, TOP_KEYS, mistakes)
    budget = _budget(top)
    default = Pipeline()
    return Pipeline(
        version=VERSION,
        columns=_columns(top),
        agent=top.joined("agent", agents_complaint),
        model=top.text("model", model_complaint),
        effort=top.text("effort", effort_complaint),
        workers=top.integer("workers", 1, WORKERS_LIMIT) or default.workers,
        stages=stages(top, budget.time),
        gates=gates(top),
        environment=_environment(top),
        sandbox=top.choice("sandbox", SandboxMode) or default.sandbox,
        land=_land(top),
        on_fail=_on_fail(top),
        budget=budget,
        skills=_skills(top),
    )


def _root(text: str, mistakes: Mistakes) -> Mapping | None:
    if len(text.encode("utf-8", "replace")) > SIZE_LIMIT:
        mistakes.at(1, 1, "too-large", f"the file has more than {SIZE_LIMIT} bytes")
        return None
    try:
        root = yaml_nodes.parse(text.removeprefix("\ufeff"))
    except BrokenYaml as err:
        mistakes.at(err.line, err.column, err.code, err.message)
        return None
    if root is None:
        mistakes.at(1, 1, "missing-key", "the file is empty: begin with the line version: 1")
        return None
    if not isinstance(root, Mapping):
        says = f"a pipeline is keys and values, found {yaml_nodes.found(root)}"
        mistakes.add(root, "unknown-type", says)
        return None
    return root


def _version(root: Mapping, mistakes: Mistakes) -> bool:
    """Tell whether it makes sense to read on."""
    keys = {key.text: node for key, node in root}
    node = keys.get("version")
    if node is None:
        says = "version is missing: add the line version: 1"
        mistakes.at(root.line, root.column, "missing-version", says)
        return True
    version = node.as_int() if isinstance(node, Scalar) else None
    if version == VERSION:
        return True
    says = f"version: this program reads version {VERSION}, found {yaml_nodes.found(node)}"
    newer = version is not None and version > VERSION
    mistakes.add(node, "newer-version" if newer else "unknown-version", says)
    return not newer


def _columns(top: Section) -> dict[str, str]:
    names = dict(COLUMNS)
    section = top.section("columns", tuple(COLUMNS))
    for key in COLUMNS:
        names[key] = (section.text(key, grammar.column) if section else None) or names[key]
    return names


def _environment(top: Section) -> Environment:
    section = top.section("environment", Environment.__struct_fields__)
    if section is None:
        return Environment()
    setup = _setup(section)
    if setup and "keep" not in section:
        section.wrong("setup", "missing-key", "needs `keep`: nothing that it makes would be kept")
    return Environment(
        setup=setup,
        key=section.texts("key", grammar.pattern),
        keep=section.texts("keep", grammar.kept),
        tools=section.texts("tools", grammar.tool),
        env=_variables(section),
        allow=section.texts("allow", grammar.host),
    )


def _setup(section: Section) -> tuple[SetupStep, ...]:
    steps: list[SetupStep] = []
    for step in section.sections("setup", SetupStep.__struct_fields__):
        run = step.text("run")
        timeout = step.seconds("timeout")
        if "run" not in step:
            step.wrong("run", "missing-key", "each setup step needs a command")
        default = SetupStep(run=run or "")
        steps.append(SetupStep(run=default.run, timeout=timeout or default.timeout))
    return tuple(steps)


def _variables(section: Section) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, text in section.entries("env"):
        complaint = grammar.variable(name.text)
        if complaint:
            section.mistakes.add(name, "bad-value", f"environment.env: {complaint}")
        values[name.text] = text
    return values


def _land(top: Section) -> Land:
    section = top.section("land", Land.__struct_fields__)
    if section is None:
        return Land()
    mode = section.choice("mode", LandMode) or LandMode.MERGE
    if mode is LandMode.PULL_REQUEST:
        says = "pull-request comes together with the forges and cannot be used yet"
        section.wrong("mode", "not-yet", f"{says}; use merge, squash, rebase or none")
    sign = section.choice("sign", _Sign)
    return Land(
        mode=mode,
        to=section.choice("to", LandTarget) or LandTarget.REPO,
        branch=section.text("branch", grammar.branch),
        sign=sign.value if sign else None,
    )


def _on_fail(top: Section) -> OnFail:
    section = top.section("on_fail", OnFail.__struct_fields__)
    if section is None:
        return OnFail()
    return OnFail(label=section.text("label", grammar.label), halt=section.flag("halt") or False)


def _skills(top: Section) -> SkillsPolicy:
    section = top.section("skills", SkillsPolicy.__struct_fields__)
    if section is None:
        return SkillsPolicy()
    return SkillsPolicy(holdout=section.share("holdout") or 0.0)


def _budget(top: Section) -> Budget:
    section = top.section("budget", Budget.__struct_fields__)
    if section is None:
        return Budget()
    return Budget(
        tokens=section.integer("tokens", 1, _TOKENS_LIMIT),
        usd=section.amount("usd"),
        time=section.seconds("time"),
    )


_MODES: dict[Mode, Callable[[Mapping, Mistakes], Pipeline | int | None]] = {
    Mode.OURS: _pipeline,
    Mode.PROJECT: old_project,
    Mode.STEPS: old_steps,
    Mode.UNKNOWN: unknown_mode,
}
