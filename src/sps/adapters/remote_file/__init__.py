"""Access from other machines, kept in one file of the home."""

from __future__ import annotations

from sps.adapters.remote_file.file import RemoteFile

__all__ = ["RemoteFile"]
