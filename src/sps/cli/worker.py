"""`sps worker`: the runs in progress, and working for a home elsewhere."""

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
        "run": Entry(f"{_HERE}:run", "join this machine to a home in PostgreSQL"),
    },
    help="The runs in progress, one agent session each, and the machines that do them.",
)


@click.command("ps")
@reading
def ps(frame: Frame) -> None:
    """List the runs in progress, and the workers of a home in PostgreSQL."""
    from sps.services.workers import list_runs

    with frame.world() as world:
        found = list_runs(world)
    frame.show(found, _text)


def _text(found: RunList) -> str:
    return "\n\n".join(part for part in (_workers(found), _runs(found)) if part)


def _workers(found: RunList) -> str:
    rows = [
        (one.id, one.role, one.host, one.pid, "alive" if one.alive else "dead", one.runs)
        for one in found.workers
    ]
    return table(("WORKER", "ROLE", "HOST", "PID", "LEASE", "RUNS"), rows) if rows else ""


def _runs(found: RunList) -> str:
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


@click.command("run")
@click.option("--limit", type=click.IntRange(1, 64), default=8, metavar="N",
              help="At most so many agents at a time on this machine.")  # fmt: skip
@click.option("--vaults", default="", metavar="PLACE",
              help="Where the home's vaults lie, seen from here: a path or ssh://...")  # fmt: skip
@changing
def run(frame: Frame, limit: int, vaults: str) -> None:
    """Work for the home in the database that SPS_DATABASE names, until it is told to stop.

    SPS_HOME is this worker's own folder. The home reads card files, admits cards and lands; it has
    to be up for that, and says where its vaults lie.
    """
    from sps.bootstrap import home_folder, open_member

    world = open_member(home_folder(), vaults=vaults)
    try:
        _ = world.store  # what cannot be reached is said before anything is made
        if frame.dry_run:
            frame.note(f"would work as {world.worker} on {world.database}")
            return
        from sps.daemon.worker import work

        up = f"worker {world.worker} works on {world.database}"
        work(world, limit=limit, on_up=lambda: frame.note(up))
    finally:
        if "store" in vars(world):
            world.store.close()
