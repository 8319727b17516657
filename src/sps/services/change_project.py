"""Changing and removing a project."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from sps.lib.nearest import suggestion
from sps.lib.times import rfc3339
from sps.model.errors import Held, Misuse
from sps.model.event import Event, EventKind
from sps.model.pipeline import SandboxMode
from sps.model.reason import PAUSED
from sps.services import lookup
from sps.services.export_project import snapshot
from sps.services.init_project import owner_of
from sps.services.project_view import ProjectView, view

if TYPE_CHECKING:
    from sps.model.project import Project
    from sps.ports.store import Writing
    from sps.ports.world import World


class ProjectChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What to change; None leaves it as it is. `resume` lets a halted project work again; `pause`
    lets it start nothing new, what runs goes on to its end."""

    branch: str | None = None
    agent: str | None = None
    sandbox: SandboxMode | None = None
    resume: bool = False
    pause: bool = False


_SETTINGS = ("branch", "agent", "sandbox", "resume", "pause")
_TURNS = {
    "resume": "lets a halted project work again",
    "pause": "lets a project start nothing new",
}
_IN_PIPELINE = ("workers", "stages", "gates", "land", "budget", "columns", "environment", "on_fail")


def changes_of(pairs: list[str]) -> ProjectChanges:
    """Return changes written as `key=value`. Raises `Misuse` (not-a-setting, unknown-setting,
    bad-setting, twice) and names what was probably meant."""
    fields: dict[str, Any] = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign or not value:
            raise Misuse(
                "not-a-setting", f'"{pair[:80]}" is no setting: write KEY=VALUE',
                hint="sps project set --help",
            )  # fmt: skip
        _check_key(key)
        if key in fields:
            raise Misuse("twice", f"{key} is given twice")
        fields[key] = _value(key, value)
    return ProjectChanges(**fields)


def _check_key(key: str) -> None:
    if key in _SETTINGS:
        return
    if key in _IN_PIPELINE:
        says = f"{key} belongs to the pipeline, not to the project"
        raise Misuse("unknown-setting", says, hint="sps pipeline show NAME")
    near = suggestion(key[:40], _SETTINGS)
    known = ", ".join(_SETTINGS)
    raise Misuse("unknown-setting", f'there is no setting "{key[:40]}"{near} (known: {known})')


def _value(key: str, value: str) -> str | bool | SandboxMode:
    if key == "sandbox":
        modes = [mode.value for mode in SandboxMode]
        if value in modes:
            return SandboxMode(value)
        says = f'sandbox is one of {", ".join(modes)}, not "{value[:40]}"'
        raise Misuse("bad-setting", f"{says}{suggestion(value[:40], modes)}")
    if key in _TURNS:
        if value not in ("true", "yes", "1"):
            raise Misuse("bad-setting", f"{key}=true {_TURNS[key]}")
        return True
    return value


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    """A project that is gone from the home, and the folder that keeps what it was."""

    name: str
    kept: str


def set_project(world: World, name: str, changes: ProjectChanges) -> ProjectView:
    """Change settings of a project. Raises `Misuse` (unknown-project, unknown-agent,
    missing-branch, nothing-to-change)."""
    if changes == ProjectChanges():
        raise Misuse(
            "nothing-to-change", "no change was given", hint=f"sps project set {name} --help"
        )
    project = world.store.read(lambda tx: lookup.project(tx, name))
    fields: dict[str, str | SandboxMode] = {}
    if changes.agent is not None:
        fields["agent"] = world.registry.kind(changes.agent).name
    if changes.branch is not None:
        fields["branch"] = world.repositories.inspect(project.repo, changes.branch).branch
    if changes.sandbox is not None:
        fields["sandbox"] = changes.sandbox

    def change(tx: Writing) -> ProjectView:
        current = lookup.project(tx, name)
        after = msgspec.structs.replace(current, **fields)
        if changes.resume and current.halted:
            after = msgspec.structs.replace(after, halted=None, halt_detail="")
            tx.add_event(
                Event(
                    project=name, kind=EventKind.PROJECT_RESUMED, at=world.clock.now(),
                    payload={"why": "its owner says so"},
                )
            )  # fmt: skip
        if changes.pause and not current.halted:
            after = msgspec.structs.replace(after, halted=PAUSED, halt_detail="")
            tx.add_event(
                Event(
                    project=name, kind=EventKind.PROJECT_HALTED, at=world.clock.now(),
                    payload={"reason": PAUSED, "detail": "its owner says so"},
                )
            )  # fmt: skip
        tx.save_project(after)
        return view(after, tx.counts().get(name, {}))

    done = world.store.write(change)
    world.wake.ring()
    return done


def pause_all(world: World) -> list[str]:
    """Let no project start anything new, so that the home runs empty. Return who was paused now."""
    names = [one.name for one in world.store.read(lambda tx: tx.projects()) if not one.halted]
    for name in names:
        set_project(world, name, ProjectChanges(pause=True))
    return names


def resume_paused(world: World) -> list[str]:
    """Let every paused project work again; what is halted for another reason stays so."""
    found = world.store.read(lambda tx: tx.projects())
    names = [one.name for one in found if one.halted == PAUSED]
    for name in names:
        set_project(world, name, ProjectChanges(resume=True))
    return names


def remove_project(world: World, name: str) -> Removed:
    """Take a project out of the home. Its files, and its history as a document, are kept in the
    home's trash; the repository is not touched. Raises `Held("runs-live")`."""
    project = removable_project(world, name)
    rows = snapshot(world, name)
    kept = _move(world, project)
    (kept / "rows.json").write_bytes(msgspec.json.encode(rows))
    world.store.write(lambda tx: tx.remove_project(name))
    with contextlib.suppress(Misuse):  # the repository itself may be gone
        world.repositories.unclaim(project.repo, owner_of(world, name))
    world.wake.ring()
    return Removed(name=name, kept=str(kept))


def removable_project(world: World, name: str) -> Project:
    """Return a project that may be removed now. Raises `Misuse("unknown-project")`,
    `Held("runs-live")`."""
    project = world.store.read(lambda tx: lookup.project(tx, name))
    runs = world.store.read(lambda tx: tx.runs(live=True))
    live = [run for run in runs if run.project == project.name]
    if live:
        raise Held(
            "runs-live",
            f"{len(live)} runs of {project.name} are in progress: cancel their cards, or stop the"
            " daemon with sps down",
            hint="sps worker ps",
        )
    return project


def _move(world: World, project: Project) -> Path:
    """Move the project's folder into the trash and return where it is. Again after a crash between
    this and the rows, there is only a fresh folder to move."""
    stamp = rfc3339(world.clock.now()).replace(":", "")
    kept = world.home.root / "trash" / f"{project.name}-{stamp}"
    kept.parent.mkdir(mode=0o700, exist_ok=True)
    folder = world.home.project(project.name)
    if folder.is_dir():
        folder.rename(kept)
    else:
        kept.mkdir(mode=0o700)
    return kept
