"""What the skills of a home did, read on from where the last visitor's question ended."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from sps.services.skill_ledger import Book

if TYPE_CHECKING:
    from sps.bootstrap import Wired

_of_world: weakref.WeakKeyDictionary[Wired, Book] = weakref.WeakKeyDictionary()


def book(world: Wired) -> Book:
    """Return the book of a world."""
    return _of_world.setdefault(world, Book())
