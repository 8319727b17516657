"""Trying a project's gates on its landing target, before a card meets them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from tempfile import TemporaryDirectory

from sps.flow import environment
from sps.flow.boxed import effective_sandbox
from sps.flow.gates import GATE_ENV
from sps.flow.outfit import Outfit, outfit
from sps.model.errors import SpsError
from sps.model.pipeline import Gate, Pipeline
from sps.model.project import Project
from sps.ports.gate import GateJob, GateRun
from sps.ports.world import World
from sps.services.environment_health import EnvironmentLine

_LAST = 200  # characters of what a gate said last


def try_gates(world: World, project: Project, pipeline: Pipeline) -> Iterator[EnvironmentLine]:
    """Run each gate that is a command once, on a clean checkout of the target, in the sandbox and
    environment of gates, and say how it went. No verdict is kept. Where dependencies are set up
    for cards but never were, nothing is run."""
    gates = [gate for gate in pipeline.gates if gate.run]
    try:
        worn = outfit(world, pipeline)
        target = world.vault.refresh(project, pipeline.land)
        tree = world.vault.tree_of(project, target.commit)
        ready = environment.Ready(keep=worn.keep)
        if pipeline.environment.setup:
            name = environment.shared_name(world, project, pipeline, tree)
            if world.environments.find(project.name, name) is None:
                says = "not tried: the environment was not set up yet; the first card has that done"
                yield EnvironmentLine(name="gates", ok=True, cause=says)
                return
            ready = environment.Ready(name=name, keep=worn.keep)
        for gate in gates:
            yield _said(gate, _run(world, project, pipeline, gate, tree=tree, dress=(ready, worn)))
    except SpsError as err:
        yield EnvironmentLine(name="gates", ok=False, cause=err.message, command=err.hint)


def _run(
    world: World, project: Project, pipeline: Pipeline, gate: Gate, *, tree: str,
    dress: tuple[environment.Ready, Outfit],
) -> GateRun:  # fmt: skip
    ready, worn = dress
    checkout = environment.lend(
        world, project, ready, lambda kept: world.vault.checkout(project, tree, kept=kept)
    )
    try:
        with TemporaryDirectory(prefix="sps-try-") as folder:
            job = GateJob(
                name=gate.name, run=gate.run, checkout=checkout.path, timeout=gate.timeout,
                log=os.path.join(folder, "log"), env={**GATE_ENV, **worn.env},
                sandbox=effective_sandbox(project, pipeline), tag=world.ids.new(),
                readonly=worn.readonly, hidden=worn.hidden, path=worn.path_in(checkout.path),
            )  # fmt: skip
            return asyncio.run(world.gates.run(job))
    finally:
        world.vault.release(project, checkout)


def _said(gate: Gate, run: GateRun) -> EnvironmentLine:
    name = f"gate {gate.name}"
    if run.exit_code == 0 and not run.timed_out:
        says = f"passes on the target, in {run.seconds:.1f} s"
        return EnvironmentLine(name=name, ok=True, cause=says)
    last = next((line for line in reversed(run.tail.splitlines()) if line.strip()), "")[-_LAST:]
    how = f"fails on the target itself (exit {run.exit_code})"
    if run.timed_out:
        how = f"takes longer on the target than the {gate.timeout:.0f} s it has"
    if run.infrastructure:
        how, last = "cannot be run", run.infrastructure
    cause = f"{gate.run}: {how}{': ' if last else ''}{last}"
    return EnvironmentLine(name=name, ok=False, cause=cause, command="sps help base-red")
