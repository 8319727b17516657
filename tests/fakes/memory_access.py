"""The rights to come in, in memory. Implements `sps.ports.access.Access`."""

from __future__ import annotations

import threading

import msgspec

from sps.model.access import Grant

_MINUTE_MS = 60_000


class MemoryAccess:
    """Grants that end with the test."""

    def __init__(self) -> None:
        self._grants: dict[str, Grant] = {}
        self._lock = threading.Lock()

    def grants(self) -> list[Grant]:
        return sorted(self._grants.values(), key=lambda grant: grant.created_at)

    def find(self, proof: str) -> Grant | None:
        return next((grant for grant in self._grants.values() if grant.proof == proof), None)

    def add(self, grant: Grant) -> None:
        with self._lock:
            self._grants[grant.id] = grant

    def drop(self, grant_id: str) -> bool:
        with self._lock:
            return self._grants.pop(grant_id, None) is not None

    def touch(self, grant_id: str, at: int) -> None:
        with self._lock:
            grant = self._grants.get(grant_id)
            if grant is not None and at - grant.used_at >= _MINUTE_MS:
                self._grants[grant_id] = msgspec.structs.replace(grant, used_at=at)
