"""All projects side by side: what they hold, what keeps them from working, what landed last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.lib.times import rfc3339
from sps.model.run import Usage
from sps.services.project_view import ProjectView, show_project, view
from sps.services.status import ProjectStatus, status

if TYPE_CHECKING:
    from sps.model.card import Card
    from sps.ports.store import Reading
    from sps.ports.world import World


class LastLanding(msgspec.Struct, frozen=True, kw_only=True):
    """The card that landed last, its commit and when that was."""

    seq: int
    title: str
    commit: str
    at: str


class ProjectRow(msgspec.Struct, frozen=True, kw_only=True):
    """One project with its state. `trouble` holds what its owner should look at, in sentences;
    `spent` is what the runs cost that began today (UTC), as far as agents tell."""

    project: ProjectView
    running: int
    waiting: int
    needs_human: int
    halted: str | None
    halt_detail: str | None
    no_gate: bool
    trouble: list[str]
    last: LastLanding | None
    spent: Usage


class ProjectTable(msgspec.Struct, frozen=True, kw_only=True):
    """The projects of a home, by name, as of one event."""

    projects: list[ProjectRow]
    cursor: int


def project_table(world: World) -> ProjectTable:
    """Look at all projects."""
    cursor = world.store.read(lambda tx: tx.last_event())
    now = {one.name: one for one in status(world).projects}

    today = _today(world)

    def question(tx: Reading) -> list[ProjectRow]:
        counts, spent = tx.counts(), tx.spent_since(today)
        return [
            _row(tx, view(one, counts.get(one.name, {})), now[one.name], spent)
            for one in tx.projects()
            if one.name in now
        ]

    rows = sorted(world.store.read(question), key=lambda one: one.project.name)
    return ProjectTable(projects=rows, cursor=cursor)


def project_row(world: World, name: str) -> ProjectRow:
    """Look at one project. Raises `Misuse("unknown-project")`."""
    shown = show_project(world, name)
    now = next(one for one in status(world).projects if one.name == name)
    today = _today(world)
    return world.store.read(lambda tx: _row(tx, shown, now, tx.spent_since(today)))


def _today(world: World) -> int:
    """Return when the day began, UTC."""
    now = world.clock.now()
    return now - now % 86_400_000


def _row(
    tx: Reading, shown: ProjectView, now: ProjectStatus, spent: dict[str, Usage]
) -> ProjectRow:
    return ProjectRow(
        project=shown,
        running=now.running,
        waiting=now.waiting,
        needs_human=now.needs_human,
        halted=now.halted,
        halt_detail=now.halt_detail,
        no_gate=now.no_gate,
        trouble=_trouble(now),
        last=_last(tx.last_landed(shown.name)),
        spent=spent.get(shown.name, Usage()),
    )


def _trouble(now: ProjectStatus) -> list[str]:
    found = []
    if now.file_errors == 1:
        found.append("One card file cannot be read.")
    if now.file_errors > 1:
        found.append("Some card files cannot be read.")
    if now.no_gate:
        found.append("It has no gate: nothing is tested before it lands.")
    return found


def _last(card: Card | None) -> LastLanding | None:
    if card is None or card.landed is None:
        return None
    return LastLanding(
        seq=card.seq,
        title=card.text.title,
        commit=card.landed.commit,
        at=rfc3339(card.updated_at),
    )
