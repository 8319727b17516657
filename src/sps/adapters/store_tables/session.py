"""What a store lends to the questions and changes of one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from sps.adapters.store_tables.rows import Row
from sps.model.errors import SpsError


class Cursor(Protocol):
    """The answer to a statement, as the Python database interface has it."""

    @property
    def description(self) -> Sequence[Any] | None: ...
    @property
    def rowcount(self) -> int: ...
    def fetchall(self) -> list[tuple[Any, ...]]: ...
    def fetchone(self) -> tuple[Any, ...] | None: ...


class Session(Protocol):
    """A connection inside a transaction, with the statements of its database by name."""

    def run(self, name: str, values: Row, /) -> Cursor:
        """Execute a named statement. Raises `Misuse("unstorable-value")`, and the errors of the
        database, which end the transaction."""
        ...

    def refused(self, err: Exception) -> bool:
        """Say whether a rule against a second of something turned a row away."""
        ...

    def broken(self, why: str) -> SpsError:
        """Return the error for a row that is no value of ours."""
        ...
