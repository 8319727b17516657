"""Other programs that the demo and the benchmark run, this one included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """A program that has ended. `seconds` is its wall time from start to end."""

    code: int
    out: str
    err: str
    seconds: float


class Running(Protocol):
    """A program that was started and not waited for."""

    @property
    def pid(self) -> int: ...
    def alive(self) -> bool: ...
    def stop(self, timeout: float) -> int:
        """SIGTERM, wait, SIGKILL the tree when it takes too long; return the exit code."""
        ...


class Programs(Protocol):
    """Runs programs outside any sandbox, with exactly the environment given."""

    def run(
        self, argv: Sequence[str], *, env: Mapping[str, str], cwd: str | None = None, timeout: float
    ) -> Ran:
        """Run to the end. Raises `WorkFailed("program-timeout")`, `Absent("program-missing")`."""
        ...

    def start(self, argv: Sequence[str], *, env: Mapping[str, str], log: str) -> Running:
        """Start in a session of its own; its output goes to a file. The caller stops it."""
        ...
