"""Removing what nobody will need again."""

from __future__ import annotations

import logging
import os
import shutil

from sps.model.card import TERMINAL
from sps.model.errors import SpsError
from sps.ports.world import World

_log = logging.getLogger(__name__)


def tidy(world: World, project: str) -> int:
    """Remove the private HOMEs of agents whose card has ended; return how many cards' were. Failing
    is no harm: it is told in the log, and tried again at the next start."""
    try:
        return _tidy(world, project)
    except (SpsError, OSError) as err:
        _log.warning("not tidied up", extra={"project": project, "detail": str(err)})
        return 0


def _tidy(world: World, project: str) -> int:
    folder = world.home.agent_homes(project)
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return 0
    cards = world.store.read(lambda tx: {name: tx.card(name) for name in names})
    over = [name for name, card in cards.items() if card is None or card.state in TERMINAL]
    for name in over:
        shutil.rmtree(folder / name, ignore_errors=True)
    return len(over)
