"""What can be wrong with skills: a catalogue too large, unused ones, things in the way."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import msgspec

from sps.lib import plain_file
from sps.model.errors import SpsError
from sps.model.skills import folders
from sps.model.skills.document import parse_document
from sps.model.skills.folders import CANONICAL, AgentFolders
from sps.model.skills.mode import Mode
from sps.model.skills.state import Difference
from sps.model.skills.tree import MAIN
from sps.ports.skill_store import BUNDLED
from sps.services.skills import users
from sps.services.skills.candidates import gone
from sps.services.skills.ci import check_lock
from sps.services.skills.scope import Scope
from sps.services.skills.shadows import shadows

BUDGET = 8000  #: characters of names and descriptions that agents list before they cut or drop
_SHOWN = 8
_MAIN_LIMIT = 1024 * 1024
_TAMPERED = (
    Difference.TAMPERED_LOCK, Difference.CHANGED_FILE, Difference.EXTRA_FILE,
    Difference.MISSING_FILE, Difference.CHANGED_MODE, Difference.MODIFIED, Difference.WRONG_LINK,
)  # fmt: skip


class HealthLine(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at. `cause` says what is known, `command` what to run next."""

    name: str
    ok: bool
    cause: str = ""
    command: str = ""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """All that was looked at."""

    ok: bool
    checks: list[HealthLine]


def skill_health(scope: Scope) -> Health:
    """Look at the skills of a home and of a repository. Nothing is changed."""
    lines = [*store_health(scope), *repository_health(scope)]
    return Health(ok=all(one.ok for one in lines), checks=lines)


def repository_health(scope: Scope) -> list[HealthLine]:
    """Look at the skills of a repository, and at what agents that work in it list."""
    return [*_lock(scope), *_shadowed(scope), *_budgets(scope)]


def store_health(scope: Scope) -> Iterator[HealthLine]:
    """Look at the skills of a home."""
    try:
        records = scope.world.skill_store.installed()
    except SpsError as err:
        yield HealthLine(name="skill store", ok=False, cause=err.message, command=err.hint)
        return
    waiting = sorted(one.name for one in records if not one.trusted)
    cause = f"{len(records)} installed"
    cause += f", in quarantine: {_some(waiting)}" if waiting else ""
    yield HealthLine(name="skill store", ok=True, cause=cause)
    for one in records:
        if gone(one, scope.world.home.skills):
            says = f"{one.name}: {one.source.removeprefix('path:')} is gone, so it is not used"
            command = f"sps skill remove {one.name} --home --source {shlex.quote(one.source)}"
            yield HealthLine(name="own skill", ok=True, cause=says, command=command)
    used = {
        one.digest for lock in users.locks(scope.world).values() for one in lock.skills.values()
    }
    idle = [one for one in records if one.digest not in used and one.source != BUNDLED]
    if idle:
        names = sorted(one.name for one in idle)
        says = f"in no repository's lock: {_some(names)}"
        yield HealthLine(
            name="unused skills", ok=True, cause=says,
            command=f"sps skill remove {names[0]} --home",
        )  # fmt: skip


def _lock(scope: Scope) -> Iterator[HealthLine]:
    try:
        found = check_lock(scope)
    except SpsError as err:
        yield HealthLine(name="skills.lock", ok=False, cause=err.message, command=err.hint)
        return
    tampered = sorted({one.name for one in found.differences if one.kind in _TAMPERED})
    other = sorted({one.name for one in found.differences if one.kind not in _TAMPERED})
    if tampered:
        says = f"not as locked: {_some(tampered)}"
        yield HealthLine(name="skills.lock", ok=False, cause=says, command="sps skill verify")
    if other:
        says = f"missing, or not usable here: {_some(other)}"
        yield HealthLine(name="skills.lock", ok=False, cause=says, command="sps skill sync")
    if found.ok and found.skills:
        says = f"{_skills(len(found.skills))} as locked"
        yield HealthLine(name="skills.lock", ok=True, cause=says)


def _shadowed(scope: Scope) -> Iterator[HealthLine]:
    try:
        found = shadows(scope, scope.repository.lock())
    except SpsError:
        return  # the line about the lock says it
    for name, places in sorted(found.items()):
        says = f"{name}: an agent may take {', '.join(places[:_SHOWN])} instead"
        yield HealthLine(name="shadowed skill", ok=False, cause=says, command=f"rm -r {places[0]}")


def _budgets(scope: Scope) -> Iterator[HealthLine]:
    """Count what each agent lists before a session has begun."""
    seen: dict[tuple[str, ...], list[AgentFolders]] = {}
    for agent in folders.AGENTS:
        if not scope.used(agent) and agent not in scope.agents_of_user():
            continue
        paths = [scope.repository.root / one for one in agent.project]
        paths += scope.user_folders(agent)
        real = sorted({str(path.resolve()) for path in paths if path.is_dir()})
        if real:
            seen.setdefault(tuple(real), []).append(agent)
    canonical = scope.repository.root / CANONICAL
    if not seen and canonical.is_dir():
        seen[(str(canonical.resolve()),)] = []
    for paths_, agents in seen.items():
        yield _budget([Path(one) for one in paths_], [one.title for one in agents])


def _budget(paths: list[Path], titles: list[str]) -> HealthLine:
    costs = sorted((cost for path in paths for cost in _costs(path)), reverse=True)
    total = sum(size for size, _ in costs)
    who = ", ".join(titles) or "agents"
    says = f"{who}: {total} of {BUDGET} characters for {_skills(len(costs))}"
    if total <= BUDGET:
        return HealthLine(name="skill catalogue", ok=True, cause=says)
    largest = _some([name for _, name in costs])
    says += f"; the rest is cut or dropped without a word. The largest: {largest}"
    return HealthLine(
        name="skill catalogue", ok=False, cause=says, command=f"sps skill disable {costs[0][1]}"
    )


def _costs(folder: Path) -> Iterator[tuple[int, str]]:
    for path in sorted(folder.iterdir()):
        try:
            content, _ = plain_file.read(path / MAIN, _MAIN_LIMIT)
        except (OSError, plain_file.NotPlain, plain_file.TooLarge):
            continue
        found = parse_document(content, folder=path.name, mode=Mode.LENIENT).document
        if found is not None:
            yield len(found.name) + len(found.description), path.name


def _skills(count: int) -> str:
    return "1 skill" if count == 1 else f"{count} skills"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
