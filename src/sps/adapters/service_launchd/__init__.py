"""The daemon as an agent of macOS's launchd."""

from __future__ import annotations

from sps.adapters.service_launchd.manager import LaunchdManager
from sps.adapters.service_launchd.plist import plist

__all__ = ["LaunchdManager", "plist"]
