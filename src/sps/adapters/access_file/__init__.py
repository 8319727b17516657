"""The rights to come in, as a file of the home."""

from __future__ import annotations

from sps.adapters.access_file.file import AccessFile

__all__ = ["AccessFile"]
