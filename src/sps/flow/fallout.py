"""What else happens when a card is handed to a person: the pipeline's `on_fail`."""

from __future__ import annotations

import logging

import msgspec

from sps.flow.ground import Ground
from sps.flow.halt import CARD_FAILED, halt
from sps.lib.threads import in_thread
from sps.model.card import Card
from sps.model.errors import Misuse, Stale
from sps.ports.world import World

_log = logging.getLogger(__name__)


async def fallout(world: World, card: Card, ground: Ground) -> None:
    """Label the card and halt the project, as far as the pipeline says so."""
    wanted = ground.pipeline.on_fail
    if wanted.label and wanted.label not in card.text.labels:
        try:
            await in_thread(_label, world, card, wanted.label)
        except (Misuse, Stale, OSError) as err:  # its owner is editing the file: no label, no harm
            _log.warning("card not labelled", extra={"detail": str(err)})
    if wanted.halt:
        detail = f"card {card.seq} needs a person ({card.reason})"
        await halt(world, ground.project, CARD_FAILED, detail)


def _label(world: World, card: Card, label: str) -> None:
    """Write the label into the card's file, which owns it; the next scan brings it into the row."""
    name = world.card_files.find(card.project, card.seq)
    if name is None:
        return
    file = world.card_files.read(card.project, name)
    text = msgspec.structs.replace(file.text, labels=(*file.text.labels, label))
    world.card_files.edit(card.project, name, text, file.stamp)
