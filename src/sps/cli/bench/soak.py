"""Pages that stay open for long while cards move: what the process has grown by at the end."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import statistics
import time
from collections.abc import Iterator

from sps.cli.bench.bed import PROJECT, Bed
from sps.cli.bench.console import fill, memory
from sps.cli.bench.figures import Figure, figure
from sps.cli.bench.visitor import Visitor
from sps.model.errors import WorkFailed
from sps.services.change_project import ProjectChanges, set_project

_CARDS = 200
_PAGES = (f"/p/{PROJECT}/board", "/", "/review", "/workers", f"/p/{PROJECT}", f"/p/{PROJECT}/c/1")
_WAY = ("backlog", "planning")
_GROWN_KB = 2048.0
_GROWN_FILES = 4.0


def soak(bed: Bed, tabs: int, seconds: float) -> Iterator[Figure]:
    """Keep so many tabs open for so long; one after the other is loaded anew, as people do."""
    fill(bed, _CARDS)
    set_project(bed.world, PROJECT, ProjectChanges(pause=True))  # cards move, no agent starts
    bed.env["SPS_SSE_CLIENTS"] = str(tabs + 8)
    bed.start_daemon()
    try:
        time.sleep(2.0)
        with contextlib.closing(_Tabs(Visitor(bed), tabs)) as open_:
            samples = list(_watched(bed, open_, seconds))
            yield figure(f"changes told to {tabs} tabs", "messages", [float(open_.heard)])
            yield figure("tabs loaded anew", "tabs", [float(open_.loaded)])
    finally:
        bed.stop_daemon()
    quarters = [samples[len(samples) * n // 4 : len(samples) * (n + 1) // 4] for n in range(4)]
    for at, name, unit, most in (
        (0, "memory", "KB", _GROWN_KB), (1, "open files", "files", _GROWN_FILES),
    ):  # fmt: skip
        parts = [[one[at] for one in quarter] for quarter in quarters]
        for number, part in enumerate(parts, 1):
            yield figure(f"{name} in quarter {number}", unit, part)
        # What is kept for speed has filled up by then; what leaks goes on.
        grown = statistics.median(parts[3]) - statistics.median(parts[2])
        yield figure(f"{name}: grown in the last quarter", unit, [grown], most)


def _watched(bed: Bed, tabs: _Tabs, seconds: float) -> Iterator[tuple[float, float]]:
    """Move a card a step; give memory in KB and open files after each."""
    until, step = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        card, column = 1 + step // len(_WAY) % _CARDS, _WAY[step % len(_WAY)]
        tabs.move(card, column)
        tabs.read()
        if step % 4 == 3:
            tabs.load_one_anew()
        step += 1
        pid = bed.daemon_pid
        yield memory(pid), float(len(os.listdir(f"/proc/{pid}/fd")))


class _Tabs:
    """Open pages: each has loaded a page and follows live."""

    def __init__(self, visitor: Visitor, number: int) -> None:
        self._visitor = visitor
        self._lines: list[socket.socket] = []
        self._ready = selectors.DefaultSelector()
        self.heard = self.loaded = 0
        try:
            for _ in range(number):
                self._open()
        except BaseException:
            self.close()
            raise

    def move(self, card: int, column: str) -> None:
        path = f"/api/v1/projects/{PROJECT}/cards/{card}/move"
        self._visitor.post(path, {"column": column})

    def read(self) -> None:
        """Take what is there to be taken. Raises `WorkFailed` when a stream has ended."""
        while found := self._ready.select(0):
            for key, _ in found:
                part = os.read(key.fd, 65536)
                if not part:
                    raise WorkFailed("bench-failed", "a stream has ended")
                self.heard += part.count(b"data: {")

    def load_one_anew(self) -> None:
        """Close the tab that has been open longest, and open another."""
        line = self._lines.pop(0)
        self._ready.unregister(line)
        line.close()
        self._open()
        self.loaded += 1

    def close(self) -> None:
        self._ready.close()
        for line in self._lines:
            line.close()

    def _open(self) -> None:
        page = _PAGES[self.loaded % len(_PAGES)]
        self._visitor.get(page, {"Accept": "text/html"})
        line = self._visitor.follow(f"board:{PROJECT}")
        self._lines.append(line)
        self._ready.register(line, selectors.EVENT_READ)
