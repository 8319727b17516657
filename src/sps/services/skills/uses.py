"""Which cards have a skill, and giving it to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.model.card import TERMINAL, CardState
from sps.model.errors import Misuse
from sps.services import lookup
from sps.services.edit_card import CardChanges, edit_card

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sps.model.card import Card
    from sps.ports.store import Reading
    from sps.ports.world import World

_SHOWN = 30
_OPEN = tuple(state for state in CardState if state not in TERMINAL)


class SkillUse(msgspec.Struct, frozen=True, kw_only=True):
    """A card that names a skill, or whose agent had it: `had`."""

    project: str
    seq: int
    title: str
    state: str
    had: bool


def uses(world: World, name: str, had: Sequence[str]) -> list[SkillUse]:
    """Return the cards of a skill: open ones that name it first, then the newest of those that
    `had` it."""

    def question(tx: Reading) -> list[SkillUse]:
        named = tx.cards_with_skill(name, _OPEN, _SHOWN)
        cards = {card.id: card for card in named}
        for card_id in had:
            if len(cards) == _SHOWN:
                break
            card = None if card_id in cards else tx.card(card_id)
            if card is not None:
                cards[card_id] = card
        return [_use(card, had=card.id in had) for card in cards.values()]

    return world.store.read(question)


def try_on(world: World, project: str, seq: int, name: str) -> Card:
    """Give a skill to a card; its next attempt has it. Raises `Misuse` (unknown-project,
    unknown-card, unknown-skill, card-finished)."""
    card = world.store.read(lambda tx: lookup.card(tx, project, seq))
    if name in card.text.skills:
        return card
    if world.skills.find(name) is None:
        raise Misuse(
            "unknown-skill", f"no skill {name[:60]} can be used here", hint="sps skill list"
        )
    return edit_card(world, project, seq, CardChanges(skills=(*card.text.skills, name)))


def _use(card: Card, *, had: bool) -> SkillUse:
    return SkillUse(
        project=card.project, seq=card.seq, title=card.text.title, state=card.state.value, had=had
    )
