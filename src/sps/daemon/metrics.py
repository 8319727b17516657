"""Metrics in the Prometheus text format, read from the rows when somebody asks.

Labels are of finite number: project, state, step, outcome, agent kind, code; never a card, a branch
or a path.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterable

from sps.flow import measures
from sps.lib import disk, log
from sps.lib.histogram import Counter as Count
from sps.lib.histogram import Gauge, Histogram, Sample
from sps.model.card import TERMINAL, CardState
from sps.model.errors import SpsError
from sps.ports.store import CardQuery, Reading
from sps.ports.world import World

HTTP = Histogram(
    "sps_http_request_seconds",
    "Time of a request, by route and class of its status",
    ("route", "status"),
    (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
SSE_CLIENTS = Gauge("sse_clients", "Open event streams")
SSE_RESYNCS = Count("sse_resync_total", "Pages that were told to load themselves again", ())
_OF_PROCESS: tuple[Histogram | Count | Gauge, ...] = (
    *measures.ALL, log.ERRORS, HTTP, SSE_CLIENTS, SSE_RESYNCS,
)  # fmt: skip
_HELP = {
    "sps_cards": "Cards by project and state",
    "sps_runs_live": "Agent sessions in progress by agent kind",
    "sps_oldest_open_card_seconds": "Age of the oldest card that is not done, dropped or planned",
    "sps_outbox_pending": "Undelivered messages by kind",
    "sps_projects_halted": "Projects that start no new work",
    "sps_breaker_open": "1 when the circuit breaker of an agent kind is not closed",
    "sps_dependency_up": "1 when what the work cannot do without answers as it should",
    "sps_disk_free_bytes": "Free space where the home lies",
    "sps_open_files": "File descriptors this process holds",
    "sps_resident_bytes": "Memory this process holds",
}


def exposition(world: World) -> str:
    """Return the whole page. Without the database it lacks what is read from there."""
    samples = [*_from_process(world)]
    try:
        samples += world.store.read(lambda tx: list(_from_rows(world, tx)))
        database = True
    except SpsError:
        database = False
    samples += [_up("database", database), _up("disk", not disk.low(world.home.root))]
    lines: list[str] = []
    for name, text in _HELP.items():
        lines += [f"# HELP {name} {text}", f"# TYPE {name} gauge"]
        lines += [_line(*sample) for sample in samples if sample[0] == name]
    for metric in _OF_PROCESS:
        lines += [f"# HELP {metric.name} {metric.text}", f"# TYPE {metric.name} {metric.kind}"]
        lines += [_line(*sample) for sample in metric.samples()]
    return "\n".join(lines) + "\n"


def _line(name: str, labels: dict[str, str], value: float) -> str:
    inner = ",".join(f'{key}="{text}"' for key, text in labels.items())
    return f"{name}{{{inner}}} {value:g}" if inner else f"{name} {value:g}"


def _from_rows(world: World, tx: Reading) -> Iterable[Sample]:
    for project, states in tx.counts().items():
        for state in CardState:
            labels = {"project": project, "state": state.value}
            yield "sps_cards", labels, states.get(state.value, 0)
    live = tx.runs(live=True)
    for agent, number in Counter(run.agent for run in live).items():
        yield "sps_runs_live", {"agent": agent}, number
    for message, number in Counter(message.kind for message in tx.outbox()).items():
        yield "sps_outbox_pending", {"kind": message}, number
    yield "sps_projects_halted", {}, sum(bool(project.halted) for project in tx.projects())
    yield "sps_oldest_open_card_seconds", {}, _oldest(world, tx)
    closed = {kind.name: tx.breaker(kind.name).state == "closed" for kind in world.registry.kinds()}
    for agent, it_is in closed.items():
        yield "sps_breaker_open", {"agent": agent}, 0 if it_is else 1
    yield _up("agent", all(closed.values()))
    yield _up("vault", all(vault_readable(world, project.name) for project in tx.projects()))


def vault_readable(world: World, project: str) -> bool:
    """Whether a project's vault is where it should be and can be read."""
    return os.access(world.home.vault(project) / "HEAD", os.R_OK)


def _up(dependency: str, up: bool) -> Sample:
    return "sps_dependency_up", {"dependency": dependency}, 1 if up else 0


def _oldest(world: World, tx: Reading) -> float:
    waiting = tuple(s for s in CardState if s not in TERMINAL and s is not CardState.PLANNING)
    oldest = tx.cards(CardQuery(states=waiting, limit=1))
    return max(0.0, (world.clock.now() - oldest[0].created_at) / 1000) if oldest else 0.0


def _from_process(world: World) -> Iterable[Sample]:
    yield "sps_disk_free_bytes", {}, shutil.disk_usage(world.home.root).free
    try:
        yield "sps_open_files", {}, len(os.listdir("/proc/self/fd"))
        with open("/proc/self/statm", encoding="ascii") as file:
            pages = int(file.read().split()[1])
        yield "sps_resident_bytes", {}, pages * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return  # no procfs here
