"""What a landing commit says about itself."""

from __future__ import annotations

from sps.flow.boxed import effective_sandbox
from sps.flow.gate_word import Waiver, gate_word
from sps.flow.gates import applying, gates_of
from sps.flow.ground import Ground
from sps.lib.terminal import clean
from sps.model.agent_choice import AgentChoice
from sps.model.card import Card
from sps.model.event import EventKind
from sps.model.pipeline import SandboxMode
from sps.model.run import Run, RunKind
from sps.ports.store import EventQuery, Reading
from sps.ports.world import World

NO_GATE = "no gate: nothing was tested"
_REASON = 400  #: characters of a reason


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
        ("Agent", _agent(world, card, runs)),
        ("Gates", _gates(world, card, ground)),
        *_waived(world, card, ground),
    ]
    skills = _skills(world, card)
    if skills:
        lines.append(("Skills", ", ".join(skills)))
    if effective_sandbox(ground.project, ground.pipeline) is SandboxMode.NONE:
        lines.append(("Sandbox", "none"))
    return tuple(lines)


def _attempt(runs: list[Run], ground: Ground) -> int:
    """Return the attempt of the last work stage that led here."""
    last = ground.pipeline.work_stages[-1].name
    return max((run.attempt for run in runs if run.stage == last), default=1)


def _agent(world: World, card: Card, runs: list[Run]) -> str:
    """Name the agent of the last work session, with the model and effort that were asked of it."""
    work = [run for run in runs if run.kind is RunKind.WORK]
    if not work:
        return "none"
    events = world.store.read(lambda tx: tx.events(EventQuery(card_id=card.id)))
    for event in events:
        if event.kind is EventKind.RUN_STARTED and event.run_id == work[-1].id:
            asked = event.payload
            choice = AgentChoice(
                agents=(work[-1].agent,), model=asked.get("model"), effort=asked.get("effort")
            )
            return choice.words()
    return work[-1].agent


def _gates(world: World, card: Card, ground: Ground) -> str:
    """Name the gates that passed on the tree that lands."""
    if not gates_of(ground.pipeline, card):
        return NO_GATE
    waived = {waiver.gate for waiver in _waivers(world, card, ground)}
    names = [gate.name for gate in applying(world, card, ground)]
    if not names:
        return "none applied to these paths"
    return ", ".join(name for name in names if name not in waived) or "none passed"


def _waived(world: World, card: Card, ground: Ground) -> list[tuple[str, str]]:
    """Say of each gate that is red on the tree that lands who waived it and why, on one line."""
    return [
        ("Waived", f"{waiver.gate} ({waiver.by}): {_line(waiver.why)}")
        for waiver in _waivers(world, card, ground)
    ]


def _waivers(world: World, card: Card, ground: Ground) -> list[Waiver]:
    """Return the waivers that this landing needs, one for each gate."""

    def question(tx: Reading) -> list[Waiver]:
        word = gate_word(tx.events(EventQuery(card_id=card.id)))
        red = {one.name: one for one in tx.gate_verdicts(card.id) if one.tree == card.tree}
        needed = {
            waiver.gate: waiver
            for waiver in word.waivers
            if waiver.gate in red and word.waived(red[waiver.gate])
            and waiver.covers(red[waiver.gate])
        }  # fmt: skip
        return list(needed.values())

    known = {gate.name for gate in gates_of(ground.pipeline, card)}
    return [one for one in world.store.read(question) if one.gate in known]


def _line(text: str) -> str:
    return " ".join(clean(text).split())[:_REASON]


def _skills(world: World, card: Card) -> list[str]:
    """Name the skills that the card's agents had, each at the hash of its last use."""
    events = world.store.read(lambda tx: tx.events(EventQuery(card_id=card.id)))
    used: dict[str, str] = {}
    for event in events:
        if event.kind is EventKind.RUN_STARTED:
            used |= {pin.partition("@")[0]: pin for pin in event.payload["skills"]}
    return list(used.values())
