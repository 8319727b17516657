"""Everything that needs somebody, oldest first, whatever it is: cards, projects, silent agents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.lib.times import rfc3339
from sps.model.card import CardState
from sps.model.errors import Misuse, SpsError
from sps.services import lookup, move_card
from sps.services.decide_card import held_back
from sps.services.slots import SlotView, slots
from sps.services.snoozing import snoozed
from sps.services.status import ProjectStatus, status
from sps.services.waiting import Waiting, waiting

if TYPE_CHECKING:
    from sps.model.card import Card
    from sps.ports.store import Reading
    from sps.ports.world import World


class Decision(Waiting, frozen=True, kw_only=True):
    """A card that waits, with what can be decided at once: `approve` exactly the change `seen`.
    `until`: it is put off till then."""

    reason: str
    detail: str
    approve: bool
    seen: str
    until: str = ""


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a person, oldest first, what is put off, and what works meanwhile."""

    waiting: list[Decision]
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
    queue = waiting(world, tuple(one.name for one in now.projects))
    found = world.store.read(lambda tx: [_decision(tx, one, off) for one in queue])
    found.sort(key=lambda one: one.card.updated_at)
    return Needs(
        waiting=[one for one in found if not one.until],
        put_off=[one for one in found if one.until],
        halted=[one for one in now.projects if one.halted],
        stuck=[one for one in at_work if one.stuck],
        running=at_work,
        projects=len(now.projects),
        trouble=trouble,
    )


def answer_card(world: World, project: str, seq: int, text: str) -> Card:
    """Tell a card's agent something and send the card back to work. Raises what `comment_card` and
    `retry_card` do."""
    card = world.store.read(lambda tx: lookup.card(tx, project, seq))
    if not move_card.waits(card):
        raise Misuse(
            "not-waiting",
            f"card {project}#{seq} waits for no answer",
            hint=f"sps why {project} {seq}",
        )
    move_card.comment_card(world, project, seq, text)
    return move_card.retry_card(world, project, seq)


def _decision(tx: Reading, one: Waiting, off: dict[str, int]) -> Decision:
    card = lookup.card(tx, one.card.project, one.card.seq)
    approve = card.state is CardState.REVIEW or held_back(tx, card)
    return Decision(
        card=one.card, says=one.says, next=one.next, reason=card.reason or "", detail=card.detail,
        approve=approve, seen=(card.tree or card.tip or "") if approve else "",
        until=rfc3339(off[card.id]) if card.id in off else "",
    )  # fmt: skip
