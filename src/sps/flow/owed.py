"""What is owed when a card is handed to a person; `fallout` carries it out."""

from __future__ import annotations

from sps.model.card import Card
from sps.model.reason import PIPELINE_BROKEN
from sps.ports.store import Message, Reading, Writing

FALLOUT = "fallout"


def owe(tx: Writing, card: Card, at: int) -> None:
    """Note that a card was handed to a person."""
    tx.post(Message(kind=FALLOUT, key=card.id), at)


def owing(tx: Reading) -> set[str]:
    """Return the projects in which something is owed that can be carried out now. What a pipeline
    says that cannot be read waits until it can."""
    cards = [tx.card(message.key) for message in tx.outbox(kind=FALLOUT)]
    names = {card.project for card in cards if card is not None}
    broken = {project.name for project in tx.projects() if project.halted == PIPELINE_BROKEN}
    return names - broken
