"""Somebody at the console: asks, changes, and follows live."""

from __future__ import annotations

import json
import socket
import time
from http.client import HTTPConnection

from sps.cli.bench.bed import Bed
from sps.model.access import GrantKind, Role
from sps.model.errors import WorkFailed
from sps.services.access import grant
from sps.services.status import living_daemon

_PATIENCE_S = 20.0


class Visitor:
    """A program that has a personal token and keeps its connection."""

    def __init__(self, bed: Bed) -> None:
        secret, _ = grant(bed.world, GrantKind.TOKEN, Role.ADMIN, "bench")
        found = living_daemon(bed.world.home)
        if found is None:
            raise WorkFailed("bench-failed", "the daemon is gone")
        self.port = found.port
        self.head = {"Authorization": f"Bearer {secret}"}
        self._line = HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE_S)

    def get(self, path: str, more: dict[str, str] | None = None) -> tuple[float, bytes]:
        """Return the seconds that an answer took, and its body; at a pace that is not refused."""
        time.sleep(0.02)
        return self._ask("GET", path, None, more or {})

    def post(self, path: str, value: dict[str, object]) -> tuple[float, bytes]:
        """Change something; at a pace that is not refused."""
        time.sleep(0.2)
        return self._ask("POST", path, json.dumps(value), {"Content-Type": "application/json"})

    def _ask(
        self, verb: str, path: str, body: str | None, more: dict[str, str]
    ) -> tuple[float, bytes]:
        began = time.perf_counter()
        self._line.request(verb, path, body, headers={**self.head, **more})
        answer = self._line.getresponse()
        heard = answer.read()
        if answer.status != 200:
            raise WorkFailed("bench-failed", f"{path}: {answer.status} {heard[:200]!r}")
        return time.perf_counter() - began, heard

    def follow(self, view: str) -> socket.socket:
        """Open a stream and return its socket once it is live."""
        line = socket.create_connection(("127.0.0.1", self.port), timeout=_PATIENCE_S)
        head = {"Host": f"127.0.0.1:{self.port}", **self.head}
        lines = [f"GET /events?view={view} HTTP/1.1", *(f"{k}: {v}" for k, v in head.items())]
        line.sendall("\r\n".join([*lines, "", ""]).encode())
        heard = b""
        while b"retry:" not in heard:
            part = line.recv(65536)
            if not part:
                raise WorkFailed("bench-failed", f"no stream: {heard[:200]!r}")
            heard += part
        return line
