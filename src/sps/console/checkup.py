"""The checks of the home and its tools, looked at anew at most twice a minute."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING

from sps.services.doctor import Check, doctor

if TYPE_CHECKING:
    from sps.bootstrap import Wired

FRESH_S = 30.0


class Checkup:
    """What was found, and when. However many ask, one looks."""

    def __init__(self, world: Wired) -> None:
        self._world = weakref.proxy(world)
        self._looking = threading.Lock()
        self._found: tuple[float, int, list[Check]] | None = None

    def look(self, *, again: bool = False) -> tuple[int, list[Check]]:
        """Return when it was looked, in milliseconds, and what was found."""
        with self._looking:
            steady = self._world.clock.steady()
            if again or self._found is None or steady - self._found[0] >= FRESH_S:
                found = doctor(self._world, None)
                self._found = steady, self._world.clock.now(), found
            return self._found[1], self._found[2]


_of_world: weakref.WeakKeyDictionary[Wired, Checkup] = weakref.WeakKeyDictionary()


def checkup(world: Wired) -> Checkup:
    """Return the checkup of a world."""
    return _of_world.setdefault(world, Checkup(world))
