"""One JSON file, mode 0600, replaced as a whole under a lock."""

from __future__ import annotations

import contextlib
import hmac
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from sps.lib import atomic, lock, plain_file
from sps.model.access import Grant
from sps.model.errors import Absent, Held

T = TypeVar("T")
_LIMIT = 4 * 1024 * 1024
_PATIENCE_S = 5.0
_MINUTE_MS = 60_000


class _Kept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: int = 1
    grants: list[Grant] = []


class AccessFile:
    """Implements `sps.ports.access.Access`. What was read stays known until the file changes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_of: tuple[tuple[int, int, int], dict[str, Grant]] | None = None

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
            status = os.stat(self._path)
        except FileNotFoundError:
            return {}
        now = (status.st_mtime_ns, status.st_size, status.st_ino)
        known = self._read_of  # threads share us: stamp and content change together
        if known is None or known[0] != now:
            known = self._read_of = (now, self._load())
        return known[1]

    def _load(self) -> dict[str, Grant]:
        try:
            content, _ = plain_file.read(self._path, _LIMIT)
            kept = msgspec.json.decode(content, type=_Kept)
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError, plain_file.NotPlain, plain_file.TooLarge) as err:
            says = f"{self._path} cannot be read: {err}"
            raise Absent("access-broken", says, hint=f"rm {self._path}, then: sps console") from err
        return {grant.id: grant for grant in kept.grants}

    def _change(self, change: Callable[[dict[str, Grant]], T]) -> T:
        with self._locked():
            known = dict(self._read())
            result = change(known)
            kept = _Kept(grants=sorted(known.values(), key=lambda grant: grant.created_at))
            atomic.write(self._path, msgspec.json.encode(kept))
            return result

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        place = self._path.with_name(self._path.name + ".lock")
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(lock.held(place, seconds=_PATIENCE_S))
            except TimeoutError as err:
                raise Held("access-locked", f"another process holds {place}") from err
            yield
