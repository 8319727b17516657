"""What `sps setup` does, one step for each kind of wish; each is recorded as soon as it is done."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sps.cli import ask, screen
from sps.model.errors import Misuse

if TYPE_CHECKING:
    from sps.bootstrap import Wired
    from sps.cli.frame import Frame
    from sps.cli.setup import Wishes
    from sps.services.setup.record import Written


def settled(frame: Frame, world: Wired) -> None:
    """Make the database, and note a home that was made just now."""
    from sps.services.setup import record as records
    from sps.services.setup.record import Kind, Written

    fresh = not world.home.database.exists()
    world.store.read(lambda tx: tx.projects())
    if fresh and not frame.dry_run:
        home = Written(kind=Kind.HOME, path=str(world.home.root), created=True)
        records.save(world.home, records.load(world.home).plus(home))


def carry_out(frame: Frame, world: Wired, wishes: Wishes) -> list[str]:
    """Do what was wished for; return the paths that were written."""
    if wishes.agent:
        _choose(frame, world, wishes.agent)
    wrote = [*_skills(frame, world, wishes), *_rules(frame, world, wishes)]
    if wishes.key:
        agent, variable = _meant(world, wishes.key)
        wrote += _key(frame, world, agent, variable, _from_stdin())
    return wrote


def _choose(frame: Frame, world: Wired, agent: str) -> None:
    from sps.services.setup import record as records

    name = world.registry.kind(agent).name
    if not frame.dry_run:
        record = records.load(world.home)
        records.save(world.home, msgspec.structs.replace(record, agent=name))


def _skills(frame: Frame, world: Wired, wishes: Wishes) -> list[str]:
    from sps.services.setup.skills import link_skills
    from sps.services.skills.repository import Repository
    from sps.services.skills.scope import Scope

    if not wishes.skills:
        return []
    repository = Repository(world.home.root, dry=frame.dry_run)
    scope = Scope(world=world, repository=repository, user=Path.home(), environment=os.environ)
    if not scope.agents_of_user():
        frame.note("no agent of yours has a folder here yet, so no skill was linked")
        return []
    done, written = link_skills(scope, wishes.skills)
    for one in done.skills:
        for place, why in one.left.items():
            frame.note(f"left: {place or one.name}: {why}")
    return _noted(frame, world, written)


def _rules(frame: Frame, world: Wired, wishes: Wishes) -> list[str]:
    from sps.services.setup import rules
    from sps.services.skills.repository import repository_at

    wrote: list[str] = []
    for name in dict.fromkeys(wishes.rules):
        root = repository_at(wishes.repo.absolute(), dry=True).root
        planned = rules.plan(root, name, _project_at(world, root))
        if not planned.diff:
            frame.note(f"{planned.path} has the part on cards already")
            continue
        screen.err(planned.diff)
        if frame.dry_run or not _agreed(frame, wishes, planned.path):
            continue
        wrote += _noted(frame, world, [rules.write(planned)])
    return wrote


def _agreed(frame: Frame, wishes: Wishes, path: str) -> bool:
    if wishes.yes:
        return True
    if frame.as_json or not screen.interactive():
        says = f"Write this to {path}? Nobody is there to ask: say --yes"
        raise Misuse("not-confirmed", says)
    return ask.yes(f"Write this to {path}? It is not committed.")


def _project_at(world: Wired, root: Path) -> str:
    projects = world.store.read(lambda tx: tx.projects())
    return next((one.name for one in projects if Path(one.repo) == root), "PROJECT")


def _meant(world: Wired, wanted: str) -> tuple[str, str]:
    """Return the agent and the variable of AGENT[=VARIABLE]. What is no agent may be the key
    itself, so it is repeated nowhere."""
    from sps.services.agent_login import key_variable

    agent, _, variable = wanted.partition("=")
    if all(kind.name != agent for kind in world.registry.kinds()):
        raise Misuse(
            "unknown-agent",
            "after --key comes the name of an agent, and that is none; the key itself comes on"
            " standard input",
            hint="sps agent list",
        )
    return agent, key_variable(world, agent, variable or None)


def _key(frame: Frame, world: Wired, agent: str, variable: str, value: str) -> list[str]:
    """Keep a key in the home, mode 0600."""
    from sps.services.agent_login import keep_key
    from sps.services.setup.record import Kind, Written

    if frame.dry_run:
        return []
    keep_key(world, agent, variable, value)
    _noted(frame, world, [Written(kind=Kind.KEY, path=agent, text=variable)])
    return [f"key {variable} of {agent}, in {world.home.root / 'agents'}"]


def key_at_terminal(frame: Frame, world: Wired, agent: str, value: str) -> None:
    """Keep a key that was typed."""
    _key(frame, world, *_meant(world, agent), value)


def _from_stdin() -> str:
    if sys.stdin is None or sys.stdin.isatty():
        return ask.secret("Key")
    return sys.stdin.readline()


def _noted(frame: Frame, world: Wired, written: list[Written]) -> list[str]:
    from sps.services.setup import record as records

    if written and not frame.dry_run:
        records.save(world.home, records.load(world.home).plus(*written))
    return [one.path for one in written]
