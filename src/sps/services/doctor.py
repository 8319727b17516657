"""Everything that can be wrong on this machine or with a project, each with cause and command."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec

from sps.flow.boxed import effective_sandbox
from sps.flow.trailers import NO_GATE
from sps.lib import by_hand, disk
from sps.lib.lock import holder
from sps.lib.times import rfc3339
from sps.model.agent_choice import names as agent_names
from sps.model.errors import Absent, Misuse, SpsError, WorkFailed
from sps.model.pipeline import LandTarget, Pipeline, SandboxMode
from sps.model.project import Project
from sps.ports.agent import AgentKind
from sps.ports.home import Home
from sps.ports.world import World
from sps.services import ssh_agent
from sps.services.agent_login import login_words
from sps.services.agents import cure_of
from sps.services.environment_health import environment_health
from sps.services.list_cards import list_cards
from sps.services.remote import SOON_MS, TLS_COMMAND, checked, prepared

_UNUSED = " (no project here uses it)"
_ABSENT = Absent.exit_code
_GET_GIT = "install git 2.38 or newer"
_OLDEST_GIT = (2, 38)
_NETWORK = frozenset(
    ("9p", "afs", "ceph", "cifs", "fuse.sshfs", "glusterfs", "nfs", "nfs4", "smb3", "virtiofs")
)


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at. `cause` says what is known, `command` what to run next,
    `exit_code` what it means for a script when it is bad: 1, 3 missing outside, 5 newer data."""

    name: str
    ok: bool
    cause: str = ""
    command: str = ""
    exit_code: int = WorkFailed.exit_code


def doctor(
    world: World, project: str | None, *, fix: bool = False, gates: bool = False
) -> list[Check]:
    """Look at the home, the tools, and one project or all of them.

    `fix` makes the home private and removes a socket that nobody listens on; nothing else is ever
    changed. `gates` runs each gate once on the target, in the sandbox. Raises
    `Misuse("unknown-project")`.
    """
    if fix:
        _fix(world.home)
    found = [*_home(world.home), _file_system(world.home), _disk(world.home), _daemon(world.home)]
    found += [_git(world), *_database(world), *_other_machines(world)]
    projects = _projects(world, project)
    pipelines = {one.name: _pipeline(world, one) for one in projects}
    found += _ssh_agent(world, pipelines)
    found += _sandboxes(world, projects, pipelines)
    found += _agents(world, projects, pipelines)
    for one in projects:
        found += _project(world, one, pipelines[one.name])
        found += _tried(world, one, pipelines[one.name]) if gates else ()
    found += _skills(world, projects)
    return found


def _skills(world: World, projects: list[Project]) -> Iterator[Check]:
    """Look at the store of skills, and at the repositories that have a lock."""
    if not world.home.skill_store.is_dir():
        return
    from sps.services.skills.health import repository_health, store_health
    from sps.services.skills.repository import Repository
    from sps.services.skills.scope import Scope

    scopes = [
        Scope(
            world=world, repository=Repository(Path(one.repo), dry=True), user=Path.home(),
            environment=os.environ,
        )
        for one in projects
    ]  # fmt: skip
    home = Scope(
        world=world, repository=Repository(world.home.root, dry=True), user=Path.home(),
        environment=os.environ,
    )  # fmt: skip
    for line in store_health(home):
        yield Check(name=line.name, ok=line.ok, cause=line.cause, command=line.command)
    for project, scope in zip(projects, scopes, strict=True):
        for line in repository_health(scope) if scope.repository.lock_path.is_file() else ():
            command = f"cd {project.repo} && {line.command}" if line.command else ""
            name = f"{project.name}: {line.name}"
            yield Check(name=name, ok=line.ok, cause=line.cause, command=command)


def _other_machines(world: World) -> Iterator[Check]:
    """Look at what was given for access from other machines, if anything was."""
    name = "access from other machines"
    try:
        kept = world.remote.kept()
        if not kept.password and not kept.certificate:
            return
        checked(world, kept.names[0] if kept.names else "other addresses")
        ends = prepared(world).expires_at or ""
    except SpsError as err:
        yield Check(name=name, ok=False, cause=err.message, command=err.hint)
        return
    soon = ends < rfc3339(world.clock.now() + SOON_MS)
    cause = f"password set; the certificate {'ends soon, ' if soon else 'holds until '}{ends}"
    yield Check(name=name, ok=not soon, cause=cause, command=TLS_COMMAND if soon else "")


def _fix(home: Home) -> None:
    with contextlib.suppress(OSError):
        if home.root.stat().st_uid == os.geteuid():
            home.root.chmod(0o700)
    if holder(home.lock) is None:
        for left in (home.socket, home.info):
            with contextlib.suppress(OSError):
                left.unlink()


def _home(home: Home) -> Iterator[Check]:
    try:
        facts = home.root.stat()
    except OSError as err:
        yield Check(
            name="home", ok=False, cause=f"{home.root}: {err.strerror}", command="sps setup"
        )
        return
    if facts.st_uid != os.geteuid():
        cause = f"{home.root} belongs to another user (uid {facts.st_uid})"
        yield Check(name="home", ok=False, cause=cause, command="SPS_HOME=~/.sps sps setup")
    elif stat.S_IMODE(facts.st_mode) & 0o077:
        cause = f"{home.root} can be read by others (mode {stat.S_IMODE(facts.st_mode):04o})"
        yield Check(name="home", ok=False, cause=cause, command="sps doctor --fix")
    elif not os.access(home.root, os.W_OK):
        cause = f"{home.root} cannot be written to"
        yield Check(name="home", ok=False, cause=cause, command=f"chmod u+rwx {home.root}")
    else:
        yield Check(name="home", ok=True, cause=str(home.root))


def _file_system(home: Home) -> Check:
    kind = disk.kind_of(home.root)
    if kind in _NETWORK:
        cause = f"{home.root} is on a network file system ({kind}), where locks are not reliable"
        return Check(
            name="file system", ok=False, cause=cause, command="SPS_HOME=/some/local/disk sps setup"
        )
    return Check(name="file system", ok=True, cause=kind)


def _disk(home: Home) -> Check:
    try:
        usage = shutil.disk_usage(home.root)
    except OSError as err:
        return Check(name="disk", ok=False, cause=f"{home.root}: {err.strerror}")
    free = f"{usage.free / 1024**3:.1f} GiB free"
    if disk.low(home.root):
        cause = f"{free} of {usage.total / 1024**3:.1f} GiB is too little to work with"
        return Check(name="disk", ok=False, cause=cause, command=f"du -sh {home.root}/projects/*")
    return Check(name="disk", ok=True, cause=free)


def _daemon(home: Home) -> Check:
    note = holder(home.lock)
    if note is not None:
        return Check(name="daemon", ok=True, cause=f"at work: {note}")
    if home.socket.exists():
        cause = "no daemon runs, but its socket was left behind"
        return Check(name="daemon", ok=False, cause=cause, command="sps doctor --fix")
    return Check(name="daemon", ok=True, cause="not running; start it with: sps up --detach")


def _ssh_agent(world: World, pipelines: dict[str, Pipeline | SpsError]) -> Iterator[Check]:
    found = ssh_agent.unseen(world, os.environ, pipelines.values())
    if found is not None:
        yield Check(name="ssh agent", ok=False, cause=found.cause, command=found.command)


def _git(world: World) -> Check:
    try:
        version = world.repositories.git_version()
    except SpsError as err:
        return _no_git(err.message)
    found = re.match(r"(\d+)\.(\d+)", version)
    if found is None or (int(found[1]), int(found[2])) < _OLDEST_GIT:
        return _no_git(f"git {version} is too old: trial merges need 2.38")
    return Check(name="git", ok=True, cause=version)


def _no_git(cause: str) -> Check:
    return Check(name="git", ok=False, cause=cause, command=_GET_GIT, exit_code=_ABSENT)


def _database(world: World) -> Iterator[Check]:
    try:
        faults = world.store.check()
    except SpsError as err:
        code = err.exit_code
        yield Check(name="database", ok=False, cause=err.message, command=err.hint, exit_code=code)
        return
    own = world.database == str(world.home.database)
    keep = f"cp -a {world.database} {world.database}.kept" if own else "pg_dump -n sps > sps.sql"
    for fault in faults:
        yield Check(name="database", ok=False, cause=fault, command=keep)
    if not faults:
        yield Check(name="database", ok=True, cause=world.database)


def _projects(world: World, name: str | None) -> list[Project]:
    try:
        projects = world.store.read(lambda tx: tx.projects())
    except SpsError:
        return []  # said by the check of the database
    if name is None:
        return projects
    mine = [project for project in projects if project.name == name]
    if not mine:
        raise Misuse("unknown-project", f'there is no project "{name}"', hint="sps project list")
    return mine


def _pipeline(world: World, project: Project) -> Pipeline | SpsError:
    try:
        return world.pipeline_files.load(project.name)
    except SpsError as err:
        return err


def _sandboxes(
    world: World, projects: list[Project], pipelines: dict[str, Pipeline | SpsError]
) -> Iterator[Check]:
    """Really try the sandbox; without it only projects that renounced it can work."""
    probe = world.sandbox(SandboxMode.AUTO).probe()
    open_ = [project.name for project in projects if _unboxed(project, pipelines[project.name])]
    needless = bool(projects) and len(open_) == len(projects)
    cause = (probe.cause or "works") + ("" if probe.ok or not needless else _UNUSED)
    works, command = probe.ok or needless, probe.command
    yield Check(name="sandbox", ok=works, cause=cause, command=command, exit_code=_ABSENT)
    for name in open_:
        cause = "runs agents and gates without a sandbox, as its owner said"
        yield Check(name=f"{name}: sandbox", ok=True, cause=cause)


def _unboxed(project: Project, pipeline: Pipeline | SpsError) -> bool:
    if isinstance(pipeline, SpsError):
        return project.sandbox is SandboxMode.NONE
    return effective_sandbox(project, pipeline) is SandboxMode.NONE


def _agents(
    world: World, projects: list[Project], pipelines: dict[str, Pipeline | SpsError]
) -> Iterator[Check]:
    """Look at each agent kind that a project names; without projects at those that are here."""
    users: dict[str, str] = {}  # agent -> a project that names it
    for project in projects:
        pipeline = pipelines[project.name]
        stages = () if isinstance(pipeline, SpsError) else pipeline.stages
        default = None if isinstance(pipeline, SpsError) else pipeline.agent
        named = {stage.agent or default or project.agent for stage in stages} or {project.agent}
        users |= {name: project.name for text in named for name in agent_names(text)}
    if not projects:
        yield from _agents_here(world)
    for name in sorted(users):
        try:
            kind = world.registry.kind(name)
        except SpsError as err:
            yield Check(name=f"agent {name}", ok=False, cause=err.message, command=err.hint)
            continue
        found = world.registry.doctor(kind)
        unbounded = "" if kind.reports_usage else "; reports no usage: only time bounds its cost"
        said = (found.cause or found.version or "found") + unbounded
        title, cure = f"agent {name}", cure_of(found, users[name])
        yield Check(name=title, ok=found.ok, cause=said, command=cure, exit_code=_ABSENT)
        if found.ok:
            yield _login(world, kind)


def _agents_here(world: World) -> Iterator[Check]:
    """Look at the agents that work on this machine. As long as no project wants one, a login that
    is not there is no fault."""
    for kind in world.registry.kinds():
        found = world.registry.doctor(kind)
        if not found.ok:
            continue
        yield Check(name=f"agent {kind.name}", ok=True, cause=found.cause or found.version)
        login = _login(world, kind)
        cause = f"{login.cause}{'' if login.ok else f'; log it in: {login.command}'}"
        yield msgspec.structs.replace(login, ok=True, cause=cause)


def _login(world: World, kind: AgentKind) -> Check:
    state = world.logins.state(kind)
    command = "" if state.ready else f"sps agent login {kind.name}"
    name = f"agent {kind.name}: login"
    return Check(name=name, ok=state.ready, cause=login_words(state), command=command)


def _project(world: World, project: Project, pipeline: Pipeline | SpsError) -> Iterator[Check]:
    yield from _repository(world, project, pipeline)
    yield from _remote(world, project, pipeline)
    yield from _rules(world, project, pipeline)
    yield from _files(world, project)
    if project.halted:
        cause = f"halted: {project.halted}. {project.halt_detail}"
        command = f"sps why {project.name}"
        yield Check(name=f"{project.name}: work", ok=False, cause=cause, command=command)


def _repository(world: World, project: Project, pipeline: Pipeline | SpsError) -> Iterator[Check]:
    name = f"{project.name}: repository"
    branch = project.branch
    if isinstance(pipeline, Pipeline):
        branch = pipeline.land.branch or branch
    try:
        world.repositories.inspect(project.repo, branch)
        changed = world.repositories.changes(project.repo, branch)
    except SpsError as err:
        yield _unusable(project, err)
        return
    if changed:
        cause = (
            f"{branch} is checked out with changes that are not committed: {', '.join(changed[:5])}"
            "; landings wait while there are any, in whichever files"
        )
        yield Check(
            name=f"{project.name}: target",
            ok=False,
            cause=cause,
            command=f"git -C {project.repo} status",
        )
    yield Check(name=name, ok=True, cause=f"{project.repo} ({branch})")


def _remote(world: World, project: Project, pipeline: Pipeline | SpsError) -> Iterator[Check]:
    """Knock at a landing target that is not on this machine, as a landing would."""
    if not isinstance(pipeline, Pipeline) or pipeline.land.to is not LandTarget.ORIGIN:
        return
    name = f"{project.name}: origin"
    try:
        world.vault.knock(project, pipeline.land)
    except SpsError as err:
        yield Check(name=name, ok=False, cause=err.message, command=err.hint)
        return
    yield Check(name=name, ok=True, cause="answers, and knows you")


def _unusable(project: Project, err: SpsError) -> Check:
    """Say what to do about a repository that was one when it was registered."""
    name = f"{project.name}: repository"
    if err.code != "not-a-repository":
        return Check(name=name, ok=False, cause=err.message, command=err.hint)
    cause = f"{err.message}. If it was moved, put it or a link back in its place"
    return Check(name=name, ok=False, cause=cause, command=f"ln -s /where/it/is {project.repo}")


def _rules(world: World, project: Project, pipeline: Pipeline | SpsError) -> Iterator[Check]:
    name = f"{project.name}: pipeline"
    lint = f"sps pipeline lint {project.name}"
    if isinstance(pipeline, SpsError):
        yield Check(name=name, ok=False, cause=pipeline.message, command=pipeline.hint or lint)
        return
    if not any(gate.run for gate in pipeline.gates):
        cause = f"{NO_GATE}; add `gates:` to the pipeline"
        yield Check(name=f"{project.name}: gates", ok=True, cause=cause, command=lint)
    yield Check(name=name, ok=True, cause=", ".join(stage.name for stage in pipeline.stages))
    for one in environment_health(world, project, pipeline):
        named = f"{project.name}: {one.name}"
        yield Check(name=named, ok=one.ok, cause=one.cause, command=one.command)


def _tried(world: World, project: Project, pipeline: Pipeline | SpsError) -> Iterator[Check]:
    from sps.services.try_gates import try_gates

    for one in () if isinstance(pipeline, SpsError) else try_gates(world, project, pipeline):
        named = f"{project.name}: {one.name}"
        yield Check(name=named, ok=one.ok, cause=one.cause, command=one.command)


def _files(world: World, project: Project) -> Iterator[Check]:
    for error in list_cards(world, project.name).errors:
        yield Check(
            name=f"{project.name}: card files",
            ok=False,
            cause=f"{error.file}:{error.line}:{error.column}: {error.message}",
            command=by_hand.edit(world.home.cards(project.name) / error.file),
        )
