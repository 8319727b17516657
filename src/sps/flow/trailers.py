"""What a landing commit says about itself."""

from __future__ import annotations

from sps.flow.boxed import effective_sandbox
from sps.flow.gates import applying, gates_of
from sps.flow.ground import Ground
from sps.flow.plan import find_skills
from sps.model.card import Card
from sps.model.pipeline import SandboxMode
from sps.model.run import Run, RunKind
from sps.ports.world import World

NO_GATE = "no gate: nothing was tested"


def subject(card: Card) -> str:
    """Return the first line of the landing commit."""
    return f"{card.text.title} ({card.project}#{card.seq})"


def trailers(world: World, card: Card, ground: Ground) -> tuple[tuple[str, str], ...]:
    """Return the trailers, in the order in which scripts find them."""
    runs = world.store.read(lambda tx: tx.runs(card_id=card.id))
    lines = [
        ("Card", card.id),
        ("Card-Number", f"{card.project}#{card.seq}"),
        ("Attempt", str(_attempt(runs, ground))),
        ("Agent", _agents(runs)),
        ("Gates", _gates(world, card, ground)),
    ]
    names = dict.fromkeys(name for stage in ground.pipeline.stages for name in stage.skills)
    skills = find_skills(world, (*card.text.skills, *names))
    if skills:
        lines.append(("Skills", ", ".join(f"{s.name}@{s.digest[:12]}" for s in skills)))
    if effective_sandbox(ground.project, ground.pipeline) is SandboxMode.NONE:
        lines.append(("Sandbox", "none"))
    return tuple(lines)


def _attempt(runs: list[Run], ground: Ground) -> int:
    """Return the attempt of the last work stage that led here."""
    last = ground.pipeline.work_stages[-1].name
    return max((run.attempt for run in runs if run.stage == last), default=1)


def _agents(runs: list[Run]) -> str:
    work = [run.agent for run in runs if run.kind is RunKind.WORK]
    return ", ".join(dict.fromkeys(work[-1:] or ["none"]))


def _gates(world: World, card: Card, ground: Ground) -> str:
    """Name the gates that passed on the tree that lands."""
    if not gates_of(ground.pipeline, card):
        return NO_GATE
    names = [gate.name for gate in applying(world, card, ground)]
    return ", ".join(names) or "none applied to these paths"
