"""Everything that needs somebody, oldest first, whatever it is: cards, projects, silent agents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.lib.times import rfc3339
from sps.model.card import CardState
from sps.model.errors import SpsError
from sps.services import move_card
from sps.services.decide_card import held_back
from sps.services.slots import SlotView, slots
from sps.services.snoozing import snoozed
from sps.services.status import ProjectStatus, status
from sps.services.tune_pipeline import raise_budget
from sps.services.waiting import Waiting, longest, numbers, told, waits

if TYPE_CHECKING:
    from sps.model.card import Card
    from sps.model.pipeline import Budget
    from sps.ports.store import Reading
    from sps.ports.world import World

WINDOW = 100


class Decision(Waiting, frozen=True, kw_only=True):
    """A card that waits, with what can be decided at once: `approve` exactly the change `seen`.
    `until`: it is put off till then."""

    reason: str
    detail: str
    approve: bool
    seen: str
    until: str = ""


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a person, oldest first, what is put off, and what works meanwhile. `total`
    counts what waits; `waiting` are the first hundred of it."""

    waiting: list[Decision]
    total: int
    put_off: list[Decision]
    halted: list[ProjectStatus]
    stuck: list[SlotView]
    running: list[SlotView]
    projects: int
    trouble: str = ""


def needing(world: World) -> Needs:
    """Collect the decisions of all projects."""
    now, at_work = status(world), slots(world).runs
    try:
        off, trouble = {key: one.until for key, one in snoozed(world).items()}, ""
    except SpsError as err:
        off, trouble = {}, err.message

    def question(tx: Reading) -> tuple[list[Decision], list[Decision], int]:
        away = [card for key in off if (card := tx.card(key)) is not None and waits(card)]
        first = [card for card in longest(tx, WINDOW + len(off)) if card.id not in off][:WINDOW]
        total = sum(numbers(tx).values()) - len(away)
        return _decisions(tx, first, off), _decisions(tx, away, off), total

    first, away, total = world.store.read(question)
    return Needs(
        waiting=first,
        total=total,
        put_off=away,
        halted=[one for one in now.projects if one.halted],
        stuck=[one for one in at_work if one.stuck],
        running=at_work,
        projects=len(now.projects),
        trouble=trouble,
    )


def answer_card(world: World, project: str, seq: int, text: str) -> Card:
    """Tell a card's agent something and send the card back to work, both or neither. Raises what
    `retry_card` does."""
    return move_card.retry_card(world, project, seq, words=text)


def afford_card(world: World, project: str, seq: int, budget: Budget) -> Card:
    """Raise what a card of a project may cost, and try the card again. A card that cannot be tried
    leaves the budget as it is; when only the first was done, the same again does the rest. Raises
    what `raise_budget` and `retry_card` do."""
    card = move_card.check_retry(world, project, seq)
    raise_budget(world, project, budget)
    return move_card.retry_card(world, project, seq, version=card.version)


def _decisions(tx: Reading, cards: list[Card], off: dict[str, int]) -> list[Decision]:
    cards = sorted(cards, key=lambda card: card.updated_at)
    pairs = zip(cards, told(tx, cards), strict=True)
    return [_decision(tx, card, says, off) for card, says in pairs]


def _decision(tx: Reading, card: Card, one: Waiting, off: dict[str, int]) -> Decision:
    approve = card.state is CardState.REVIEW or held_back(tx, card)
    return Decision(
        card=one.card, says=one.says, next=one.next, then=one.then,
        reason=card.reason or "", detail=card.detail,
        approve=approve, seen=(card.tree or card.tip or "") if approve else "",
        until=rfc3339(off[card.id]) if card.id in off else "",
    )  # fmt: skip
