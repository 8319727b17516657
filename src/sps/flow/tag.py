"""The tag every process of a card carries in its environment, so that a sweep finds it."""

from __future__ import annotations

from sps.model.card import Card
from sps.ports.world import World

VARIABLE = "SPS_RUN"


def home_prefix(world: World) -> str:
    """Return how the tags of this home begin."""
    return f"{world.home_id}/"


def of_card(world: World, card: Card, what: str) -> str:
    """Return the tag for what is started for a card in its current generation."""
    return f"{world.home_id}/{card.id}/{card.generation}/{what}"


def parse(tag: str) -> tuple[str, int] | None:
    """Return (card id, generation) of a tag, None when it is none of ours."""
    parts = tag.split("/")
    if len(parts) < 4 or not parts[2].isdigit():
        return None
    return parts[1], int(parts[2])
