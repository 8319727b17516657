"""The checks of the home, or of one project, with the time at which somebody looked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.console.looking import Lookings
from sps.lib.times import rfc3339
from sps.services.doctor import Check, doctor

if TYPE_CHECKING:
    from sps.bootstrap import Wired

FRESH_S = 30.0  #: nobody looks again before, unless an operator wants it
KEPT_S = 3600.0


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, and when, in milliseconds."""

    at: int
    checks: list[Check]

    @property
    def when(self) -> str:
        return rfc3339(self.at)


def _found(world: Wired, project: str | None) -> Found:
    checks = doctor(world, project)
    return Found(at=world.clock.now(), checks=checks)


checkup = Lookings(_found)
