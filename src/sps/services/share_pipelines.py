"""The pipelines in force, for machines that have the database but not the home's files."""

from __future__ import annotations

import contextlib
from collections.abc import Collection

from sps.model.errors import SpsError
from sps.ports.store import Reading
from sps.ports.world import World


def publish(world: World, projects: Collection[str]) -> None:
    """Let the database hold what the home's files say; a file that cannot be read changes
    nothing."""
    known = _published(world, projects)
    for name in projects:
        text = _here(world, name)
        if text is not None and text != known[name]:
            _publish(world, name, text)


def receive(world: World, projects: Collection[str]) -> list[str]:
    """Put in force here what the home published; return the projects that have a pipeline."""
    ready = []
    for name, text in _published(world, projects).items():
        if text is None:
            continue
        with contextlib.suppress(SpsError):  # the home itself stops a project whose file is broken
            if _here(world, name) != text:
                world.pipeline_files.install(name, text)
            ready.append(name)
    return ready


def _published(world: World, projects: Collection[str]) -> dict[str, str | None]:
    def question(tx: Reading) -> dict[str, str | None]:
        return {name: tx.pipeline_text(name) for name in projects}

    return world.store.read(question)


def _publish(world: World, name: str, text: str) -> None:
    world.store.write(lambda tx: tx.publish_pipeline(name, text))


def _here(world: World, name: str) -> str | None:
    """Return what the project's file says, None when it cannot be read."""
    try:
        return world.pipeline_files.read(world.home.pipeline(name))
    except SpsError:
        return None
