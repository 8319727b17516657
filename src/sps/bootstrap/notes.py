"""The small files of a home that are no work: who may come in, settings, the desk."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sps.ports.access import Access
    from sps.ports.home import Home
    from sps.ports.notes import DeskFile, SettingsFile


class Notes:
    """The part of a world that holds them."""

    home: Home

    @cached_property
    def access(self) -> Access:
        from sps.adapters.access_file import AccessFile

        return AccessFile(self.home.access)

    @cached_property
    def settings_file(self) -> SettingsFile:
        from sps.adapters.home_notes import SettingsNotes

        return SettingsNotes(self.home.settings)

    @cached_property
    def desk(self) -> DeskFile:
        from sps.adapters.home_notes import DeskNotes

        return DeskNotes(self.home.desk)
