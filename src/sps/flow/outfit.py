"""What a project's environment gives to every process of it: toolchains, PATH, variables."""

from __future__ import annotations

import os

import msgspec

from sps.model.pipeline import Environment, Pipeline
from sps.ports.world import World

_BINS = ("bin", ".bin")  # of a virtual environment, of node_modules


class Outfit(msgspec.Struct, frozen=True, kw_only=True):
    """Equal for setup, agents and gates of a pipeline."""

    keep: tuple[str, ...] = ()
    readonly: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()  #: the toolchains' folders of programs
    env: dict[str, str] = {}

    def path_in(self, workspace: str) -> tuple[str, ...]:
        """Return the folders of programs in the order of the search, before the system's: those of
        the kept paths, then those of the toolchains, each as the pipeline lists them."""
        bins = (os.path.join(workspace, kept, name) for kept in self.keep for name in _BINS)
        return (*(folder for folder in bins if os.path.isdir(folder)), *self.tools)


def outfit(world: World, pipeline: Pipeline) -> Outfit:
    """Look it up on this machine. Raises `Misuse("bad-tool")`."""
    environment = pipeline.environment
    keep = kept_paths(environment)
    if not environment.tools:
        return Outfit(keep=keep, env=environment.env)
    found = world.environments.toolbox(environment.tools)
    return Outfit(
        keep=keep,
        readonly=found.folders,
        hidden=found.hidden,
        tools=found.path,
        env={**found.env, **environment.env},
    )


def kept_paths(environment: Environment) -> tuple[str, ...]:
    """Return the kept paths in their one spelling, none of them below another."""
    plain = [
        "/".join(p for p in path.split("/") if p not in {"", "."}) for path in environment.keep
    ]
    return tuple(
        path
        for path in dict.fromkeys(plain)
        if not any(path != other and path.startswith(f"{other}/") for other in plain)
    )
