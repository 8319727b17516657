"""The end of a worker that others may think dead."""

from __future__ import annotations

from sps.model.errors import Held


class LeaseLost(Held):
    """Others may have our cards by now; all our agents are dead."""

    def __init__(self) -> None:
        super().__init__(
            "lease-lost", "this worker lost its lease: its agents were ended", hint="sps worker ps"
        )
