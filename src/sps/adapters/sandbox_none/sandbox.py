"""Running a box's command directly on the host."""

from __future__ import annotations

from sps.lib.rlimit import limit_command
from sps.ports.sandbox import Box, Launch, Probe


class NoSandbox:
    """Keeps what can be kept without isolation: the exact environment, the working folder, limits
    on files. Everything of the owner is visible and the network is open, so a relay is not set up:
    the caller connects to the real endpoint. The number of processes is not bounded, because the
    kernel would count all of the owner's. The caller kills by tree and by tag.
    """

    name = "none"

    def launch(self, box: Box) -> Launch:
        """Return the command itself, with HOME set where the box has one."""
        limits = box.limits
        prefix = limit_command(
            open_files=limits.open_files,
            file_bytes=limits.file_bytes,
            memory_bytes=limits.memory_bytes,
        )
        home = {} if box.home is None else {"HOME": box.home}
        return Launch(argv=(*prefix, *box.argv), env={**box.env, **home}, cwd=box.cwd)

    def probe(self) -> Probe:
        """Nothing has to work for this."""
        return Probe(ok=True)
