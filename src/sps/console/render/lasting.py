"""How long something took, in words."""

from __future__ import annotations


def lasting(milliseconds: float) -> str:
    """Say how long something took."""
    seconds = max(0.0, milliseconds / 1000)
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} d {hours % 24} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
