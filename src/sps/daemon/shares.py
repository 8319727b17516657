"""Fair shares: which project starts its next card, when several could.

Slots are shared, not starts: a project whose cards take long does not get fewer hands for it. The
one with the fewest agents at work comes first; among equals the one that was served longest ago. So
a project that has something to start and no agent is served after at most one start of each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Shares:
    """Who was served when, as far as this process has seen."""

    served: tuple[str, ...] = ()  #: projects, the one that was served last at the end

    def order(self, working: Mapping[str, int]) -> list[str]:
        """Return projects in the order in which they may start a card; `working` counts agents."""
        ages = {name: age for age, name in enumerate(self.served)}
        return sorted(working, key=lambda name: (working[name], ages.get(name, -1), name))

    def after(self, started: Iterable[str]) -> Shares:
        """Return the shares once these projects have started a card, in this order."""
        served = list(self.served)
        for name in started:
            served = [one for one in served if one != name] + [name]
        return Shares(tuple(served))
