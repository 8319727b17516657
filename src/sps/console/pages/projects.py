"""The projects of the home, and adding one."""

from __future__ import annotations

import os

import msgspec

from sps.console import problem
from sps.console.answers import Answer, Document, Moved, Page
from sps.console.registry import Route, Surface
from sps.console.visit import Visit
from sps.model.access import Role
from sps.model.errors import Misuse, SpsError
from sps.model.pipeline import SandboxMode
from sps.services.init_project import Initialised, InitOptions, init_project
from sps.services.project_table import ProjectRow, ProjectTable, project_table
from sps.services.removed import kept_of

GROUPS: dict[str, tuple[str, ...]] = {
    "queued": ("planning", "backlog", "ready"),
    "running": ("running", "gating"),
    "review": ("review", "landing"),
    "failed": ("needs_human",),
    "merged": ("done",),
}
FIELDS = {
    "bad-name": "name",
    "project-exists": "name",
    "not-a-repository": "repo",
    "foreign-repository": "repo",
    "empty-repository": "repo",
    "shallow-repository": "repo",
    "repository-claimed": "repo",
    "detached-head": "branch",
    "missing-branch": "branch",
    "unknown-agent": "agent",
}


class NewProject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A repository to add. `agent` empty: the first one that works here; `branch` empty: the one
    that is checked out; `gates`: put the gates that are found in force."""

    name: str = ""
    repo: str = ""
    branch: str = ""
    agent: str = ""
    sandbox: SandboxMode = SandboxMode.AUTO
    gates: bool = False
    force: bool = False


class Listing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the list says beside itself: a project that was removed just now."""

    removed: str = ""


class Part(msgspec.Struct, frozen=True):
    """A piece of a bar: of this sort, so many cards, from here on, so wide; in percent."""

    sort: str
    count: int
    start: float
    width: float


class Refusal(msgspec.Struct, frozen=True):
    """Why a form was refused: the field that it is about (empty: the whole), and what to do."""

    field: str
    says: str
    next: str
    code: str


class ProjectsView(msgspec.Struct, frozen=True, kw_only=True):
    """The page: a row for each project with its bar, and the form as it was filled in."""

    table: ProjectTable
    bars: dict[str, list[Part]]
    agents: list[str]
    form: NewProject
    refusal: Refusal | None = None
    removed: str = ""
    kept: str = ""


def projects_page(visit: Visit) -> Answer:
    """Show all projects."""
    return _page(visit, NewProject(), None)


def projects_document(visit: Visit) -> Answer:
    """List all projects with what keeps them from working."""
    return Document(value=project_table(visit.world))


def add_project(visit: Visit) -> Answer:
    """Add a project; what is wrong is said beside the field."""
    try:
        made = added(visit)
    except SpsError as err:
        return _page(visit, visit.body, refusal(err), status=problem.status_of(err))
    return Moved(to=f"/p/{made.name}/board")


def add_project_document(visit: Visit) -> Answer:
    """Add a project and tell what was found."""
    return Document(value=added(visit), status=201)


def added(visit: Visit) -> Initialised:
    """Add the project of a form. Raises what `init_project` does, `Misuse("not-a-repository")`
    for a path that does not begin at the root."""
    wanted: NewProject = visit.body
    options = InitOptions(
        branch=wanted.branch.strip() or None,
        gates_on=wanted.gates,
        sandbox=wanted.sandbox,
        force=wanted.force,
    )
    return init_project(
        visit.world, wanted.name.strip(), repo=_whole(wanted.repo.strip()),
        agent=wanted.agent or None, options=options,
    )  # fmt: skip


def bar(row: ProjectRow) -> list[Part]:
    """Return the pieces of a project's bar, in the order in which cards pass."""
    counts = {
        sort: sum(row.project.counts[state] for state in states) for sort, states in GROUPS.items()
    }
    total = sum(counts.values())
    parts, start = [], 0.0
    for sort, count in counts.items():
        if count:
            width = 100 * count / total
            parts.append(Part(sort, count, round(start, 2), round(width, 2)))
            start += width
    return parts


def refusal(err: SpsError) -> Refusal:
    """Say an error beside its field."""
    return Refusal(FIELDS.get(err.code, ""), err.message, err.hint, err.code)


def _page(visit: Visit, form: NewProject, refused: Refusal | None, status: int = 200) -> Page:
    table = project_table(visit.world)
    removed = getattr(visit.query, "removed", "")
    kept = kept_of(visit.world, removed) if removed else None
    shown = ProjectsView(
        table=table,
        bars={row.project.name: bar(row) for row in table.projects},
        agents=[kind.name for kind in visit.world.registry.kinds()],
        form=form,
        refusal=refused,
        removed=removed if kept else "",
        kept=kept or "",
    )
    return Page(
        template="projects.html", title="Projects", model=shown, view="" if refused else "all",
        cursor=table.cursor, here="projects", status=status,
    )  # fmt: skip


def _whole(path: str) -> str:
    """Return a path from the root on: the daemon's own folder means nothing to who writes it."""
    whole = os.path.expanduser(path) if path.startswith("~") else path
    if not os.path.isabs(whole):
        raise Misuse("not-a-repository", "write the whole path of the repository, from / on")
    return whole


ROUTES = (
    Route(verb="GET", path="/projects", surface=Surface.PAGE, role=Role.VIEWER,
          handler=projects_page, query=Listing, says="All projects."),
    Route(verb="POST", path="/projects", surface=Surface.PAGE, role=Role.ADMIN,
          handler=add_project, body=NewProject, says="Add a project."),
    Route(verb="GET", path="/api/v1/projects", surface=Surface.API, role=Role.VIEWER,
          handler=projects_document, answers=ProjectTable, says="All projects."),
    Route(verb="POST", path="/api/v1/projects", surface=Surface.API, role=Role.ADMIN,
          handler=add_project_document, body=NewProject, answers=Initialised, status=201,
          says="Add a project."),
)  # fmt: skip
