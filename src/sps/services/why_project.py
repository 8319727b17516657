"""Why a project starts nothing new, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.model.card import ACTIVE, CardState
from sps.ports.store import CardQuery
from sps.services import judgement, lookup
from sps.services.advice import project_advice
from sps.services.standstill import standstill
from sps.services.status import waiting_for_a_person

if TYPE_CHECKING:
    from sps.model.project import Project
    from sps.ports.store import Reading
    from sps.ports.world import World

_BASE_RED = "base-red"


class WhyProject(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a project works, why not, and what to type. `gate` is the one that is red on the
    target, `pipeline` the file in force."""

    project: str
    halted: str | None
    why: str
    detail: str | None
    next: str
    pipeline: str
    gate: judgement.GateView | None


def why_project(world: World, name: str) -> WhyProject:
    """Explain a project as a whole. Raises `Misuse("unknown-project")`."""
    project = world.store.read(lambda tx: lookup.project(tx, name))
    stopped = standstill(world, project)
    path = str(world.home.pipeline(name))
    if stopped is None:
        says, command = _at_work(world, project)
        return WhyProject(
            project=name, halted=None, why=says, detail=None, next=command, pipeline=path, gate=None
        )
    known = project_advice(stopped.reason, project)
    gate = _red_gate(world, name) if stopped.reason == _BASE_RED else None
    says = f"{known.says} The gates stand in {path}." if stopped.reason == _BASE_RED else known.says
    if gate is not None and gate.lacks:
        says = f"{judgement.LACKS} They stand in {path}. Then: sps tick {name}."
    return WhyProject(
        project=name,
        halted=stopped.reason,
        why=f"The whole project starts nothing new. {says}",
        detail=stopped.detail or None,
        next=known.command,
        pipeline=path,
        gate=gate,
    )


def _at_work(world: World, project: Project) -> tuple[str, str]:
    def question(tx: Reading) -> tuple[int, int]:
        counts = tx.counts().get(project.name, {})
        asking = counts.get(CardState.NEEDS_HUMAN.value, 0) + waiting_for_a_person(tx)[project.name]
        return asking, sum(counts.values())

    waiting, cards = world.store.read(question)
    says = f"The project is not halted: {cards} cards, {waiting} need a person."
    return says, f"sps card list {project.name}"


def _red_gate(world: World, name: str) -> judgement.GateView | None:
    """Return the newest red gate of a card that waits because of it."""

    def question(tx: Reading) -> list[judgement.GateView]:
        cards = tx.cards(CardQuery(project=name, states=tuple(ACTIVE)))
        waiting = [card for card in cards if card.reason == _BASE_RED]
        found = [gate for card in waiting for gate in judgement.gates(tx.gate_verdicts(card.id))]
        return [gate for gate in found if not gate.ok]

    return next(iter(world.store.read(question)), None)
