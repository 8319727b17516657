"""`installed.json`: the records, and the digests that their owner trusts."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import msgspec

from sps.adapters.skill_store import records
from sps.lib import atomic, plain_file
from sps.model.errors import NewerData, WorkFailed
from sps.ports.skill_store import Installed

FILE = "installed.json"
VERSION = 1
_LIMIT = 64 * 1024 * 1024


class Trust(msgspec.Struct, frozen=True, kw_only=True):
    """That an owner trusts a digest, and whether its commands too. It outlives the records."""

    commands: bool = False


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file, records in the order in which they are shown."""

    version: int = VERSION
    trusted: dict[str, Trust] = {}
    skills: list[Installed] = []


class _Version(msgspec.Struct, frozen=True):
    version: int


def order(record: Installed) -> tuple[str, str, str]:
    """Return what records are sorted by."""
    return record.name, record.source, record.path


class ListingFile:
    """Reads the file again only when it is another one than before. Writers hold a lock."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._path = root / FILE
        self._last: tuple[tuple[int, int, int], Listing] | None = None
        self._guard = threading.Lock()

    def read(self) -> Listing:
        """Return the list, empty for a store that was never used.

        Raises `WorkFailed("skill-list-broken")`, `NewerData("newer-data")`.
        """
        try:
            found = os.stat(self._path, follow_symlinks=False)
        except FileNotFoundError:
            return self._missing()
        except OSError as err:
            raise self._broken(err.strerror or str(err)) from err
        mark = (found.st_ino, found.st_mtime_ns, found.st_size)
        with self._guard:
            if self._last is not None and self._last[0] == mark:
                return self._last[1]
        listing = self._parsed()
        with self._guard:
            self._last = (mark, listing)
        return listing

    def exists(self) -> bool:
        """Tell whether there is a file."""
        return os.path.lexists(self._path)

    def write(self, listing: Listing) -> None:
        """Replace the file, on disk when this returns."""
        atomic.write(self._path, msgspec.json.encode(listing) + b"\n")

    def _missing(self) -> Listing:
        try:
            names = os.listdir(self._root)
        except (FileNotFoundError, NotADirectoryError):
            return Listing()
        if any(records.is_digest(name) for name in names):
            raise self._broken("it is missing, though there are contents")
        return Listing()

    def _parsed(self) -> Listing:
        try:
            content, _ = plain_file.read(self._path, _LIMIT)
        except (plain_file.NotPlain, plain_file.TooLarge) as err:
            raise self._broken(f"it is {err}") from err
        except OSError as err:
            raise self._broken(err.strerror or str(err)) from err
        self._refuse_newer(content)
        try:
            listing = msgspec.json.decode(content, type=Listing)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as err:
            raise self._broken(str(err)) from err
        self._check(listing)
        return listing

    def _refuse_newer(self, content: bytes) -> None:
        try:
            version = msgspec.json.decode(content, type=_Version).version
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as err:
            raise self._broken(str(err)) from err
        if version > VERSION:
            says = f"{self._path} has version {version}, this program knows {VERSION}"
            hint = "use the program that wrote it, or a newer one"
            raise NewerData("newer-data", says, hint=hint, where=str(self._path))
        if version < VERSION:
            raise self._broken(f"there is no version {version}")

    def _check(self, listing: Listing) -> None:
        keys: set[tuple[str, str]] = set()
        for record in listing.skills:
            why = records.fault(record)
            if why is not None:
                raise self._broken(why)
            if (record.source, record.path) in keys:
                raise self._broken(f"two records of {record.source[:200]!r} {record.path[:200]!r}")
            keys.add((record.source, record.path))
        for digest in listing.trusted:
            if not records.is_digest(digest):
                raise self._broken(f"{digest[:80]!r} is no sha-256")

    def _broken(self, why: str) -> WorkFailed:
        says = f"the list of installed skills cannot be read: {why}"
        return WorkFailed("skill-list-broken", says, hint="sps doctor", where=str(self._path))
