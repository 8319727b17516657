"""Everything a session's process gets: its box, its home, its environment."""

from __future__ import annotations

import os
from pathlib import Path

from sps.adapters.agent_acp import install
from sps.lib import atomic
from sps.lib.paths import inside
from sps.lib.placeholder import fill
from sps.lib.runtime import package_path, runtime_paths
from sps.model.errors import Misuse
from sps.ports.agent import AgentJob, AgentKind
from sps.ports.sandbox import Box, Relay

TAG = "SPS_RUN"  #: the variable that marks every process of a run


def box(job: AgentJob, home: Path, given: dict[str, str], relays: tuple[Relay, ...]) -> Box:
    """Return the box of a job. `given` is what its login and its way out add to its environment."""
    env = {**environment(job, home), **given}
    argv = fill(job.kind.command)
    # What a workspace brings along comes first inside, but never decides which agent runs.
    search = search_path(job.kind)
    program = install.find(argv[0], search) or argv[0]
    owner_home = Path(os.path.expanduser("~"))
    shown = (
        *job.readonly,
        *job.kind.readonly,
        *install.folders(program, search, owner_home),
        *runtime_paths(),
        package_path(),
    )
    return Box(
        argv=(*install.start(program, search), *argv[1:]),
        cwd=job.workspace,
        env=env,
        writable=job.writable if job.workspace_readonly else (job.workspace, *job.writable),
        readonly=tuple(dict.fromkeys((job.workspace, *shown) if job.workspace_readonly else shown)),
        hidden=job.hidden,
        home=str(home),
        relays=relays,
    )


def make_home(job: AgentJob) -> Path:
    """Make the private HOME of a run and the files that its kind wants there. Raises `Misuse`,
    `OSError`."""
    home = Path(job.home) if job.home else Path(job.run_dir) / "home"
    for folder in (Path(job.run_dir), home, home / "tmp"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in job.kind.files.items():
        path = inside(home, name)
        if path is None or path == home or os.path.isabs(name):
            raise Misuse(
                "bad-agent-file",
                f"the file {name!r} of agent {job.kind.name} does not lie below its home",
                hint="sps agent list",
            )
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        atomic.write(path, content.replace("{home}", str(home)).encode())
    return home


def environment(job: AgentJob, home: Path) -> dict[str, str]:
    """Return the whole environment: an allow-list, the kind's own, the job's own."""
    kind = job.kind
    passed = {name: os.environ[name] for name in kind.pass_env if name in os.environ}
    return {
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "TERM": "dumb",
        # Not a parent of HOME: some agents refuse to keep programs below TMPDIR.
        "TMPDIR": str(home / "tmp"),
        **{name: value.replace("{home}", str(home)) for name, value in kind.env.items()},
        **passed,
        **_choices(job),
        **job.env,
        "PATH": ":".join((*job.path, job.env.get("PATH") or search_path(kind))),
        "HOME": str(home),
        TAG: job.tag,
    }


def _choices(job: AgentJob) -> dict[str, str]:
    """Return model and effort for the kinds that take them from a variable."""
    kind = job.kind
    wanted = ((kind.model_env, job.model), (kind.effort_env, job.effort))
    return {name: value for name, value in wanted if name and value}


def search_path(kind: AgentKind) -> str:
    """Return the PATH in which the agent's program is searched."""
    return kind.env.get("PATH") or os.environ.get("PATH") or os.defpath
