"""A disk without room is nobody's failure: what it stopped waits, and goes on by itself."""

from __future__ import annotations

import errno
import os

from sps.flow import setback
from sps.flow.setback import Failure
from sps.model.card import Card
from sps.model.errors import SpsError
from sps.ports.world import World

DISK_FULL = "disk-full"
_AGAIN_MS = 10_000
_FULL = (errno.ENOSPC, errno.EDQUOT)
_WORDS = tuple(os.strerror(number) for number in _FULL)  # as git passes them on


def no_room(err: BaseException) -> bool:
    """Whether an error says that the disk is full."""
    if isinstance(err, OSError):
        return err.errno in _FULL
    if isinstance(err, SpsError):
        return err.code == DISK_FULL or any(words in err.message for words in _WORDS)
    return False


async def wait_for_room(world: World, card: Card, failure: Failure) -> Card:
    """Put a card back to where it can go on, at no cost."""
    full = Failure(
        reason=DISK_FULL, detail=failure.detail, events=failure.events, also=failure.also
    )
    return await setback.park(world, card, full, until=world.clock.now() + _AGAIN_MS)
