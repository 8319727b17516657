"""Two JSON files, each replaced as a whole under a lock."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sps.lib.kept_file import KeptFile, Taken, Unreadable
from sps.model.desk import Desk
from sps.model.errors import Absent, Held

T = TypeVar("T")


class SettingsNotes:
    """Implements `sps.ports.notes.SettingsFile`. An owner may edit the file by hand: numbers count
    as they are written."""

    def __init__(self, path: Path) -> None:
        self._file: KeptFile[dict[str, str | int | bool]] = KeptFile(
            path, dict[str, str | int | bool], {}
        )

    def read(self) -> dict[str, str]:
        try:
            return _words(self._file.read())
        except Unreadable as err:
            raise self._broken(err) from err

    def change(self, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
        try:
            self._file.change(lambda kept: (dict(change(_words(kept))), None))
        except Unreadable as err:
            raise self._broken(err) from err
        except Taken as err:
            raise Held("settings-locked", str(err)) from err

    def _broken(self, err: Unreadable) -> Absent:
        path = self._file.path
        return Absent("settings-broken", str(err), where=str(path), hint=f"mend or remove {path}")


class DeskNotes:
    """Implements `sps.ports.notes.DeskFile`."""

    def __init__(self, path: Path) -> None:
        self._file = KeptFile(path, Desk, Desk())

    def read(self) -> Desk:
        try:
            return self._file.read()
        except Unreadable as err:
            raise self._broken(err) from err

    def change(self, change: Callable[[Desk], tuple[Desk, T]]) -> T:
        try:
            return self._file.change(change)
        except Unreadable as err:
            raise self._broken(err) from err
        except Taken as err:
            raise Held("desk-locked", str(err)) from err

    def _broken(self, err: Unreadable) -> Absent:
        path = self._file.path
        return Absent("desk-broken", str(err), where=str(path), hint=f"mend or remove {path}")


def _words(kept: dict[str, str | int | bool]) -> dict[str, str]:
    return {name: str(value) for name, value in kept.items()}
