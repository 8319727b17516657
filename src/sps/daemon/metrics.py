"""Metrics in the Prometheus text format, read from the rows when somebody asks.

Labels are of finite number: project, state, stage outcome, agent kind; never a card or a path.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterable

from sps.model.card import TERMINAL, CardState
from sps.ports.store import CardQuery, Reading
from sps.ports.world import World

Sample = tuple[str, dict[str, str], float]
_HELP = {
    "sps_cards": "Cards by project and state",
    "sps_runs_live": "Agent sessions in progress by agent kind",
    "sps_oldest_open_card_seconds": "Age of the oldest card that is not done, dropped or planned",
    "sps_outbox_pending": "Undelivered messages by kind",
    "sps_projects_halted": "Projects that start no new work",
    "sps_breaker_open": "1 when the circuit breaker of an agent kind is not closed",
    "sps_disk_free_bytes": "Free space where the home lies",
    "sps_open_files": "File descriptors this process holds",
    "sps_resident_bytes": "Memory this process holds",
}


def exposition(world: World) -> str:
    """Return the whole page."""
    samples = [*world.store.read(lambda tx: list(_from_rows(world, tx))), *_from_process(world)]
    lines: list[str] = []
    for name, text in _HELP.items():
        lines += [f"# HELP {name} {text}", f"# TYPE {name} gauge"]
        lines += [_line(*sample) for sample in samples if sample[0] == name]
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
    for kind in world.registry.kinds():
        closed = tx.breaker(kind.name).state == "closed"
        yield "sps_breaker_open", {"agent": kind.name}, 0 if closed else 1


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
