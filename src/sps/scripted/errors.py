"""The ways in which a turn ends early."""

from __future__ import annotations


class StepFailedError(Exception):
    """A block could not be carried out; the text says why."""


class BadBlockError(Exception):
    """A block of the card failed, or is not written as it has to be.

    `line` counts from 1 in the card's body; 0 stands for the end of a review without a block.
    """

    def __init__(self, line: int, says: str) -> None:
        where = f"block at line {line}" if line else "review"
        super().__init__(f"{where} failed: {says}")
        self.line = line


class CancelledTurnError(Exception):
    """The client cancelled the turn."""


class RefusedTurnError(Exception):
    """The card tells the agent to refuse."""


class BadRequestError(Exception):
    """A request of the client that cannot be served: JSON-RPC code and text."""

    def __init__(self, code: int, says: str) -> None:
        super().__init__(says)
        self.code = code
