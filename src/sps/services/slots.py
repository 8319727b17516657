"""The slots of all projects: which agents work, since when, and which of them say nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from sps.lib import proctree
from sps.lib.procusage import usage
from sps.lib.times import rfc3339
from sps.model.errors import SpsError
from sps.services import telling, transcript
from sps.services.settings import number
from sps.services.status import Daemon, ProjectStatus, status
from sps.services.workers import RunView, list_runs

if TYPE_CHECKING:
    from pathlib import Path

    from sps.ports.store import Reading
    from sps.ports.world import World

_LINES = 8
_LINE = 300
_WRITTEN = ("transcript.jsonl", "stderr.log")


class SlotView(RunView, frozen=True, kw_only=True):
    """A run in progress with its signs of life. `lines` are the newest of a run that is stuck;
    `cpu_seconds` and `rss_bytes` are of its whole process tree, null while it has no process;
    `does` is the newest event of its card."""

    last_output_at: str
    silent_seconds: float
    stuck: bool
    lines: list[str]
    cpu_seconds: float | None
    rss_bytes: int | None
    tokens_per_minute: float | None
    does: telling.EventView | None

    @property
    def number(self) -> str:
        """The name people use for the card: project#seq."""
        return f"{self.project}#{self.seq}"


class ProjectSlots(msgspec.Struct, frozen=True, kw_only=True):
    """How many agents of a project work and may work. `broken` says why the number is not known,
    `halted` why the project starts nothing new."""

    project: str
    used: int
    most: int
    broken: str = ""
    halted: str = ""


class Slots(msgspec.Struct, frozen=True, kw_only=True):
    """All slots. `at_work`: a daemon or a tick holds the home; without one nothing runs."""

    used: int
    most: int
    stuck: int
    at_work: bool
    daemon: Daemon | None
    projects: list[ProjectSlots]
    runs: list[SlotView]


def slots(world: World) -> Slots:
    """Look at every run in progress, oldest first, and at every project's slots."""
    now = status(world)
    silent = number(world, "agents.silent")
    runs = [_slot(world, run, silent) for run in list_runs(world).runs]
    projects = [_of_project(world, one, runs) for one in now.projects]
    return Slots(
        used=len(runs),
        most=sum(one.most for one in projects),
        stuck=sum(one.stuck for one in runs),
        at_work=now.at_work,
        daemon=now.daemon,
        projects=projects,
        runs=runs,
    )


def _of_project(world: World, one: ProjectStatus, runs: list[SlotView]) -> ProjectSlots:
    name, halted = one.name, one.halted or ""
    used = sum(run.project == name for run in runs)
    try:
        most = world.pipeline_files.load(name).workers
    except SpsError as err:
        return ProjectSlots(project=name, used=used, most=0, broken=err.message, halted=halted)
    return ProjectSlots(project=name, used=used, most=most, halted=halted)


def _slot(world: World, run: RunView, most_silent: int) -> SlotView:
    began = round(world.clock.now() - run.age_seconds * 1000)
    last = max(began, _written(world.home.run(run.project, run.run)))
    silent = max(0.0, (world.clock.now() - last) / 1000)
    stuck = silent >= most_silent and not run.cut_off
    used = _used(world, run)
    return SlotView(
        **{name: getattr(run, name) for name in RunView.__struct_fields__},
        last_output_at=rfc3339(last),
        silent_seconds=round(silent, 1),
        stuck=stuck,
        lines=_lines(world, run) if stuck else [],
        cpu_seconds=used[0] if used else None,
        rss_bytes=used[1] if used else None,
        tokens_per_minute=_pace(world, run),
        does=_newest(world, run),
    )


def _pace(world: World, run: RunView) -> float | None:
    """Return how many tokens a run uses a minute, as far as its agent tells."""
    known = world.store.read(lambda tx: tx.run(run.run))
    total = known.usage.total_tokens if known else None
    return None if total is None else round(total * 60 / max(run.age_seconds, 1.0), 1)


def _newest(world: World, run: RunView) -> telling.EventView | None:
    def question(tx: Reading) -> telling.EventView | None:
        card = tx.card_by_seq(run.project, run.seq)
        event = tx.newest_event(card.id) if card else None
        return telling.view(event, run.seq) if event else None

    return world.store.read(question)


def _written(folder: Path) -> int:
    """Return when a run last wrote something, in milliseconds."""
    found = 0
    for name in _WRITTEN:
        try:
            facts = os.stat(folder / name, follow_symlinks=False)
        except OSError:
            continue
        if facts.st_size:
            found = max(found, facts.st_mtime_ns // 1_000_000)
    return found


def _used(world: World, run: RunView) -> tuple[float, int] | None:
    if run.pid is None or run.cut_off:
        return None
    known = world.store.read(lambda tx: tx.run(run.run))
    if known is None or proctree.start_time(run.pid) != known.pid_started:
        return None  # the number belongs to somebody else by now
    return usage([run.pid, *proctree.descendants(run.pid)])


def _lines(world: World, run: RunView) -> list[str]:
    try:
        part = transcript.transcript(world, run.project, run.seq, run.run)
        told = [_told(one) for one in part.entries if one.kind != "prompt"]
        errors = transcript.diagnostics(world, run.project, run.seq, run.run)
    except SpsError:
        return []
    shown = [line for line in told if line] or errors.splitlines()
    return [line[:_LINE] for line in shown[-_LINES:]]


def _told(entry: transcript.Entry) -> str:
    words = [entry.title or entry.tool, entry.status] if entry.kind == "tool" else [entry.text]
    text = " ".join(word for word in words if word).strip()
    return f"{entry.kind}: {' '.join(text.split())}" if text else ""
