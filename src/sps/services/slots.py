"""The slots of all projects: which agents work, since when, and which of them say nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from sps.lib import proctree
from sps.lib.procusage import usage
from sps.lib.times import rfc3339
from sps.model.errors import SpsError
from sps.services import transcript
from sps.services.status import Daemon, status
from sps.services.workers import RunView, list_runs

if TYPE_CHECKING:
    from pathlib import Path

    from sps.ports.world import World

SILENT_S = 300.0  #: without output for so long, a run is called stuck
_LINES = 8
_LINE = 300
_WRITTEN = ("transcript.jsonl", "stderr.log")


class SlotView(RunView, frozen=True, kw_only=True):
    """A run in progress with its signs of life. `lines` are the newest of a run that is stuck;
    `cpu_seconds` and `rss_bytes` are of its whole process tree, null while it has no process."""

    last_output_at: str
    silent_seconds: float
    stuck: bool
    lines: list[str]
    cpu_seconds: float | None
    rss_bytes: int | None

    @property
    def number(self) -> str:
        """The name people use for the card: project#seq."""
        return f"{self.project}#{self.seq}"


class ProjectSlots(msgspec.Struct, frozen=True, kw_only=True):
    """How many agents of a project work and may work. `broken` says why the number is not known."""

    project: str
    used: int
    most: int
    broken: str = ""


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
    runs = [_slot(world, run) for run in list_runs(world).runs]
    projects = [_of_project(world, one.name, runs) for one in now.projects]
    return Slots(
        used=len(runs),
        most=sum(one.most for one in projects),
        stuck=sum(one.stuck for one in runs),
        at_work=now.at_work,
        daemon=now.daemon,
        projects=projects,
        runs=runs,
    )


def _of_project(world: World, name: str, runs: list[SlotView]) -> ProjectSlots:
    used = sum(run.project == name for run in runs)
    try:
        most = world.pipeline_files.load(name).workers
    except SpsError as err:
        return ProjectSlots(project=name, used=used, most=0, broken=err.message)
    return ProjectSlots(project=name, used=used, most=most)


def _slot(world: World, run: RunView) -> SlotView:
    began = round(world.clock.now() - run.age_seconds * 1000)
    last = max(began, _written(world.home.run(run.project, run.run)))
    silent = max(0.0, (world.clock.now() - last) / 1000)
    stuck = silent >= SILENT_S and not run.cut_off
    used = _used(world, run)
    return SlotView(
        **{name: getattr(run, name) for name in RunView.__struct_fields__},
        last_output_at=rfc3339(last),
        silent_seconds=round(silent, 1),
        stuck=stuck,
        lines=_lines(world, run) if stuck else [],
        cpu_seconds=used[0] if used else None,
        rss_bytes=used[1] if used else None,
    )


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
