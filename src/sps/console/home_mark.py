"""A few characters that tell this home from others: in the cookie's name and in event ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sps.bootstrap import Wired


def mark_of(world: Wired) -> str:
    """Return the mark of a home; no secret."""
    return world.home_id[-8:].lower()
