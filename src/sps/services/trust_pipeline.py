"""Putting the pipeline that a repository carries in force, once its owner has seen it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from sps.model.errors import Absent, Misuse
from sps.model.pipeline import SandboxMode
from sps.services import lookup

if TYPE_CHECKING:
    from sps.ports.world import World

PATH = ".sps/pipeline.yaml"
_LIMIT = 256 * 1024


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """The pipeline of the repository as of a commit. `trusted` says that it is in force."""

    name: str
    commit: str
    path: str
    sha256: str
    text: str
    trusted: bool


def offered_pipeline(world: World, name: str) -> Offer:
    """Read what the repository's target branch carries. Raises `Absent("no-pipeline-offered")`,
    `Misuse` when it is no UTF-8 or asks for less protection than a repository may."""
    project = world.store.read(lambda tx: lookup.project(tx, name))
    in_force = world.pipeline_files.load(name)
    target = world.vault.refresh(project, in_force.land)
    content = world.vault.read_file(project, target.commit, PATH, _LIMIT)
    if content is None:
        raise Absent(
            "no-pipeline-offered",
            f"{project.repo} has no {PATH} on the branch {project.branch}",
            hint=f"sps pipeline use {name} FILE",
        )
    try:
        text = content.decode()
    except UnicodeDecodeError as err:
        raise Misuse("invalid-utf-8", f"{PATH} is no UTF-8", where=PATH) from err
    if world.pipeline_files.parse(text, PATH).sandbox is SandboxMode.NONE:
        raise Misuse(
            "sandbox-from-repository",
            f"{PATH} asks to run without a sandbox; only a file of your own may do that",
            hint=f"sps pipeline use {name} FILE",
            where=PATH,
        )
    now = world.pipeline_files.read(world.home.pipeline(name))
    return Offer(
        name=name,
        commit=target.commit,
        path=PATH,
        sha256=sha256(content).hexdigest(),
        text=text,
        trusted=now == text,
    )


def trust_pipeline(world: World, offer: Offer) -> Offer:
    """Put exactly the content that was offered in force."""
    world.pipeline_files.install(offer.name, offer.text)
    world.wake.ring()
    return msgspec.structs.replace(offer, trusted=True)
