"""The home's database as a file: for backups, and to go back after an upgrade."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class Snapshots(Protocol):
    """Copies of the database. A copy has mode 0600 and is checked before it counts. Where other
    programs make it, all raise `Absent("pg-dump-missing")` and `WorkFailed("dump-failed")`."""

    @property
    def name(self) -> str:
        """What a copy is called in a backup; says in what kind of place the cards are kept."""
        ...

    def there(self) -> bool:
        """Whether there is a database already, of whatever content."""
        ...

    def take(self, target: Path) -> int:
        """Copy the database as it is now, while others may work; return its schema's number.
        Raises `Absent("database-broken")`, `Held("database-locked")`."""
        ...

    def check(self, file: Path) -> int:
        """Return the schema's number of a copy. Raises `Absent("database-broken")` unless it is
        whole, `NewerData("newer-data")`; the file is left as it is."""
        ...

    def put_back(self, file: Path) -> None:
        """Let a checked copy be the database, in one step. Nobody may work on the home; of other
        machines that is looked at, and raises `Held("home-busy")`."""
        ...

    def is_one(self, file: Path) -> bool:
        """Whether a file is a database, not an archive."""
        ...
