"""Programs of this machine."""

from __future__ import annotations

from sps.adapters.local_programs.programs import LocalPrograms

__all__ = ["LocalPrograms"]
