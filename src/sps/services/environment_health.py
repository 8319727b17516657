"""Whether a project's environment fits this machine: toolchains, programs of gates, key files."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator

import msgspec

from sps.flow.boxed import effective_sandbox
from sps.flow.outfit import Outfit, outfit
from sps.lib.byte_size import show
from sps.lib.runtime import SYSTEM_PATH
from sps.model.errors import Misuse, SpsError
from sps.model.pipeline import Pipeline, SandboxMode
from sps.model.project import Project
from sps.ports.world import World
from sps.services.environments import room
from sps.services.gate_modules import missing_modules

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_SHELL = frozenset(
    (".", ":", "[", "[[", "case", "cd", "command", "do", "done", "echo", "elif", "else", "esac",
     "eval", "exec", "exit", "export", "false", "fi", "for", "function", "if", "in", "printf",
     "pwd", "read", "return", "set", "shift", "source", "test", "then", "time", "trap", "true",
     "type", "ulimit", "umask", "unset", "until", "wait", "while")
)  # fmt: skip


class EnvironmentLine(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at: what is known, and what to run or to write."""

    name: str
    ok: bool
    cause: str
    command: str = ""
    program: str = ""  #: which program of a gate or setup it is about


def environment_health(
    world: World, project: Project, pipeline: Pipeline
) -> Iterator[EnvironmentLine]:
    """Look at what the pipeline's environment needs."""
    try:
        worn = outfit(world, pipeline)
    except Misuse as err:
        yield EnvironmentLine(name="tools", ok=False, cause=err.message, command=err.hint)
        return
    yield from _programs(world, project, pipeline, worn)
    yield from _modules(world, project, pipeline, worn)
    yield from _keys(world, project, pipeline)
    taken = room(world, project.name)
    if taken.count:
        says = f"{taken.count} kept, {show(taken.bytes)} of {show(taken.limit)} for the home"
        yield EnvironmentLine(name="environments", ok=True, cause=says)


def programs_of(command: str) -> list[str]:
    """Return the programs a shell command starts, as far as plain words tell; none of those that
    a shell has itself."""
    found = []
    for part in re.split(r"[;&|()\n]+", command):
        words = [word for word in part.split() if not re.match(r"[A-Za-z_]\w*=", word)]
        while words and words[0] in {"!", "time", "then", "do", "else", "exec", "command"}:
            words = words[1:]
        if words and _PLAIN.fullmatch(words[0]) and words[0] not in _SHELL:
            found.append(words[0])
    return list(dict.fromkeys(found))


def _programs(
    world: World, project: Project, pipeline: Pipeline, worn: Outfit
) -> Iterator[EnvironmentLine]:
    """Say which programs of gates and setup are not found where these run, and what to write."""
    boxed = effective_sandbox(project, pipeline) is SandboxMode.AUTO
    made = next(iter(world.environments.all(project.name)), None)
    inside = worn.path_in(made.content) if made is not None else worn.tools
    tops = ("/usr", "/nix/store", *worn.readonly, *((made.content,) if made is not None else ()))
    commands = [(f'gate "{gate.name}"', gate.run) for gate in pipeline.gates if gate.run]
    # Until a setup has run nobody can say what it will bring.
    unknown = made is None and bool(pipeline.environment.setup)
    commands += [("setup", step.run) for step in pipeline.environment.setup]
    for who, run in commands:
        for program in programs_of(run):
            found = shutil.which(program, path=":".join((*inside, SYSTEM_PATH)))
            seen = found is not None and (not boxed or _below(os.path.realpath(found), tops))
            if seen and (os.path.dirname(found or "") in inside or pipeline.environment.setup):
                continue
            folders = world.environments.outside(program)
            if seen and folders:
                yield _another(who, program, found or "", folders)
            elif not seen and (folders or not (unknown and who != "setup")):
                yield _missing(who, program, folders)


def _modules(
    world: World, project: Project, pipeline: Pipeline, worn: Outfit
) -> Iterator[EnvironmentLine]:
    for gate, python, module in missing_modules(world, project, pipeline, worn):
        yield EnvironmentLine(
            name="modules",
            ok=False,
            cause=f'gate "{gate}" runs {python} -m {module}, and {python} has no module {module} '
            "there: every card would find the gate red",
            command=f"let `environment.setup` install {module} and `keep` hold it "
            "(sps help environments), or change the command of the gate in the pipeline",
        )


def _another(who: str, program: str, found: str, folders: tuple[str, ...]) -> EnvironmentLine:
    return EnvironmentLine(
        name="programs",
        ok=False,
        cause=f"{who} runs {found} there, not the {program} of your PATH, and has none of what you "
        f"installed for it; if that is meant, write {found} in the command",
        command=f"add to `environment:` of the pipeline: tools: [{', '.join(folders)}]",
        program=program,
    )


def _missing(who: str, program: str, folders: tuple[str, ...]) -> EnvironmentLine:
    if folders:
        return EnvironmentLine(
            name="programs",
            ok=False,
            cause=f"{who} runs {program}, which is not found there: it lies outside what is shown",
            command=f"add to `environment:` of the pipeline: tools: [{', '.join(folders)}]",
            program=program,
        )
    return EnvironmentLine(
        name="programs",
        ok=False,
        cause=f"{who} runs {program}, which is not found there",
        command=f"install {program}, or let `environment.setup` make it and `keep` hold it",
        program=program,
    )


def _keys(world: World, project: Project, pipeline: Pipeline) -> Iterator[EnvironmentLine]:
    """Name key files that the target does not have: setup would not run again when it should."""
    branch, patterns = pipeline.land.branch or project.branch, pipeline.environment.key
    try:
        refs = world.vault.refs(project, "refs/heads/") if patterns else {}
        target = refs.get(f"refs/heads/{branch}")
        found = {one: world.vault.files(project, target, (one,)) for one in patterns if target}
    except SpsError:
        return  # said by the check of the repository
    for pattern, files in found.items():
        if not files:
            yield EnvironmentLine(
                name="key files",
                ok=False,
                cause=f"environment.key: no file of {branch} matches {pattern}",
                command=f"sps pipeline lint {project.name}",
            )


def _below(path: str, tops: tuple[str, ...]) -> bool:
    return any(path.startswith(f"{top}/") for top in tops)
