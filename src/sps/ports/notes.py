"""The small files of a home that are no work: its settings, and what lies on its desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from sps.model.desk import Desk

T = TypeVar("T")


class SettingsFile(Protocol):
    """The owner's settings by key, as they were written. Changes are atomic across processes."""

    def read(self) -> dict[str, str]:
        """Raises `Absent("settings-broken")`."""
        ...

    def change(self, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
        """Replace them as a whole. Raises `Absent("settings-broken")`,
        `Held("settings-locked")`."""
        ...


class DeskFile(Protocol):
    """The desk. Changes are atomic across processes."""

    def read(self) -> Desk:
        """Raises `Absent("desk-broken")`."""
        ...

    def change(self, change: Callable[[Desk], tuple[Desk, T]]) -> T:
        """Replace it as a whole. Raises `Absent("desk-broken")`, `Held("desk-locked")`."""
        ...
