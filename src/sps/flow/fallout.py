"""What else happens when a card is handed to a person: the pipeline's `on_fail`.

Whoever hands a card over owes this in the same transaction; it is carried out after it, even when
this process dies in between.
"""

from __future__ import annotations

import logging

import msgspec

from sps.flow.ground import Ground, ground
from sps.flow.halt import CARD_FAILED, halt, halt_broken
from sps.flow.owed import FALLOUT
from sps.flow.record import current
from sps.lib.threads import in_thread
from sps.model.card import Card, CardState
from sps.model.errors import SpsError
from sps.ports.files import PipelineBroken
from sps.ports.store import Message
from sps.ports.world import World

_log = logging.getLogger(__name__)


async def settle(world: World) -> bool:
    """Carry out what is owed; return whether something was."""
    settled = False
    for message in await in_thread(world.store.read, lambda tx: tx.outbox(kind=FALLOUT)):
        try:
            settled |= await _settle(world, message)
        except (SpsError, OSError) as err:  # it stays owed; the others go on
            _log.warning("fallout waits", extra={"card_id": message.key, "detail": str(err)})
    return settled


async def _settle(world: World, message: Message) -> bool:
    card = await current(world, message.key)
    if card is not None and card.state is CardState.NEEDS_HUMAN:
        try:
            place = await ground(world, card.project)
        except PipelineBroken as err:
            await halt_broken(world, card.project, err)
            return False
        await _carry_out(world, card, place)
    at = world.clock.now()
    await in_thread(world.store.write, lambda tx: tx.delivered(message.id, at))
    return True


async def _carry_out(world: World, card: Card, place: Ground) -> None:
    """Label the card and halt the project, as far as the pipeline says so."""
    wanted = place.pipeline.on_fail_of(card.stage)
    if wanted.label and wanted.label not in card.text.labels:
        try:
            await in_thread(_label, world, card, wanted.label)
        except (SpsError, OSError) as err:  # its owner is editing the file: no label, no harm
            _log.warning("card not labelled", extra={"detail": str(err)})
    if wanted.halt:
        detail = f"card {card.seq} needs a person ({card.reason})"
        await halt(world, place.project, CARD_FAILED, detail)


def _label(world: World, card: Card, label: str) -> None:
    """Write the label into the card's file, which owns it; the next scan brings it into the row."""
    name = world.card_files.find(card.project, card.seq)
    if name is None:
        return
    file = world.card_files.read(card.project, name)
    if label in file.text.labels:
        return
    text = msgspec.structs.replace(file.text, labels=(*file.text.labels, label))
    world.card_files.edit(card.project, name, text, file.stamp)
