"""Changing one number of a pipeline: how many agents work at a time, what a card may cost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sps.model.errors import Misuse
from sps.model.pipeline import Budget
from sps.services import lookup
from sps.services.edit_pipeline import Checked, in_force, put_text

if TYPE_CHECKING:
    from sps.ports.world import World

MOST_WORKERS = 64
_TOP = re.compile(r"(?m)^version:.*$\n?")


def set_workers(world: World, project: str, workers: int) -> Checked:
    """Let so many agents of a project work at a time. Raises `Misuse` (unknown-project,
    bad-workers), `PipelineBroken`."""
    if not 1 <= workers <= MOST_WORKERS:
        raise Misuse("bad-workers", f"a project has 1 to {MOST_WORKERS} workers")
    return _put(world, project, "workers", str(workers))


def raise_budget(world: World, project: str, budget: Budget) -> Checked:
    """Change what a card of a project may cost; None leaves a bound as it is. Raises `Misuse`
    (unknown-project, bad-budget), `PipelineBroken`."""
    world.store.read(lambda tx: lookup.project(tx, project))
    now = world.pipeline_files.load(project).budget
    tokens = budget.tokens if budget.tokens is not None else now.tokens
    usd = budget.usd if budget.usd is not None else now.usd
    time = budget.time if budget.time is not None else now.time
    if any(one is not None and one <= 0 for one in (tokens, usd, time)):
        raise Misuse("bad-budget", "a budget is more than nothing")
    parts = [] if tokens is None else [f"tokens: {tokens}"]
    parts += [] if usd is None else [f"usd: {usd:g}"]
    parts += [] if time is None else [f"time: {time:g}s"]
    if not parts:
        raise Misuse("bad-budget", "say how much of what: tokens, usd or time")
    return _put(world, project, "budget", f"{{{', '.join(parts)}}}")


def _put(world: World, project: str, key: str, value: str) -> Checked:
    now = in_force(world, project)
    return put_text(world, project, with_key(now.text, key, value), now.sha256)


def with_key(text: str, key: str, value: str) -> str:
    """Return a pipeline's text with one key of its top replaced, lines below it with it, or added;
    every other line stays as it is."""
    line = f"{key}: {value}\n"
    found = re.search(rf"(?m)^{key}:.*(?:\n[ \t]+.*)*\n?", text)
    if found:
        return text[: found.start()] + line + text[found.end() :]
    top = _TOP.search(text)
    at = top.end() if top else 0
    before = text[:at] if not at or text[at - 1] == "\n" else f"{text[:at]}\n"
    return before + line + text[at:]
