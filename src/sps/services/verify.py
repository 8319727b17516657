"""Checking from outside what SPS promises: the store, the vault, the files, the processes."""

from __future__ import annotations

import time
from collections.abc import Iterator

import msgspec

from sps.flow.fleet import others
from sps.flow.owed import FALLOUT, owing
from sps.lib.lock import holder
from sps.model.errors import Misuse, SpsError
from sps.model.project import Project
from sps.ports.store import Message, Reading
from sps.ports.world import World
from sps.services.invariants.cards import check_cards
from sps.services.invariants.environments import check_environments
from sps.services.invariants.landings import check_landings
from sps.services.invariants.runs import check_outbox, check_processes, check_runs
from sps.services.invariants.scene import Scene, look
from sps.services.invariants.violation import Invariant, Violation

_LOOKS_AGAIN = (1.0, 9.0)  # seconds; the promise on processes is ten


class VerifyReport(msgspec.Struct, frozen=True, kw_only=True):
    """Whether every promise holds, and which do not."""

    ok: bool
    violations: tuple[Violation, ...]


def verify(world: World, project: str | None = None) -> VerifyReport:
    """Check every invariant of one project or of the whole home. Writes nothing.

    While a daemon works, a state between two of its steps is no fault: what is found then counts
    only when it is still so a second, and ten seconds, later. Raises `Misuse("unknown-project")`.
    """
    alive = _at_work(world)
    found = _look(world, project, alive=alive)
    if found and not alive:
        alive = _at_work(world)  # one may have begun while we looked
    for seconds in _LOOKS_AGAIN:
        if not found or not alive:
            break
        time.sleep(seconds)
        again = {_key(one) for one in _look(world, project, alive=alive)}
        found = [one for one in found if _key(one) in again]
    return VerifyReport(ok=not found, violations=tuple(found))


def _at_work(world: World) -> bool:
    """Whether anybody works on the home, here or on another machine."""
    if holder(world.home.lock) is not None:
        return True
    return world.shared and bool(world.store.read(lambda tx: others(world, tx)))


def _key(violation: Violation) -> tuple[str, str]:
    return violation.invariant.value, violation.subject


def _look(world: World, name: str | None, *, alive: bool) -> list[Violation]:
    broken = [
        Violation(
            invariant=Invariant.STORE_SOUND, subject=world.database.rpartition("/")[2], detail=fault
        )
        for fault in world.store.check()
    ]
    scenes: list[Scene] = []
    found = list(broken)
    for project in _projects(world, name):
        scene = look(world, project, alive=alive)
        scenes.append(scene)
        found += _project(world, scene)
    found += check_processes(world, scenes, whole=name is None)
    if alive:
        messages = world.store.read(lambda tx: [m for m in tx.outbox() if not _waits(tx, m)])
        found += check_outbox(messages, world.clock.now())
    return found


def _waits(tx: Reading, message: Message) -> bool:
    """Whether a message cannot be delivered yet, and rightly so: what follows a failed card waits
    for a pipeline that can be read."""
    card = tx.card(message.key) if message.kind == FALLOUT else None
    return card is not None and card.project not in owing(tx)


def _projects(world: World, name: str | None) -> list[Project]:
    projects = world.store.read(lambda tx: tx.projects())
    if name is None:
        return projects
    mine = [project for project in projects if project.name == name]
    if not mine:
        raise Misuse("unknown-project", f'there is no project "{name}"', hint="sps project list")
    return mine


def _project(world: World, scene: Scene) -> Iterator[Violation]:
    if scene.pipeline is None:
        yield _uncheckable(scene, f"the pipeline cannot be read: {scene.trouble}")
    for check in (check_cards, check_runs, check_landings, check_environments):
        try:
            yield from check(world, scene)
        except SpsError as err:
            yield _uncheckable(scene, f"{err.code}: {err.message}")


def _uncheckable(scene: Scene, detail: str) -> Violation:
    return Violation(invariant=Invariant.CHECKABLE, subject=scene.project.name, detail=detail)
