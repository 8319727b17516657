"""Running the setup of a project: its commands, one after the other, in a checkout of one tree."""

from __future__ import annotations

from functools import partial

import msgspec

from sps.flow import tag
from sps.flow.boxed import effective_sandbox
from sps.flow.ground import Ground
from sps.flow.outfit import Outfit
from sps.lib.killpoint import reach
from sps.lib.threads import in_slow_thread
from sps.model.card import Card
from sps.model.destination import Destination, destination
from sps.model.errors import WorkFailed
from sps.model.pipeline import SandboxMode, SetupStep
from sps.ports.egress import Outlet, Refusal
from sps.ports.environments import Failed, Made, Recipe
from sps.ports.gate import GateJob
from sps.ports.vault import Workspace
from sps.ports.world import World

_BASE = {"CI": "1"}
_REFUSED = "setup-refused"


class SetupFailed(Exception):
    """The commands failed, or what they made cannot be kept. `shared` says that no card is to
    blame: they ran on the target."""

    def __init__(self, failed: Failed, *, shared: bool) -> None:
        super().__init__(failed.detail)
        self.failed = failed
        self.shared = shared


class SetupNotRun(Exception):
    """The commands could not be started at all: nothing is said about the tree."""


class Want(msgspec.Struct, frozen=True, kw_only=True):
    """An environment to be made."""

    name: str
    key: str
    tree: str
    own: bool


async def make(world: World, card: Card, ground: Ground, outfit: Outfit, want: Want) -> Made:
    """Run the setup on a clean checkout and keep what it made. Whoever calls this holds the lock.
    Raises `SetupFailed`, and notes it; `SetupNotRun`."""
    project = ground.project
    began = world.clock.steady()
    checkout = await in_slow_thread(world.vault.checkout, project, want.tree)
    try:
        reach("setup-before-run")
        for number, step in enumerate(ground.pipeline.environment.setup, 1):
            await _step(world, card, ground, outfit, want, (number, step, checkout))
        reach("setup-after-run")
        recipe = Recipe(
            key=want.key,
            tree=want.tree,
            own=want.own,
            root=checkout.path,
            keep=outfit.keep,
            may_lead_to=outfit.readonly,
            seconds=round(world.clock.steady() - began, 3),
            made_at=world.clock.now(),
        )
        try:
            publish = partial(world.environments.publish, project.name, want.name, recipe)
            return await in_slow_thread(publish)
        except WorkFailed as err:
            if err.code != _REFUSED:
                raise
            failed = Failed(at=world.clock.now(), detail=err.message, text="", log="")
            raise await _noted(world, want, project.name, failed) from err
    finally:
        await in_slow_thread(world.vault.release, project, checkout)


async def _step(
    world: World,
    card: Card,
    ground: Ground,
    outfit: Outfit,
    want: Want,
    what: tuple[int, SetupStep, Workspace],
) -> None:
    number, step, checkout = what
    name = ground.project.name
    log = await in_slow_thread(world.environments.log, name, want.name, number)
    sandbox = effective_sandbox(ground.project, ground.pipeline)
    refused: list[Refusal] = []
    # Without a sandbox the network is open anyway, and nothing stands between.
    allowed = () if sandbox is SandboxMode.NONE else _places(ground.pipeline.environment.allow)
    async with world.egress.open(allowed, refused.append) as outlet:
        job = _job(outfit, step, checkout, outlet)
        run = await world.gates.run(
            msgspec.structs.replace(
                job,
                name=f"setup-{number}",
                log=str(log),
                sandbox=sandbox,
                tag=tag.of_card(world, card, f"setup-{number}"),
            )
        )
    if run.infrastructure:
        raise SetupNotRun(run.infrastructure)
    if run.exit_code == 0 and not run.timed_out:
        return
    how = f"took more than {step.timeout:.0f} s" if run.timed_out else f"exit {run.exit_code}"
    hosts = ", ".join(sorted({f"{one.host}:{one.port} ({one.rule})" for one in refused}))
    more = f"; not reached: {hosts}" if hosts else ""
    failed = Failed(
        at=world.clock.now(),
        detail=f"setup command {number} failed ({how}): {step.run.splitlines()[0][:120]}{more}",
        text=f"$ {step.run}\n({how}{more})\n{run.tail}",
        log=str(log),
    )
    raise await _noted(world, want, name, failed)


def _job(outfit: Outfit, step: SetupStep, checkout: Workspace, outlet: Outlet) -> GateJob:
    return GateJob(
        name="",
        run=step.run,
        checkout=checkout.path,
        timeout=step.timeout,
        log="",
        env={**_BASE, **outfit.env, **outlet.env},
        sandbox=SandboxMode.AUTO,
        tag="",
        readonly=outfit.readonly,
        hidden=outfit.hidden,
        path=outfit.path_in(checkout.path),
        relays=outlet.relays,
    )


def _places(allow: tuple[str, ...]) -> tuple[Destination, ...]:
    found = (destination(text) for text in allow)
    return tuple(one for one in found if one is not None)


async def _noted(world: World, want: Want, project: str, failed: Failed) -> SetupFailed:
    await in_slow_thread(world.environments.fail, project, want.name, failed)
    return SetupFailed(failed, shared=not want.own)
