"""Removing what nobody will need again."""

from __future__ import annotations

import logging
import os
import shutil

from sps.model.card import ACTIVE, TERMINAL, Card, CardState
from sps.model.errors import SpsError
from sps.model.project import Project
from sps.ports.store import CardQuery, Reading
from sps.ports.world import World

_GATES_MS = 24 * 3_600_000  # a card names its tree only when its gates are over
_log = logging.getLogger(__name__)


def tidy(world: World, project: str) -> int:
    """Remove the private HOMEs of agents whose card has ended, and what other machines brought for
    such cards; return how many cards' HOMEs were. Failing is no harm: it is told in the log, and
    tried again at the next start."""
    try:
        if world.shared and not world.joined:
            _forget_trees(world, project)
        return _remove_homes(world, project)
    except (SpsError, OSError) as err:
        _log.warning("not tidied up", extra={"project": project, "detail": str(err)})
        return 0


def _forget_trees(world: World, name: str) -> None:
    query = CardQuery(project=name, states=(*ACTIVE, CardState.NEEDS_HUMAN))

    def question(tx: Reading) -> tuple[Project | None, list[Card]]:
        return tx.project(name), tx.cards(query)

    project, cards = world.store.read(question)
    if project is not None:
        keep = {card.tree for card in cards if card.tree}
        world.vault.forget_trees(project, keep, before=world.clock.now() - _GATES_MS)


def _remove_homes(world: World, project: str) -> int:
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
