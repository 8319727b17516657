"""Noticing changed card files within milliseconds. A hint only: the scan is the truth."""

from __future__ import annotations

from sps.adapters.watch_files.changes import changes

__all__ = ["changes"]
