"""`Programs` over the one door to child processes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from sps.lib import process
from sps.model.errors import Absent, WorkFailed
from sps.ports.programs import Ran, Running


class LocalPrograms:
    """Runs programs of this machine."""

    def run(
        self, argv: Sequence[str], *, env: Mapping[str, str], cwd: str | None = None, timeout: float
    ) -> Ran:
        """Run to the end."""
        began = time.perf_counter()
        try:
            done = process.run(argv, env=env, cwd=cwd, timeout=timeout)
        except FileNotFoundError as err:
            raise Absent("program-missing", f"{argv[0]} is not installed") from err
        if done.timed_out:
            raise WorkFailed("program-timeout", f"{argv[0]} took longer than {timeout:g} s")
        return Ran(
            code=done.code,
            out=done.out.decode(errors="replace"),
            err=done.err.decode(errors="replace"),
            seconds=time.perf_counter() - began,
        )

    def start(self, argv: Sequence[str], *, env: Mapping[str, str], log: str) -> Running:
        """Start in a session of its own."""
        return process.Background(argv, env=env, log=log)
