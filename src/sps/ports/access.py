"""The rights to come in, kept across restarts."""

from __future__ import annotations

from typing import Protocol

from sps.model.access import Grant


class Access(Protocol):
    """Grants by the hash of their secret. Changes are atomic across processes."""

    def grants(self) -> list[Grant]:
        """Return all, oldest first, expired ones too. Raises `Absent("access-broken")`."""
        ...

    def find(self, proof: str) -> Grant | None: ...
    def add(self, grant: Grant) -> None: ...

    def drop(self, grant_id: str) -> bool:
        """Take a grant back; False when it is not there. Of two who drop one, one gets True."""
        ...

    def touch(self, grant_id: str, at: int) -> None:
        """Note when a grant was last used; at most once a minute is written down."""
        ...
