"""What a person may do about gates: have them run again, or let one red verdict count for nothing.

Neither touches the work: the card goes back to the gates, which judge the merged tree as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from sps.flow.gates import gates_of
from sps.lib.context import request_mark
from sps.lib.nearest import suggestion
from sps.model.card import Card, CardState
from sps.model.errors import Misuse, Stale
from sps.model.event import Event, EventKind
from sps.model.reason import AWAITING
from sps.model.transitions import Verb, move
from sps.ports.store import EventQuery
from sps.services import lookup
from sps.services.decide_card import OWNER

if TYPE_CHECKING:
    from sps.model.verdict import GateVerdict
    from sps.ports.store import Reading, Writing
    from sps.ports.world import World

GATE_FAILED = "gate-failed"
_WHY_LIMIT = 2000


class GateVerbs(msgspec.Struct, frozen=True, kw_only=True):
    """What may be done about a card's gates now. `waive` names the one whose verdict may be waived,
    empty for none, and `tree` the tree it is about."""

    rerun: bool
    waive: str = ""
    tree: str = ""


def gate_verbs(tx: Reading, card: Card) -> GateVerbs:
    """Say what may be done about a card's gates."""
    red = _red(tx, card)
    return GateVerbs(
        rerun=_can_rerun(tx, card), waive=red.name if red else "", tree=red.tree if red else ""
    )


def rerun_gates(
    world: World, project: str, seq: int, *, gate: str | None = None, onward: bool = False
) -> Card:
    """Merge and judge a waiting card once more without its agent. Known verdicts of all gates do
    not count then; with `gate` only that of this one, with `onward` also those after it. A review
    that has begun begins again. Raises `Misuse` with not-waiting or unknown-gate."""
    pipeline = lookup.pipeline(world, project)

    def change(tx: Writing) -> Card:
        card = lookup.card(tx, project, seq)
        if not _can_rerun(tx, card):
            raise _impossible(card, "its gates cannot run again now")
        names = [one.name for one in gates_of(pipeline, card)]
        return _regate(world, tx, card, again=_asked(card, names, gate, onward=onward))

    card = world.store.write(change)
    world.wake.ring()
    return card


def waive_gate(
    world: World, project: str, seq: int, gate: str, why: str, *, seen: str | None = None
) -> Card:
    """Let the red verdict that stopped a card count for nothing, on exactly that tree, and judge
    the card once more. `why` is kept in its history and said in its landing. Only the owner can do
    this, for a card whose attempts are used up; `seen` is the tree that was looked at. Raises
    `Misuse` with empty-reason, too-large or not-red, and `Stale` for another tree."""
    if not why.strip():
        raise Misuse(
            "empty-reason", "say why this gate may be red: it is written into the landing",
            hint=f'sps card waive {project} {seq} {gate} --because "..."',
        )  # fmt: skip
    if len(why) > _WHY_LIMIT:
        raise Misuse("too-large", f"a reason has at most {_WHY_LIMIT} characters")

    def change(tx: Writing) -> Card:
        card = lookup.card(tx, project, seq)
        red = _red(tx, card)
        if red is None or red.name != gate:
            says = f'only gate "{red.name}" can be waived now' if red else "no gate holds it up"
            raise Misuse(
                "not-red", f"card {project}#{seq}: {says}", hint=f"sps why {project} {seq}"
            )
        if seen and seen != red.tree:
            raise Stale(f"gate {gate} said no to another tree than the one you looked at")
        tx.add_event(_waiver(world, card, red, why.strip()))
        return _regate(world, tx, card, again=[])

    card = world.store.write(change)
    world.wake.ring()
    return card


def _red(tx: Reading, card: Card) -> GateVerdict | None:
    """Return the verdict because of which a card waits for a person."""
    if card.state is not CardState.NEEDS_HUMAN or card.reason != GATE_FAILED or not card.tip:
        return None
    ran = [e for e in tx.events(EventQuery(card_id=card.id)) if e.kind is EventKind.GATE_RAN]
    if not ran or ran[-1].payload.get("ok"):
        return None
    about = (ran[-1].payload.get("name"), ran[-1].payload.get("tree"))
    found = [one for one in tx.gate_verdicts(card.id) if (one.name, one.tree) == about]
    return found[-1] if found and not found[-1].ok else None


def _can_rerun(tx: Reading, card: Card) -> bool:
    """Whether a card waits behind its gates: for a word on what they let pass, on why not, or on
    why it could not land."""
    if card.state is CardState.REVIEW:
        return card.reason == AWAITING
    if card.state is not CardState.NEEDS_HUMAN or not card.tip:
        return False
    moves = [e for e in tx.events(EventQuery(card_id=card.id)) if e.kind is EventKind.CARD_MOVED]
    return bool(moves) and moves[-1].payload.get("from") in {CardState.GATING, CardState.LANDING}


def _asked(card: Card, names: list[str], gate: str | None, *, onward: bool) -> list[str]:
    if gate is None:
        return names
    if gate not in names:
        near = suggestion(gate[:80], names)
        raise Misuse(
            "unknown-gate", f"no gate {gate[:80]!r} judges card {card.seq}{near}",
            hint=f"sps pipeline show {card.project}",
        )  # fmt: skip
    return names[names.index(gate) :] if onward else [gate]


def _regate(world: World, tx: Writing, card: Card, *, again: list[str]) -> Card:
    payload: dict[str, Any] = {"again": again, **request_mark()}
    at = world.clock.now()
    return tx.save(move(card, Verb.REGATE, at=at, not_before=0, setbacks=0, payload=payload))


def _waiver(world: World, card: Card, red: GateVerdict, why: str) -> Event:
    payload = {"gate": red.name, "tree": red.tree, "command": red.command, "why": why}
    return Event(
        project=card.project, card_id=card.id, kind=EventKind.GATE_WAIVED, at=world.clock.now(),
        payload={**payload, "by": OWNER, **request_mark()},
    )  # fmt: skip


def _impossible(card: Card, why: str) -> Misuse:
    name = f"{card.project}#{card.seq}"
    return Misuse(
        "not-waiting", f"card {name} is {card.state.value}: {why}",
        hint=f"sps why {card.project} {card.seq}",
    )  # fmt: skip
