"""Registering a repository: everything is there afterwards, or nothing."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sps.lib.killpoint import reach
from sps.model.errors import Held, Misuse
from sps.model.pipeline import SandboxMode
from sps.model.project import Project
from sps.ports.files import Installs, OldSettings
from sps.ports.vault import PLACE
from sps.services import lookup
from sps.services.agents import obstacle
from sps.services.environment_health import environment_health, programs_of
from sps.services.pipeline_notes import missed_wishes, note_lines
from sps.services.setup.record import load

if TYPE_CHECKING:
    from sps.model.pipeline import Pipeline
    from sps.ports.vault import RepositoryFacts
    from sps.ports.world import World

PREFERRED_AGENTS = ("claude", "codex", "gemini", "opencode")  #: asked first, in this order
FALLBACK_AGENT = "scripted"
NO_GATE = "no gate: nothing was tested"


class InitOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What may be said beside repository, agent and pipeline."""

    branch: str | None = None
    conf: Path | None = None  #: settings of an sps-cli project, for what is not said otherwise
    gates_on: bool = False  #: put the gates that were found in force
    sandbox: SandboxMode = SandboxMode.AUTO
    force: bool = False  #: take a repository that another project has registered


class ProposedGate(msgspec.Struct, frozen=True, kw_only=True):
    """A command that the repository itself suggests."""

    name: str
    run: str
    found: str


class _Drafted(msgspec.Struct, frozen=True, kw_only=True):
    """The text of a pipeline, and what the repository suggested for it."""

    text: str
    fresh: bool = False  #: gates were looked for, to be put in force
    gates: list[ProposedGate] = []
    setups: list[str] = []
    tools: dict[str, str] = {}  #: folder outside the system -> a program that lies there


class Initialised(msgspec.Struct, frozen=True, kw_only=True):
    """What was registered. `gates` are in force, `commands` what they run; `proposed` stand in the
    file as comments. `shown` are the folders outside the system that gates and agents see,
    read-only."""

    name: str
    repo: str
    branch: str
    agent: str
    agent_why: str
    sandbox: str
    pipeline: str
    gates: list[str]
    commands: dict[str, str]
    proposed: list[ProposedGate]
    setups: list[str]  #: commands that install dependencies; they stand in the file as comments
    shown: list[str]
    no_gate: bool
    warnings: list[str]


def init_project(
    world: World,
    name: str,
    *,
    repo: str | None,
    agent: str | None = None,
    pipeline: Path | None = None,
    options: InitOptions | None = None,
) -> Initialised:
    """Register a repository as a project, with its pipeline and its vault.

    Raises `Misuse` (bad-name, project-exists, unknown-agent, what is wrong with the repository),
    `PipelineBroken`, `Held("repository-claimed")`, `Absent("git-missing")`; nothing is left then.
    """
    wanted = options or InitOptions()
    lookup.project_name(name)
    if world.store.read(lambda tx: tx.project(name)) is not None:
        raise Misuse(
            "project-exists", f'there is a project "{name}" already',
            hint=f"sps project show {name}",
        )  # fmt: skip
    old = world.pipeline_files.old_settings(wanted.conf) if wanted.conf else OldSettings()
    facts = world.repositories.inspect(_repo(repo or old.repo), wanted.branch or old.branch)
    _refuse_claimed(world, name, facts, force=wanted.force)
    chosen, why = _agent(world, agent)
    drafted = _pipeline(world, facts, pipeline, active=wanted.gates_on)
    parsed = world.pipeline_files.parse(drafted.text, str(pipeline or "pipeline.yaml"))
    project = Project(
        name=name,
        id=world.ids.new(),
        repo=facts.path,
        branch=facts.branch,
        agent=chosen,
        sandbox=wanted.sandbox,
        identity=facts.identity,
        created_at=world.clock.now(),
    )
    _make(world, project, drafted.text, facts.claimed_by)
    told = _told(world, project, parsed, facts, drafted, why)
    conf = [f"{wanted.conf}: {note}" for note in old.notes]
    return msgspec.structs.replace(told, warnings=[*conf, *told.warnings])


def _repo(path: str | None) -> str:
    if path is None:
        raise Misuse(
            "no-repository", "which repository? Neither --repo nor a --conf with PROJECT_DIR says",
            hint="sps project init NAME --repo PATH",
        )  # fmt: skip
    return path


def _make(world: World, project: Project, text: str, claimed_by: str | None) -> None:
    """Make everything that a project consists of; its row comes last and makes it one."""
    owner = owner_of(world, project.name)
    folder = world.home.project(project.name)
    with contextlib.ExitStack() as undo:
        if claimed_by is not None and claimed_by != owner:
            world.repositories.unclaim(project.repo, claimed_by)
            undo.callback(world.repositories.claim, project.repo, claimed_by)
        world.repositories.claim(project.repo, owner)
        undo.callback(world.repositories.unclaim, project.repo, owner)
        if not folder.exists():
            undo.callback(shutil.rmtree, folder, ignore_errors=True)
        world.pipeline_files.install(project.name, text)
        reach("init-after-pipeline")
        world.vault.create(project)
        reach("init-after-vault")
        world.store.write(lambda tx: tx.add_project(project))
        undo.pop_all()
    world.wake.ring()


def owner_of(world: World, name: str) -> str:
    """Return how a repository names the project that works on it, and where its home is."""
    root = str(world.home.root).replace("\n", " ")
    return f"{world.home_id}/{name}{PLACE}{root}"


def _refuse_claimed(world: World, name: str, facts: RepositoryFacts, *, force: bool) -> None:
    if facts.claimed_by is None or force:
        return
    other, _, place = facts.claimed_by.partition(PLACE)
    home, _, project = other.partition("/")
    if (home, project) == (world.home_id, name):
        return
    mine = home == world.home_id
    owner = "this home" if mine else f"another home of SPS{place and f' ({place})'}"
    where = f'project "{project}" of {owner}'
    known = world.store.read(lambda tx: tx.project(project)) if home == world.home_id else None
    if known is not None and known.repo != facts.path:
        raise Held(
            "repository-claimed",
            f"{facts.path} looks like a copy of {known.repo}, on which {where} works: it carries "
            "the note of that project. With --force the copy gets a project of its own",
            hint=f"sps project init {name} --repo {facts.path} --force",
            where=facts.path,
        )
    again = f"sps project init {name} --repo {facts.path} --force"
    raise Held(
        "repository-claimed",
        f"{facts.path} is registered already, by {where}. Two of them would get in each other's"
        " way",
        hint=f"sps project show {project}" if known else again,
        where=facts.path,
    )


def _agent(world: World, wanted: str | None) -> tuple[str, str]:
    """Return the agent to work with, and why that one."""
    if wanted is not None:
        return world.registry.kind(wanted).name, "as you said"
    known = {kind.name: kind for kind in world.registry.kinds()}
    chosen = load(world.home).agent
    if chosen in known:
        return chosen, "as you said at setup"
    order = [known[name] for name in PREFERRED_AGENTS if name in known]
    order += [one for one in known.values() if one not in order and one.name != FALLBACK_AGENT]
    here = [one for one in order if world.registry.doctor(one).ok]
    for one in here:
        if world.logins.state(one).ready:
            return one.name, "the first one found on this machine that is logged in"
    for one in here:
        if one.name in PREFERRED_AGENTS:
            return one.name, "the first one found on this machine"
    found = "; ".join(f"{one.name} is here, not logged in: --agent {one.name}" for one in here)
    return FALLBACK_AGENT, (
        f"it carries out steps written in a card; "
        f"{found or 'no other agent was found on this machine'}"
    )


def _pipeline(
    world: World, facts: RepositoryFacts, given: Path | None, *, active: bool
) -> _Drafted:
    """Return the text of the pipeline, and what was found for a fresh one."""
    if given is not None:
        return _Drafted(text=world.pipeline_files.read(given))
    found = world.repositories.proposals(facts.path, facts.commit)
    setups = world.repositories.setups(facts.path, facts.commit)
    programs = [program for one in setups for program in one.programs]
    programs += [program for _, run, _ in found for program in programs_of(run)]
    tools = _tools(world, programs)
    gates = [ProposedGate(name=name, run=run, found=where) for name, run, where in found]
    text = world.pipeline_files.draft(
        found, active=active, installs=Installs(setups=tuple(setups), tools=tools)
    )
    return _Drafted(
        text=text, fresh=active, gates=gates, setups=[one.run for one in setups], tools=tools
    )


def _tools(world: World, programs: list[str]) -> dict[str, str]:
    """Return the folders outside the system in which these programs lie, and which lies there."""
    found: dict[str, str] = {}
    for program in dict.fromkeys(programs):
        for folder in world.environments.outside(program):
            found.setdefault(folder, program)
    return found


def _told(
    world: World,
    project: Project,
    pipeline: Pipeline,
    facts: RepositoryFacts,
    drafted: _Drafted,
    why: str,
) -> Initialised:
    gates = [gate.name for gate in pipeline.gates]
    return Initialised(
        name=project.name,
        repo=project.repo,
        branch=project.branch,
        agent=project.agent,
        agent_why=why,
        sandbox=project.sandbox.value,
        pipeline=str(world.home.pipeline(project.name)),
        gates=gates,
        commands={gate.name: gate.run for gate in pipeline.gates if gate.run},
        proposed=[gate for gate in drafted.gates if gate.name not in gates],
        setups=drafted.setups,
        shown=list(pipeline.environment.tools),
        no_gate=not gates,
        warnings=[
            *_unseen(drafted, pipeline, str(world.home.pipeline(project.name))),
            *facts.warnings,
            *note_lines(pipeline),
            *missed_wishes(world, pipeline),
            *_lacking(world, project, pipeline, drafted),
            *_warnings(world, project),
        ],
    )


def _lacking(
    world: World, project: Project, pipeline: Pipeline, drafted: _Drafted
) -> Iterator[str]:
    """Say what the gates in force run and will not find, beyond what `_unseen` has said."""
    said = set(drafted.tools.values()) if not pipeline.environment.tools else set[str]()
    for line in environment_health(world, project, pipeline):
        if not line.ok and line.program not in said:
            yield f"{line.cause}; {line.command}"


def _unseen(drafted: _Drafted, pipeline: Pipeline, path: str) -> list[str]:
    """Say what a fresh pipeline leaves to its owner: folders to show, and a gate where none was
    found."""
    says = []
    if drafted.fresh and not drafted.gates:
        says.append(
            "found no test, lint or build command: changes land untested; add `gates:` to " + path
        )
    if drafted.tools and not pipeline.environment.tools:
        programs, folders = dict.fromkeys(drafted.tools.values()), ", ".join(drafted.tools)
        says.append(
            f"{', '.join(programs)} lies outside /usr, where gates and agents do not see it; for "
            f"gates that need it uncomment `environment:` and `tools: [{folders}]` in {path}"
        )
    return says


def _warnings(world: World, project: Project) -> list[str]:
    """Return what will be in the way of the first card."""
    found: list[str] = []
    if trouble := obstacle(world, project.agent, project.name):
        found.append(trouble)
    if project.sandbox is SandboxMode.NONE:
        found.append("Agents and gates run without a sandbox: they can do whatever you can.")
    return found
