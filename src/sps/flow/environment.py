"""The environment that belongs to a tree: found, made once, or told why there is none.

Its key is what setup depends on. Where a tree has the key of the target, the environment is shared
and was made from the target's own tree: no card has a hand in it before it lands. Where a card
changes a key file, the environment is made from exactly that card's tree and named by it, so that
what judges a tree depends on nothing but that tree. When the card lands, its environment is what a
setup on the target would make, and becomes the shared one.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import AsyncIterator, Callable
from functools import partial

import msgspec

from sps.flow.boxed import effective_sandbox
from sps.flow.ground import Ground
from sps.flow.outfit import Outfit, kept_paths, outfit
from sps.flow.record import note
from sps.flow.setup import SetupFailed, SetupNotRun, Want, make
from sps.lib.threads import in_slow_thread, in_thread
from sps.model.card import Card
from sps.model.errors import Misuse, WorkFailed
from sps.model.event import EventKind
from sps.model.pipeline import Pipeline
from sps.model.project import Project
from sps.ports.environments import Failed, Made
from sps.ports.vault import Kept, Workspace
from sps.ports.world import World

_VERSION = 1  # of the key: another way of keeping must not find what was kept before
_NAME = 32
_GLANCE = 0.1  # seconds between looks at a lock that another one holds
_OVERHEAD = 600.0  # seconds that keeping may take, beside the commands themselves
_AGAIN_MS = 10 * 60_000
_log = logging.getLogger(__name__)


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """What a workspace gets. Without a setup `name` is empty, and kept paths stay what they are:
    neither committed nor collected."""

    name: str = ""
    keep: tuple[str, ...] = ()


async def ready(
    world: World, card: Card, ground: Ground, tree: str, base: str, *, again: bool = True
) -> Ready:
    """Return the environment for a tree, made if need be; `base` is the target's tree. With `again`
    false a setup of the card's own that has failed is not run once more.

    Raises `SetupFailed`, `SetupNotRun`.
    """
    environment = ground.pipeline.environment
    if not environment.keep:
        return Ready()
    began = world.clock.steady()
    worn = await dress(world, ground.pipeline)
    want, shared = await in_slow_thread(_wants, world, ground, tree, base)
    try:
        await _refuse_tracked(world, ground, worn, shared)
        if not environment.setup:
            return Ready(keep=worn.keep)
        made, how = await _get(world, card, ground, worn, want, again=again)
    except SetupFailed as err:
        await note(
            world, card, EventKind.ENVIRONMENT_FAILED, name=want.name, tree=want.tree, own=want.own,
            detail=err.failed.detail, log=err.failed.log,
        )  # fmt: skip
        raise
    await note(
        world, card, EventKind.ENVIRONMENT_READY, name=made.name, key=made.key, tree=made.tree,
        own=made.own, how=how, seconds=round(world.clock.steady() - began, 3), files=made.files,
        bytes=made.bytes, left_out=list(made.left_out),
    )  # fmt: skip
    return Ready(name=made.name, keep=worn.keep)


async def dress(world: World, pipeline: Pipeline) -> Outfit:
    """Return what every process of a project gets. Raises `SetupFailed` when a toolchain is not
    what the pipeline says."""
    try:
        return await in_thread(outfit, world, pipeline)
    except Misuse as err:
        failed = Failed(at=world.clock.now(), detail=err.message, text="", log="")
        raise SetupFailed(failed, shared=True) from err


async def for_agent(world: World, card: Card, ground: Ground, start: str, target: str) -> Ready:
    """Return the environment for an agent's session that starts at a commit or tree. Where the
    card's own setup fails its agent gets the target's, to mend it with.

    Raises `SetupFailed` when that of the target fails; `SetupNotRun`.
    """
    if not ground.pipeline.environment.keep:
        return Ready()
    tree = await in_slow_thread(world.vault.tree_of, ground.project, start)
    base = await in_slow_thread(world.vault.tree_of, ground.project, target)
    try:
        return await ready(world, card, ground, tree, base, again=False)
    except SetupFailed as err:
        if err.shared:
            raise
        return await ready(world, card, ground, base, base)


def lend(
    world: World,
    project: Project,
    what: Ready,
    take: Callable[[tuple[Kept, ...]], Workspace],
) -> Workspace:
    """Take a workspace with its environment in it. Blocks. Raises `WorkFailed("environment-gone")`
    when it was dropped at this moment; it is made again the next time."""
    if not what.name:
        return take(tuple(Kept(path=path) for path in what.keep))
    with world.environments.lease(project.name, what.name) as made:
        if made is None:
            says = f"environment {what.name} was dropped before it was used"
            raise WorkFailed("environment-gone", says)
        return take(tuple(_kept(made, path) for path in what.keep))


def key_of(world: World, project: Project, pipeline: Pipeline, tree: str) -> str:
    """Return the hash of all that setup depends on, for one tree. Blocks. Raises
    `Misuse("bad-tool")`."""
    environment = pipeline.environment
    files = world.vault.files(project, tree, environment.key) if environment.key else {}
    parts = [
        _VERSION,
        [step.run for step in environment.setup],
        sorted(files.items()),
        kept_paths(environment),
        sorted(environment.env.items()),
        effective_sandbox(project, pipeline).value,
        world.environments.toolbox(environment.tools).identity,
    ]
    return hashlib.sha256(msgspec.json.encode(parts, enc_hook=repr)).hexdigest()


def shared_name(world: World, project: Project, pipeline: Pipeline, tree: str) -> str:
    """Return under which name the environment of a target's tree is kept, once it is made. Blocks.
    Raises `Misuse("bad-tool")`."""
    return key_of(world, project, pipeline, tree)[:_NAME]


async def judged_in(world: World, project: Project, pipeline: Pipeline, tree: str) -> str:
    """Return what a verdict on a tree depends on beside the tree: its environment's key."""
    if not pipeline.environment.setup and not pipeline.environment.tools:
        return ""
    try:
        return await in_slow_thread(key_of, world, project, pipeline, tree)
    except Misuse as err:
        return err.code


async def may_work(world: World, ground: Ground) -> bool:
    """Whether a setup that failed on the target deserves another try: target, pipeline or machine
    have changed, or some time went by."""
    project, pipeline = ground.project, ground.pipeline
    target = await in_slow_thread(world.vault.refresh, project, pipeline.land)
    tree = await in_slow_thread(world.vault.tree_of, project, target.commit)
    try:
        key = await in_slow_thread(key_of, world, project, pipeline, tree)
    except Misuse:
        return False
    failed = await in_thread(world.environments.failed, project.name, key[:_NAME])
    return failed is None or world.clock.now() - failed.at > _AGAIN_MS


def _wants(world: World, ground: Ground, tree: str, base: str) -> tuple[Want, Want]:
    """Return what to look for, for a tree and for the target's own."""
    project, pipeline = ground.project, ground.pipeline
    key = key_of(world, project, pipeline, base)
    shared = Want(name=key[:_NAME], key=key, tree=base, own=False)
    if tree == base:
        return shared, shared
    key = key_of(world, project, pipeline, tree)
    if key == shared.key:
        return shared, shared
    return Want(name=_own_name(key, tree), key=key, tree=tree, own=True), shared


def _own_name(key: str, tree: str) -> str:
    return hashlib.sha256(f"{key}\0{tree}".encode()).hexdigest()[:_NAME]


async def _get(
    world: World, card: Card, ground: Ground, worn: Outfit, want: Want, *, again: bool
) -> tuple[Made, str]:
    name, kept = ground.project.name, world.environments
    began = world.clock.now()
    found = await in_thread(kept.find, name, want.name)
    if found is not None:
        return found, "reused"
    async with _alone(world, ground, want):
        found = await in_thread(kept.find, name, want.name)
        if found is not None:
            return found, "reused"
        if not want.own:  # a card that has landed may have had it for itself
            landed = _own_name(want.key, want.tree)
            found = await in_thread(kept.adopt, name, landed, want.name)
        if found is not None:
            return found, "adopted"
        failed = await in_thread(kept.failed, name, want.name)
        if failed is not None and (failed.at >= began or (want.own and not again)):
            raise SetupFailed(failed, shared=not want.own)
        if want.own:
            await _refuse_tracked(world, ground, worn, want)
        made = await make(world, card, ground, worn, want)
    for one in await in_slow_thread(kept.trim):
        _log.info("environment dropped", extra={"project": one.project, "environment": one.name})
    return made, "made"


@contextlib.asynccontextmanager
async def _alone(world: World, ground: Ground, want: Want) -> AsyncIterator[None]:
    """Be the only one who makes this environment, among all processes. Raises `SetupNotRun` when
    another one takes longer than it may."""
    lock = await in_thread(world.environments.lock, ground.project.name, want.name)
    steps = ground.pipeline.environment.setup
    end = world.clock.steady() + sum(step.timeout for step in steps) + _OVERHEAD
    try:
        while not await in_thread(lock.take):
            if world.clock.steady() > end:
                raise SetupNotRun(f"environment {want.name} is made by another process, endlessly")
            await asyncio.sleep(_GLANCE)
        yield
    finally:
        lock.release()


async def _refuse_tracked(world: World, ground: Ground, worn: Outfit, want: Want) -> None:
    ask = partial(world.vault.files, ground.project, want.tree, worn.keep)
    tracked = sorted(await in_slow_thread(ask))
    if tracked:
        detail = f"environment.keep names what git tracks: {tracked[0]}"
        failed = Failed(at=world.clock.now(), detail=detail, text=detail, log="")
        await in_thread(world.environments.fail, ground.project.name, want.name, failed)
        raise SetupFailed(failed, shared=not want.own)


def _kept(made: Made, path: str) -> Kept:
    return Kept(
        path=path,
        source=f"{made.content}/{path}",
        stamp=made.stamp,
        root=made.root,
        mentions=made.mentions.get(path, ()),
    )
