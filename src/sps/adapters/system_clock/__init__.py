"""Time, identity and chance as this machine has them."""

from __future__ import annotations

from sps.adapters.system_clock.chance import SystemChance
from sps.adapters.system_clock.clock import SystemClock
from sps.adapters.system_clock.ids import UlidIds

__all__ = ["SystemChance", "SystemClock", "UlidIds"]
