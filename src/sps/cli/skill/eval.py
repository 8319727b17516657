"""`sps skill eval`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, reading
from sps.cli.skill.here import scope
from sps.cli.table import table

if TYPE_CHECKING:
    from sps.services.skills.evaluating import Evaluation, Side, Trial


@click.command("eval")
@click.argument("skill")
@click.option("--agent", metavar="A", required=True, help="The agent that does the tasks.")
@click.option("--runs", type=int, default=1, metavar="N", help="How often each task is done.")
@reading
def eval_(frame: Frame, *, skill: str, agent: str, runs: int) -> None:
    """Let an agent do the skill's own tasks (evals/evals.json), with the skill and without it.

    Each session has a folder and a sandbox of its own. What the tasks cost is the agent's price.
    """
    import asyncio

    from sps.services.skills.evaluating import evaluate

    def told(trial: Trial) -> None:
        given = "with" if trial.with_skill else "without"
        ended = "" if trial.outcome == "ended" else f", {trial.outcome}"
        held = f"{trial.passed} of {trial.of} assertions held"
        frame.note(f"{trial.case} {given}: {held}, {trial.seconds:.1f} s{ended}")

    with scope(frame) as where:
        root = where.repository.root
        done = asyncio.run(
            evaluate(where.world, skill, agent=agent, runs=runs, on_trial=told, repository=root)
        )
    frame.show(done, _text)


def _text(done: Evaluation) -> str:
    rows = [_row("with", done.with_skill), _row("without", done.without)]
    head = ("", "GOOD", "95 %", "VIOLATIONS", "TOKENS", "SECONDS")
    found = "a clear difference" if done.clear else "no clear difference"
    says = f"difference {done.difference:+.0%}, between {done.low:+.0%} and {done.high:+.0%}"
    parts = [f"{done.skill}@{done.sha256[:12]} with {done.agent}", table(head, rows)]
    parts.append(f"{found}: {says}")
    parts += _failed(done.trials)
    parts += [f"not run, no assertion for the machine: {case}" for case in done.not_run]
    parts += [f"for a reader: {sentence}" for sentence in done.for_a_reader]
    return "\n".join(parts)


def _failed(trials: list[Trial]) -> list[str]:
    """List the assertions that did not hold, with how often."""
    from collections import Counter

    runs = Counter((one.case, one.with_skill) for one in trials)
    found = Counter(
        (one.case, one.with_skill, says) for one in trials for says in dict.fromkeys(one.failed)
    )
    return [
        f"failed {'with' if given else 'without'}, {case}: {says}"
        f" ({count} of {runs[case, given]} runs)"
        for (case, given, says), count in found.items()
    ]


def _row(name: str, side: Side) -> tuple[str, ...]:
    return (
        name,
        f"{side.good}/{side.of}",
        f"{side.low:.0%} to {side.high:.0%}",
        "-" if side.violations is None else f"{side.violations:g}",
        "-" if side.tokens is None else f"{side.tokens:g}",
        f"{side.seconds:.1f}",
    )
