"""A value kept as one JSON file, mode 0600: replaced as a whole under a lock, known until it
changes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from sps.lib import atomic, lock, plain_file

V = TypeVar("V")
T = TypeVar("T")
_LIMIT = 4 * 1024 * 1024
_PATIENCE_S = 5.0


class Unreadable(Exception):
    """The file is there and holds no such value, or is no plain file."""


class Taken(Exception):
    """Another process holds the file's lock for too long."""


class KeptFile(Generic[V]):
    """One value in one file. Without the file it is `empty`."""

    def __init__(self, path: Path, kind: type[V], empty: V) -> None:
        self.path = path
        self._kind = kind
        self._empty = empty
        self._known: tuple[tuple[int, int, int], V] | None = None

    def read(self) -> V:
        """Return the value. Raises `Unreadable`."""
        try:
            status = os.stat(self.path)
        except FileNotFoundError:
            return self._empty
        now = (status.st_mtime_ns, status.st_size, status.st_ino)
        known = self._known  # threads share us: stamp and value change together
        if known is None or known[0] != now:
            known = self._known = (now, self._load())
        return known[1]

    def change(self, change: Callable[[V], tuple[V, T]]) -> T:
        """Replace the value by what `change` makes of it, and return what else it gives. Raises
        `Unreadable`, `Taken`."""
        with self._locked():
            value, result = change(self.read())
            atomic.write(self.path, msgspec.json.format(msgspec.json.encode(value), indent=1))
            return result

    def _load(self) -> V:
        try:
            content, _ = plain_file.read(self.path, _LIMIT)
            return msgspec.json.decode(content, type=self._kind)
        except FileNotFoundError:
            return self._empty
        except (OSError, msgspec.MsgspecError, plain_file.NotPlain, plain_file.TooLarge) as err:
            raise Unreadable(f"{self.path} cannot be read: {err}") from err

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        place = self.path.with_name(self.path.name + ".lock")
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(lock.held(place, seconds=_PATIENCE_S))
            except TimeoutError as err:
                raise Taken(f"another process holds {place}") from err
            yield
