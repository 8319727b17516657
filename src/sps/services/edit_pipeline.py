"""Writing a pipeline: the text in force, what a change would do, putting it in force."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sps.lib.lock import held
from sps.model.errors import Absent, Held, Misuse, Stale
from sps.services import lookup
from sps.services.pipelines import Lint, lint_text
from sps.services.trust_pipeline import Offer, offered_pipeline, trust_pipeline

if TYPE_CHECKING:
    from sps.ports.world import World

TEXT_LIMIT = 256 * 1024
NAME = "pipeline.yaml"
_PATIENCE_S = 5.0


class InForce(msgspec.Struct, frozen=True, kw_only=True):
    """The text of a project's pipeline file. `missing` says why there is none."""

    project: str
    path: str
    text: str
    sha256: str
    missing: str | None = None


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """A text that somebody wants to use, beside the one in force."""

    now: InForce
    text: str
    sha256: str
    lint: Lint

    @property
    def same(self) -> bool:
        """Whether nothing would change."""
        return self.now.sha256 == self.sha256 and self.now.missing is None


def in_force(world: World, project: str) -> InForce:
    """Read the file of a project, broken or not. Raises `Misuse("unknown-project")`."""
    world.store.read(lambda tx: lookup.project(tx, project))
    path = world.home.pipeline(project)
    text, missing = "", None
    try:
        text = world.pipeline_files.read(path)
    except (Misuse, Absent) as err:
        missing = err.message
    return InForce(project=project, path=str(path), text=text, sha256=digest(text), missing=missing)


def check_text(world: World, project: str, text: str) -> Checked:
    """Find every mistake of a text. Raises `Misuse` (unknown-project, too-large)."""
    if len(text.encode()) > TEXT_LIMIT:
        raise Misuse("too-large", f"a pipeline has at most {TEXT_LIMIT} bytes")
    return Checked(
        now=in_force(world, project), text=text, sha256=digest(text),
        lint=lint_text(world, text, NAME),
    )  # fmt: skip


def put_text(world: World, project: str, text: str, seen: str | None) -> Checked:
    """Put a text in force. `seen` is the sha256 of the one that its writer looked at. Raises
    `Stale` when another one is in force meanwhile, `PipelineBroken`, `Held("pipeline-locked")`;
    nothing has changed then."""
    before = check_text(world, project, text)
    with _alone(before.now):
        if seen is not None and seen != in_force(world, project).sha256:
            raise Stale(f"the pipeline of {project} was changed meanwhile")
        world.pipeline_files.install(project, text)
    world.wake.ring()
    return msgspec.structs.replace(before, now=in_force(world, project))


@contextlib.contextmanager
def _alone(now: InForce) -> Iterator[None]:
    """Let nobody else put a text in force between the look at the old one and the new one."""
    place = Path(f"{now.path}.lock")
    place.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(held(place, seconds=_PATIENCE_S))
        except TimeoutError as err:
            raise Held("pipeline-locked", f"another process holds {place}") from err
        yield


def trust(world: World, project: str, sha: str) -> Offer:
    """Put exactly what its owner has seen in force. Raises `Stale` when the repository offers
    something else by now."""
    offer = offered_pipeline(world, project)
    if offer.sha256 != sha:
        raise Stale(f"the repository of {project} offers another pipeline by now")
    return trust_pipeline(world, offer)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
