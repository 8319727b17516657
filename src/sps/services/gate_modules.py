"""Whether the Python modules that gates run are there where gates run."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from tempfile import TemporaryDirectory

from sps.flow.boxed import effective_sandbox
from sps.flow.outfit import Outfit
from sps.model.pipeline import Pipeline
from sps.model.project import Project
from sps.ports.gate import GateJob
from sps.ports.world import World

_RUNS = re.compile(r"(?:^|[\s;&|(])(python(?:3(?:\.\d+)?)?)(?: -[WX] ?\S+| -[A-Za-z]+)*? -m (\w+)")
# Everything else may be a module of the repository, which only its checkout could tell.
_TOOLS = frozenset((
    "bandit", "black", "build", "coverage", "flake8", "green", "hatch", "isort", "mypy", "nose2",
    "nox", "pdm", "pip", "poetry", "pre_commit", "pycodestyle", "pylint", "pyright", "pytest",
    "ruff", "tox", "uv",
))  # fmt: skip
# Nothing of the module itself is run: it is only looked for.
_LOOK = "import importlib.util as u, sys; sys.exit(7 if u.find_spec(sys.argv[1]) is None else 0)"
_MISSING = 7
_PATIENCE_S = 20.0


def missing_modules(
    world: World, project: Project, pipeline: Pipeline, worn: Outfit
) -> Iterator[tuple[str, str, str]]:
    """Return gate, interpreter and module for each known tool that a gate runs as a module and its
    interpreter does not find in the sandbox of gates. Where a setup has yet to run, nothing can be
    said."""
    made = next(iter(world.environments.all(project.name)), None)
    if made is None and pipeline.environment.setup:
        return
    content = (made.content,) if made is not None else ()
    job = GateJob(
        name="look", run="", checkout="", log="", timeout=_PATIENCE_S, env=worn.env,
        sandbox=effective_sandbox(project, pipeline), tag=world.ids.new(),
        readonly=(*worn.readonly, *content), hidden=worn.hidden,
        path=worn.path_in(content[0]) if content else worn.tools,
    )  # fmt: skip
    for gate in pipeline.gates:
        for python, module in dict.fromkeys(_RUNS.findall(gate.run)):
            if module in _TOOLS and _lacks(world, job, python, module):
                yield gate.name, python, module


def _lacks(world: World, job: GateJob, python: str, module: str) -> bool:
    import asyncio

    import msgspec

    with TemporaryDirectory(prefix="sps-look-") as folder:
        checkout = os.path.join(folder, "checkout")
        os.mkdir(checkout)
        run = f"{python} -c '{_LOOK}' {module}"
        one = msgspec.structs.replace(
            job, run=run, checkout=checkout, log=os.path.join(folder, "log")
        )
        return asyncio.run(world.gates.run(one)).exit_code == _MISSING
