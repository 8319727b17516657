"""One project: its facts, its settings, taking it with you, taking it out."""

from __future__ import annotations

import msgspec

from sps.console import problem
from sps.console.answers import Answer, Document, Moved, Page, Raw
from sps.console.checkup import KEPT_S, Found, checkup
from sps.console.pages.door import inside
from sps.console.pages.projects import Part, Refusal, bar, refusal
from sps.console.registry import Route, Surface
from sps.console.visit import Visit
from sps.model.access import Role
from sps.model.errors import Misuse, SpsError
from sps.model.pipeline import SandboxMode
from sps.services.advice import project_advice
from sps.services.change_project import ProjectChanges, Removed, remove_project, set_project
from sps.services.doctor import Check
from sps.services.edit_pipeline import Checked
from sps.services.export_project import archive
from sps.services.lookup import project as known
from sps.services.project_table import ProjectRow, project_row
from sps.services.project_view import ProjectView
from sps.services.tune_pipeline import set_workers


class CheckNow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing: everything that could be wrong is looked at."""


class Changed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """New settings; empty ones stay as they are."""

    branch: str = ""
    agent: str = ""
    sandbox: SandboxMode | None = None


class Turn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Pausing, or resuming. `back`: the page to go to afterwards."""

    back: str = ""


class Slots(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many agents of a project may work at a time."""

    workers: int
    back: str = ""


class Removal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A removal. `name` repeats the project's name, so that nobody removes the wrong one."""

    name: str = ""


class ProjectPage(msgspec.Struct, frozen=True, kw_only=True):
    """A project's page. `why` and `cure` are about what halts it; `checks` is what was found when
    somebody looked lately."""

    row: ProjectRow
    bar: list[Part]
    agents: list[str]
    pipeline: str
    vault: str
    trash: str
    why: str = ""
    cure: str = ""
    form: Changed = Changed()
    refusal: Refusal | None = None
    checks: Found | None = None


def project_page(visit: Visit) -> Answer:
    """Show a project."""
    return _page(visit, Changed(), None)


def project_document(visit: Visit) -> Answer:
    """Give a project with its state."""
    return Document(value=project_row(visit.world, visit.path["project"]))


def change_project(visit: Visit) -> Answer:
    """Change settings; what is wrong is said beside the field."""
    name = visit.path["project"]
    try:
        changed(visit)
    except SpsError as err:
        if err.code.startswith("unknown-project"):
            raise
        return _page(visit, visit.body, refusal(err), status=problem.status_of(err))
    return Moved(to=f"/p/{name}")


def change_project_document(visit: Visit) -> Answer:
    """Change settings and give the project back."""
    return Document(value=changed(visit))


def changed(visit: Visit) -> ProjectView:
    """Change what differs from what is set. Raises what `set_project` does."""
    name, wanted = visit.path["project"], visit.body
    now = visit.world.store.read(lambda tx: known(tx, name))
    branch, agent, sandbox = wanted.branch.strip(), wanted.agent, wanted.sandbox
    changes = ProjectChanges(
        branch=branch if branch and branch != now.branch else None,
        agent=agent if agent and agent != now.agent else None,
        sandbox=sandbox if sandbox is not None and sandbox is not now.sandbox else None,
    )
    return set_project(visit.world, name, changes)


def resume_project(visit: Visit) -> Answer:
    """Let a halted or paused project work again."""
    set_project(visit.world, visit.path["project"], ProjectChanges(resume=True))
    return _there(visit)


def resume_project_document(visit: Visit) -> Answer:
    """Let a halted or paused project work again and give it back."""
    changes = ProjectChanges(resume=True)
    return Document(value=set_project(visit.world, visit.path["project"], changes))


def pause_project(visit: Visit) -> Answer:
    """Let a project start nothing new."""
    set_project(visit.world, visit.path["project"], ProjectChanges(pause=True))
    return _there(visit)


def pause_project_document(visit: Visit) -> Answer:
    """Let a project start nothing new and give it back."""
    changes = ProjectChanges(pause=True)
    return Document(value=set_project(visit.world, visit.path["project"], changes))


def workers_of_project(visit: Visit) -> Answer:
    """Change how many agents of a project may work at a time."""
    set_workers(visit.world, visit.path["project"], visit.body.workers)
    return _there(visit)


def workers_of_project_document(visit: Visit) -> Answer:
    """Change how many agents of a project may work at a time."""
    return Document(value=set_workers(visit.world, visit.path["project"], visit.body.workers))


def _there(visit: Visit) -> Moved:
    return Moved(to=inside(visit.body.back) if visit.body.back else f"/p/{visit.path['project']}")


async def check(visit: Visit) -> Answer:
    """Look at everything that could be wrong with a project."""
    name = visit.path["project"]
    await checkup(visit.world).look(name)
    return Moved(to=f"/p/{name}#checks")


async def check_document(visit: Visit) -> Answer:
    """Look at everything that could be wrong with a project and say what was found."""
    return Document(value=(await checkup(visit.world).look(visit.path["project"])).checks)


def export(visit: Visit) -> Answer:
    """Give a project as one file, as `sps project export` writes it."""
    name = visit.path["project"]
    content = archive(visit.world, name)  # the name holds letters, digits and hyphens only
    named = f'attachment; filename="{name}.sps.tar.gz"'
    return Raw(content=content, kind="application/gzip", headers={"content-disposition": named})


def remove(visit: Visit) -> Answer:
    """Take a project out of the home."""
    try:
        gone = removed(visit)
    except SpsError as err:
        if err.code.startswith("unknown-project"):
            raise
        said = Refusal("removal", err.message, err.hint, err.code)
        return _page(visit, Changed(), said, status=problem.status_of(err))
    return Moved(to=f"/projects?removed={gone.name}")


def remove_document(visit: Visit) -> Answer:
    """Take a project out of the home and tell where it is kept."""
    return Document(value=removed(visit))


def removed(visit: Visit) -> Removed:
    """Remove the project whose name was repeated. Raises `Misuse("name-differs")`."""
    name = visit.path["project"]
    visit.world.store.read(lambda tx: known(tx, name))
    if visit.body.name.strip() != name:
        raise Misuse("name-differs", f"to remove the project, write its name: {name}")
    return remove_project(visit.world, name)


def _page(visit: Visit, form: Changed, refused: Refusal | None, status: int = 200) -> Page:
    world, name = visit.world, visit.path["project"]
    cursor = world.store.read(lambda tx: tx.last_event())
    row = project_row(world, name)
    project = world.store.read(lambda tx: known(tx, name))
    advice = project_advice(row.halted, project) if row.halted else None
    shown = ProjectPage(
        row=row,
        bar=bar(row),
        agents=[kind.name for kind in world.registry.kinds()],
        pipeline=str(world.home.pipeline(name)),
        vault=str(world.home.vault(name)),
        trash=str(world.home.root / "trash"),
        why=advice.says if advice else "",
        cure=advice.command if advice else "",
        form=form,
        refusal=refused,
        checks=checkup(world).last(name, within=KEPT_S),
    )
    return Page(
        template="project.html", title="Project", model=shown,
        view="" if refused else f"project:{name}", cursor=cursor,
        here="project", project=name, status=status,
    )  # fmt: skip


_P = "/p/{project}"
_A = "/api/v1/projects/{project}"
ROUTES = (
    Route(verb="GET", path=_P, surface=Surface.PAGE, role=Role.VIEWER, handler=project_page,
          says="A project."),
    Route(verb="POST", path=_P, surface=Surface.PAGE, role=Role.ADMIN, handler=change_project,
          body=Changed, says="Change a project's branch, agent or sandbox."),
    Route(verb="POST", path=_P + "/resume", surface=Surface.PAGE, role=Role.OPERATOR,
          handler=resume_project, body=Turn, says="Let a halted or paused project work again."),
    Route(verb="POST", path=_P + "/pause", surface=Surface.PAGE, role=Role.OPERATOR,
          handler=pause_project, body=Turn, says="Let a project start nothing new."),
    Route(verb="POST", path=_P + "/workers", surface=Surface.PAGE, role=Role.ADMIN,
          handler=workers_of_project, body=Slots, says="How many of its agents may work."),
    Route(verb="POST", path=_P + "/check", surface=Surface.PAGE, role=Role.OPERATOR, handler=check,
          body=CheckNow, says="Look at everything that could be wrong with a project."),
    Route(verb="GET", path=_P + "/export", surface=Surface.PAGE, role=Role.OPERATOR, handler=export,
          says="A project as one file."),
    Route(verb="POST", path=_P + "/remove", surface=Surface.PAGE, role=Role.ADMIN, handler=remove,
          body=Removal, says="Take a project out of the home."),
    Route(verb="GET", path=_A, surface=Surface.API, role=Role.VIEWER, handler=project_document,
          answers=ProjectRow, says="A project."),
    Route(verb="PATCH", path=_A, surface=Surface.API, role=Role.ADMIN,
          handler=change_project_document, body=Changed, answers=ProjectView,
          says="Change a project's branch, agent or sandbox."),
    Route(verb="POST", path=_A + "/resume", surface=Surface.API, role=Role.OPERATOR,
          handler=resume_project_document, body=Turn, answers=ProjectView,
          says="Let a halted or paused project work again."),
    Route(verb="POST", path=_A + "/pause", surface=Surface.API, role=Role.OPERATOR,
          handler=pause_project_document, body=Turn, answers=ProjectView,
          says="Let a project start nothing new."),
    Route(verb="PATCH", path=_A + "/workers", surface=Surface.API, role=Role.ADMIN,
          handler=workers_of_project_document, body=Slots, answers=Checked,
          says="How many of its agents may work at a time."),
    Route(verb="POST", path=_A + "/check", surface=Surface.API, role=Role.OPERATOR,
          handler=check_document, body=CheckNow, answers=list[Check],
          says="Look at everything that could be wrong with a project."),
    Route(verb="DELETE", path=_A, surface=Surface.API, role=Role.ADMIN, handler=remove_document,
          body=Removal, answers=Removed, says="Take a project out of the home."),
)  # fmt: skip
