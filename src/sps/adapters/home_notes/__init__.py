"""Settings and desk, each as a file of the home."""

from __future__ import annotations

from sps.adapters.home_notes.files import DeskNotes, SettingsNotes

__all__ = ["DeskNotes", "SettingsNotes"]
