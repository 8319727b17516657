"""`sps worker`: the runs in progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, changing, reading
from sps.cli.lazy_group import Entry, LazyGroup
from sps.cli.table import table

if TYPE_CHECKING:
    from sps.services.workers import RunList

_HERE = "sps.cli.worker"

worker = LazyGroup(
    "worker",
    entries={
        "ps": Entry(f"{_HERE}:ps", "list the runs in progress"),
        "kill": Entry(f"{_HERE}:kill", "stop one run; its card is tried again"),
    },
    help="The runs in progress: one agent session each.",
)


@click.command("ps")
@reading
def ps(frame: Frame) -> None:
    """List the runs in progress."""
    from sps.services.workers import list_runs

    with frame.world() as world:
        found = list_runs(world)
    frame.show(found, _text)


def _text(found: RunList) -> str:
    if not found.runs:
        return "nothing runs"
    rows = [
        (one.run, f"{one.project}#{one.seq}", f"{one.stage} ({one.attempt})", one.agent,
         one.pid or "-", "cut off" if one.cut_off else f"{one.age_seconds:.0f} s", one.title)
        for one in found.runs
    ]  # fmt: skip
    text = table(("RUN", "CARD", "STAGE", "AGENT", "PID", "AGE", "TITLE"), rows)
    if any(one.cut_off for one in found.runs):
        text += "\nnothing works on this home; cards that were cut off go on with: sps tick"
    return text


@click.command("kill")
@click.argument("run")
@changing
def kill(frame: Frame, run: str) -> None:
    """Stop a run. Its work so far is kept, and its card tries the same attempt again; to stop the
    card as well: sps card cancel."""
    from sps.services.workers import kill_run

    with frame.world() as world:
        done = kill_run(world, run)
    frame.show(done, lambda one: f"run {one.run} of {one.project}#{one.seq} is being stopped")
