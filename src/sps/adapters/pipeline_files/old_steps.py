"""Files of sps-cli in mode steps: checked whole; nothing here runs them yet."""

from __future__ import annotations

import re

from sps.adapters.pipeline_files import grammar
from sps.adapters.pipeline_files.section import Mistakes, Section
from sps.lib.nearest import suggestion
from sps.lib.yaml_nodes import Mapping

_TOP_KEYS = ("mode", "name", "description", "steps")
_STEP_KEYS = (
    "name", "agent", "run", "prompt", "prompt_file", "profile", "session", "on_fail", "timeout",
    "final",
)  # fmt: skip
_TIME = re.compile(r"[1-9]\d{0,6}[smh]")
_RETRY = re.compile(r"retry [1-9]\d?")
_WAYS = ("abort", "skip", "retry", "goto")


def old_steps(root: Mapping, mistakes: Mistakes) -> int:
    """Check a file in mode steps; return how many steps it has."""
    top = Section(root, _TOP_KEYS, mistakes)
    top.text("name")
    top.text("description")
    steps = top.sections("steps", _STEP_KEYS)
    if not steps:
        top.wrong("steps", "missing-key", "a file in mode steps needs steps")
    names: dict[str, int] = {}
    for step in steps:
        _check_name(step, names)
        _check_kind(step)
        _check_time(step)
        step.text("session")
        step.flag("final")
    for step in steps:
        _check_on_fail(step, names)
    return len(steps)


def _check_name(step: Section, names: dict[str, int]) -> None:
    name = step.text("name", grammar.column)
    if "name" not in step:
        step.wrong("name", "missing-key", "each step needs a name")
    elif name in names:
        step.wrong("name", "duplicate-name", f"{name!r} is taken already (line {names[name]})")
    elif name is not None:
        names[name] = step.at("name").line


def _check_kind(step: Section) -> None:
    for key in ("agent", "run", "prompt", "prompt_file", "profile"):
        step.text(key)
    if ("agent" in step) == ("run" in step):
        key = "run" if "run" in step else "name"
        step.wrong(key, "contradiction", "a step has either agent or run (a command)")
        return
    prompts = ("prompt" in step) + ("prompt_file" in step)
    if "agent" in step and prompts != 1:
        step.wrong("agent", "contradiction", "an agent needs either prompt or prompt_file")
    if "run" in step and prompts:
        key = "prompt" if "prompt" in step else "prompt_file"
        step.wrong(key, "contradiction", "only a step with agent has a prompt")


def _check_time(step: Section) -> None:
    text = step.text("timeout")
    if text is not None and not _TIME.fullmatch(text):
        step.wrong(
            "timeout", "bad-value", f"expected a time such as 90s, 15m or 2h, found {text!r}"
        )


def _check_on_fail(step: Section, names: dict[str, int]) -> None:
    text = step.text("on_fail")
    if text is None or text in ("abort", "skip") or _RETRY.fullmatch(text):
        return
    way, _, target = text.partition(" ")
    if way == "goto" and target.strip() in names:
        return
    if way == "goto":
        near = suggestion(target, names)
        says = f"there is no step {target.strip()!r}{near} (steps: {', '.join(names)})"
        step.wrong("on_fail", "unknown-step", says)
        return
    near = suggestion(way, _WAYS)
    says = f"expected abort, skip, retry N (1 to 99) or goto STEP, found {text!r}{near}"
    step.wrong("on_fail", "bad-value", says)
