"""A port for a server that is started later, and perhaps again on the same one."""

from __future__ import annotations

import random
import socket

# Below what systems hand out by themselves: nobody's outgoing connection takes it in the meantime.
_FROM, _TO = 12_000, 32_000
_pick = random.SystemRandom()


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on now."""
    while True:
        port = _pick.randrange(_FROM, _TO)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
