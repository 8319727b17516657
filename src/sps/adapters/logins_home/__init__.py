"""The logins that a home keeps."""

from __future__ import annotations

from sps.adapters.logins_home.logins import HomeLogins

__all__ = ["HomeLogins"]
