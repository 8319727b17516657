"""Saying that a comment on a change is settled, or that it is not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sps.lib.context import request_mark
from sps.model.errors import Misuse
from sps.model.event import Event, EventKind
from sps.ports.store import EventQuery
from sps.services import judgement, lookup

if TYPE_CHECKING:
    from sps.model.card import Card
    from sps.ports.store import Writing
    from sps.ports.world import World

_NUMBER = re.compile(r"(\d{1,6})\.(\d{1,6})")


def resolve_comment(
    world: World, project: str, seq: int, number: str, *, resolved: bool = True, by: str = "owner"
) -> Card:
    """Note that the comment of this number (review and comment, counted from 1, as in `2.1`) is
    settled, or open again. Again changes nothing. Raises `Misuse("unknown-comment")`."""

    def change(tx: Writing) -> Card:
        card = lookup.card(tx, project, seq)
        verdicts = tx.verdicts(card.id)
        found = _NUMBER.fullmatch(number)
        review, place = (int(found[1]), int(found[2])) if found else (0, 0)
        if not (0 < review <= len(verdicts) and 0 < place <= len(verdicts[review - 1].comments)):
            raise Misuse(
                "unknown-comment", f"card {project}#{seq} has no comment {number[:20]!r}",
                hint=f"sps card show {project} {seq}",
            )  # fmt: skip
        settled = judgement.resolved(tx.events(EventQuery(card_id=card.id)))
        if (f"{review}.{place}" in settled) is resolved:
            return card
        payload = {"by": by, "review": review, "comment": place, "resolved": resolved}
        tx.add_event(
            Event(
                project=project, card_id=card.id, kind=EventKind.REVIEW_RESOLVED,
                at=world.clock.now(), payload={**payload, **request_mark()},
            )
        )  # fmt: skip
        return card

    return world.store.write(change)
