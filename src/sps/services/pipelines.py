"""Pipeline files: which is in force, putting one in force, and what is wrong with one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sps.model.agent_choice import names
from sps.model.errors import Absent, Misuse
from sps.model.pipeline import Pipeline
from sps.ports.files import Mistake, PipelineBroken, StepsPipeline
from sps.services import lookup
from sps.services.init_project import NO_GATE
from sps.services.pipeline_notes import missed_skills, missed_wishes, note_lines

if TYPE_CHECKING:
    from sps.ports.world import World


class PipelineView(msgspec.Struct, frozen=True, kw_only=True):
    """The pipeline of a project in short. `broken` says why it cannot be read."""

    project: str
    path: str
    stages: list[str]
    gates: list[str]
    workers: int
    land: str
    broken: str | None = None
    warnings: tuple[str, ...] = ()
    name: str | None = None
    description: str | None = None


class PipelineList(msgspec.Struct, frozen=True, kw_only=True):
    """The pipelines of all projects."""

    pipelines: list[PipelineView]


class PipelineText(msgspec.Struct, frozen=True, kw_only=True):
    """A pipeline whole: as it is written, and as it is understood."""

    project: str
    path: str
    text: str
    pipeline: Pipeline
    notes: list[str]


class Lint(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a pipeline file, and what it should know."""

    ok: bool
    file: str
    mistakes: list[Mistake]
    warnings: list[str]


def list_pipelines(world: World) -> PipelineList:
    """List the pipelines in force, one for each project."""
    projects = world.store.read(lambda tx: tx.projects())
    return PipelineList(pipelines=[_view(world, project.name) for project in projects])


def show_pipeline(world: World, project: str) -> PipelineText:
    """Show the pipeline in force. Raises `Misuse`, `PipelineBroken`, `Absent`."""
    world.store.read(lambda tx: lookup.project(tx, project))
    path = world.home.pipeline(project)
    parsed = world.pipeline_files.load(project)
    return PipelineText(
        project=project, path=str(path), text=world.pipeline_files.read(path), pipeline=parsed,
        notes=[*note_lines(parsed), *missed_wishes(world, parsed)],
    )  # fmt: skip


def use_pipeline(world: World, project: str, file: Path) -> PipelineView:
    """Put a file of the owner in force. Raises `PipelineBroken`; nothing has changed then."""
    world.store.read(lambda tx: lookup.project(tx, project))
    text = world.pipeline_files.read(file)
    world.pipeline_files.parse(text, str(file))
    world.pipeline_files.install(project, text)
    world.wake.ring()
    return _view(world, project)


def lint_pipeline(world: World, subject: str) -> Lint:
    """Find every mistake in a file, or in the pipeline of a project; a file of that name
    wins, a folder does not."""
    path = Path(subject)
    if not path.exists() or path.is_dir():
        path = _of_project(world, subject)
    return lint_text(world, world.pipeline_files.read(path), str(path))


def lint_text(world: World, text: str, file: str) -> Lint:
    """Find every mistake in a text that is called `file`."""
    try:
        parsed = world.pipeline_files.parse(text, file)
    except PipelineBroken as err:
        return Lint(ok=False, file=file, mistakes=err.mistakes, warnings=[])
    except StepsPipeline as err:
        return Lint(ok=True, file=file, mistakes=[], warnings=[err.message])
    return Lint(ok=True, file=file, mistakes=[], warnings=_warnings(world, parsed))


def _of_project(world: World, name: str) -> Path:
    if "/" in name or name.endswith((".yaml", ".yml")):
        raise Misuse("unreadable-file", f"there is no file {name}", hint="sps pipeline list")
    world.store.read(lambda tx: lookup.project(tx, name))
    return world.home.pipeline(name)


def _warnings(world: World, pipeline: Pipeline) -> list[str]:
    found = note_lines(pipeline)
    if not pipeline.gates:
        found.append(NO_GATE)
    agents = [pipeline.agent, *(stage.agent for stage in pipeline.stages)]
    for name in dict.fromkeys(name for text in agents if text for name in names(text)):
        try:
            world.registry.kind(name)
        except Misuse as err:
            found.append(err.message)
    try:
        world.environments.toolbox(pipeline.environment.tools)
    except Misuse as err:
        found.append(err.message)
    return [*found, *missed_skills(world, pipeline)]


def _view(world: World, project: str) -> PipelineView:
    path = str(world.home.pipeline(project))
    try:
        parsed = world.pipeline_files.load(project)
    except (Misuse, Absent) as err:
        return PipelineView(
            project=project, path=path, stages=[], gates=[], workers=0, land="", broken=err.message
        )
    return PipelineView(
        project=project,
        path=path,
        stages=[stage.name for stage in parsed.stages],
        gates=[gate.name for gate in parsed.gates],
        workers=parsed.workers,
        land=parsed.land.mode.value,
        warnings=(*note_lines(parsed), *missed_wishes(world, parsed)),
        name=parsed.name,
        description=parsed.description,
    )
