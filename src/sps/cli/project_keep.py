"""`sps project list`, `show`, `set` and `remove`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sps.cli.frame import Frame, changing, reading
from sps.cli.table import table
from sps.lib import byte_size
from sps.model.pipeline import SandboxMode

if TYPE_CHECKING:
    from sps.services.change_project import ProjectChanges
    from sps.services.environments import Room
    from sps.services.project_view import ProjectList, ProjectView


@click.command("list")
@reading
def list_(frame: Frame) -> None:
    """List the projects of this home."""
    from sps.services.project_view import list_projects

    with frame.world() as world:
        found = list_projects(world)
    frame.show(found, _list_text)


def _list_text(found: ProjectList) -> str:
    if not found.projects:
        return "no projects. Register one: sps project init NAME --repo PATH"
    rows = [
        (one.name, one.branch, one.agent, sum(one.counts.values()), one.halted or "", one.repo)
        for one in found.projects
    ]
    return table(("NAME", "BRANCH", "AGENT", "CARDS", "HALTED", "REPOSITORY"), rows)


@click.command("show")
@click.argument("name")
@reading
def show(frame: Frame, name: str) -> None:
    """Show one project."""
    from sps.services.project_view import show_project

    with frame.world() as world:
        found = show_project(world, name)
    frame.show(found, _project_text)


def _project_text(one: ProjectView) -> str:
    cards = "  ".join(f"{state} {number}" for state, number in one.counts.items() if number)
    facts = [
        ("repository", one.repo),
        ("branch", one.branch),
        ("agent", one.agent),
        ("sandbox", one.sandbox),
        ("cards", cards or "none"),
        ("halted", f"{one.halted}: {one.halt_detail}" if one.halted else ""),
        ("kept", _room_text(one.environments)),
        ("since", one.created_at),
    ]
    return "\n".join([one.name, *(f"  {name:<11} {value}" for name, value in facts if value)])


def _room_text(room: Room | None) -> str:
    if room is None or not room.count:
        return ""
    many = "environment" if room.count == 1 else "environments"
    return f"{room.count} {many}, {byte_size.show(room.bytes)}"


@click.command("set")
@click.argument("name")
@click.argument("settings", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--branch", metavar="B", help="The branch that receives the work.")
@click.option("--agent", metavar="A", help="The coding agent.")
@click.option("--sandbox", type=click.Choice([mode.value for mode in SandboxMode]),
              help="none: run agents unprotected.")  # fmt: skip
@click.option("--resume", is_flag=True, help="Let a halted or paused project work again.")
@click.option("--pause", is_flag=True, help="Start nothing new; what runs goes on to its end.")
@changing
def set_(frame: Frame, name: str, settings: tuple[str, ...], **given: Any) -> None:
    """Change settings of a project: branch=B, agent=A, sandbox=auto|none, resume=true,
    pause=true.

    What is wrong is said before anything is changed. Stages, gates and limits are in the pipeline.
    """
    from sps.services.agents import obstacle
    from sps.services.change_project import changes_of, set_project

    flags = [f"{key}={'true' if value is True else value}" for key, value in given.items() if value]
    changes = changes_of([*settings, *flags])
    with frame.world() as world:
        done = set_project(world, name, changes)
        trouble = obstacle(world, changes.agent, name) if changes.agent else ""
    frame.show(done, lambda one: f"{one.name}: {_changed_text(one, changes)}")
    if trouble:
        frame.note(f"warning: {trouble}")


def _changed_text(now: ProjectView, changes: ProjectChanges) -> str:
    """Say what was asked for as it is now; a halt that stays says why."""
    said = {"branch": changes.branch, "agent": changes.agent, "sandbox": changes.sandbox}
    parts = [f"{key} {getattr(now, key)}" for key, value in said.items() if value is not None]
    if changes.resume or changes.pause:
        parts.append(f"halted ({now.halted})" if now.halted else "works")
    return ", ".join(parts)


@click.command("remove")
@click.argument("name")
@changing
def remove(frame: Frame, name: str) -> None:
    """Take a project out of this home. Its files are kept in the home's trash; the repository is
    not touched."""
    from sps.services.change_project import removable_project, remove_project

    with frame.world() as world:
        if frame.dry_run:
            project = removable_project(world, name)
            frame.show({"name": project.name}, lambda one: f"{one['name']} would be removed")
            return
        done = remove_project(world, name)
    frame.show(done, lambda one: f"{one.name} is removed; what it was is kept in {one.kept}")
