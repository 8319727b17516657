"""One JSON file, mode 0600, replaced as a whole under a lock."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from sps.lib.kept_file import KeptFile, Taken, Unreadable
from sps.model.access import Grant
from sps.model.errors import Absent, Held

T = TypeVar("T")
_MINUTE_MS = 60_000


class _Kept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: int = 1
    grants: list[Grant] = []


class AccessFile:
    """Implements `sps.ports.access.Access`. What was read stays known until the file changes."""

    def __init__(self, path: Path) -> None:
        self._file = KeptFile(path, _Kept, _Kept())

    def grants(self) -> list[Grant]:
        return list(self._read().values())

    def find(self, proof: str) -> Grant | None:
        found = None
        for grant in self._read().values():  # all of them: how long it takes says nothing
            if hmac.compare_digest(grant.proof.encode(), proof.encode()):
                found = grant
        return found

    def add(self, grant: Grant) -> None:
        def change(known: dict[str, Grant]) -> None:
            known[grant.id] = grant

        self._change(change)

    def drop(self, grant_id: str) -> bool:
        return self._change(lambda known: known.pop(grant_id, None) is not None)

    def touch(self, grant_id: str, at: int) -> None:
        grant = self._read().get(grant_id)
        if grant is None or at - grant.used_at < _MINUTE_MS:
            return

        def change(known: dict[str, Grant]) -> None:
            if grant_id in known:  # taken back meanwhile
                known[grant_id] = msgspec.structs.replace(known[grant_id], used_at=at)

        self._change(change)

    def _read(self) -> dict[str, Grant]:
        try:
            kept = self._file.read()
        except Unreadable as err:
            raise self._broken(err) from err
        return {grant.id: grant for grant in kept.grants}

    def _change(self, change: Callable[[dict[str, Grant]], T]) -> T:
        def changed(kept: _Kept) -> tuple[_Kept, T]:
            known = {grant.id: grant for grant in kept.grants}
            result = change(known)
            grants = sorted(known.values(), key=lambda grant: grant.created_at)
            return _Kept(grants=grants), result

        try:
            return self._file.change(changed)
        except Unreadable as err:
            raise self._broken(err) from err
        except Taken as err:
            raise Held("access-locked", str(err)) from err

    def _broken(self, err: Unreadable) -> Absent:
        hint = f"rm {self._file.path}, then: sps console"
        return Absent("access-broken", str(err), hint=hint)
