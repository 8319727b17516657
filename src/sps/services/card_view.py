"""A card as documents show it: the fields that scripts rely on, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.lib.times import rfc3339
from sps.model.card import Landed

if TYPE_CHECKING:
    from sps.model.card import Card


class CardView(msgspec.Struct, frozen=True, kw_only=True):
    """The public fields of a card. `id` is null while a file made by hand is not yet taken in;
    times are RFC 3339 UTC."""

    project: str
    seq: int
    id: str | None
    title: str
    state: str
    stage: str | None
    attempt: int
    skills: tuple[str, ...]
    labels: tuple[str, ...]
    after: tuple[int, ...]
    priority: int
    reason: str | None
    landed: Landed | None
    created_at: str
    updated_at: str

    @property
    def number(self) -> str:
        """The name people use: project#seq."""
        return f"{self.project}#{self.seq}"


def view(card: Card) -> CardView:
    """Return the public fields of a card."""
    return CardView(
        project=card.project,
        seq=card.seq,
        id=card.id or None,
        title=card.text.title,
        state=card.state.value,
        stage=card.stage or None,
        attempt=card.attempt,
        skills=card.text.skills,
        labels=card.text.labels,
        after=card.text.after,
        priority=card.text.priority,
        reason=card.reason or None,
        landed=card.landed,
        created_at=rfc3339(card.created_at),
        updated_at=rfc3339(card.updated_at),
    )
