"""Kept environments: what every card is given a copy of is what the setup made."""

from __future__ import annotations

from collections.abc import Iterator

from sps.ports.world import World
from sps.services.invariants.scene import Scene
from sps.services.invariants.violation import Invariant, Violation


def check_environments(world: World, scene: Scene) -> Iterator[Violation]:
    """Read everything that a project keeps and compare it with what was published. One that is
    dropped meanwhile is no fault."""
    kept, name = world.environments, scene.project.name
    faults = {made.name: kept.fault(made) for made in kept.all(name)}
    there = {made.name for made in kept.all(name)}
    for subject, fault in faults.items():
        if fault and subject in there:
            yield Violation(
                invariant=Invariant.ENVIRONMENT_UNCHANGED, subject=subject, detail=fault
            )
