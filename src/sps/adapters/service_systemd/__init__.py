"""The daemon as a unit of the user's systemd."""

from __future__ import annotations

from sps.adapters.service_systemd.manager import SystemdManager
from sps.adapters.service_systemd.unit import unit

__all__ = ["SystemdManager", "unit"]
