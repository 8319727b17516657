"""The console's budgets: first answer, board, a changed file on every screen, many streams."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from sps.cli.bench.bed import PROJECT, Bed
from sps.cli.bench.browser import browser
from sps.cli.bench.figures import Figure, figure
from sps.cli.bench.visitor import Visitor
from sps.model.card import CardText
from sps.services.ingest import ingest

_ROUNDS = 40


def console(bed: Bed, cards: int, streams: int) -> Iterator[Figure]:
    """Everything that a person at the console waits for, with so many cards and so many streams."""
    yield figure("console: launch to first 200", "s", [_launched(bed) for _ in range(5)], 0.25)
    fill(bed, cards)
    bed.env["SPS_SSE_CLIENTS"] = str(streams + 8)
    bed.start_daemon()
    try:
        time.sleep(2.0)  # the first seconds belong to imports and to the first look at all files
        visitor = Visitor(bed)
        api = [visitor.get(f"/api/v1/projects/{PROJECT}/board")[0] for _ in range(_ROUNDS)]
        yield figure(f"board API with {cards} cards", "s", api, 0.010)
        pages = [visitor.get(f"/p/{PROJECT}/board", _PAGE) for _ in range(_ROUNDS)]
        yield figure(f"board page with {cards} cards", "s", [one[0] for one in pages])
        yield figure("board page: size", "KB", [len(pages[-1][1]) / 1024], 450.0)
        yield figure(
            "card file changed to event in the page", "s", list(_edits(bed, visitor)), 0.025
        )
        yield from browser(bed, visitor.port, cards)
        yield from _crowd(bed, visitor, streams)
    finally:
        bed.stop_daemon()


_PAGE = {"Accept": "text/html"}


def _launched(bed: Bed) -> float:
    seconds = bed.start_daemon()
    bed.stop_daemon()
    return seconds


def fill(bed: Bed, cards: int) -> None:
    """Put so many cards into planning."""
    folder = bed.world.home.cards(PROJECT)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, cards + 1):
        text = f'---\ntitle: "card {number}"\nhold: true\n---\n'
        (folder / f"{number}-card-{number}.md").write_text(text, encoding="utf-8")
    ingest(bed.world, PROJECT)


def _edits(bed: Bed, visitor: Visitor) -> Iterator[float]:
    stamp = bed.world.card_files.create(PROJECT, 900_000, CardText(title="edited", hold=True))
    path = bed.world.home.cards(PROJECT) / stamp.name
    time.sleep(1.0)
    with contextlib.closing(visitor.follow(f"board:{PROJECT}")) as line:
        for number in range(20):
            yield _edited(path, number, [line])[0]
            time.sleep(0.1)


def _edited(path: Path, number: int, lines: list[socket.socket]) -> list[float]:
    """Change a card's file; return when each stream has told it, in seconds."""
    text = path.read_text().replace("\n---\n", f"\n---\nline {number}\n", 1)
    temporary = path.with_name(".edit.tmp")
    temporary.write_text(text)
    began = time.perf_counter()
    temporary.rename(path)
    told = []
    for line in lines:
        heard = b""
        while b"data: {" not in heard:
            heard += line.recv(65536)
        told.append(time.perf_counter() - began)
    return told


def _crowd(bed: Bed, visitor: Visitor, streams: int) -> Iterator[Figure]:
    """So many streams at once: what each costs, and when the last one has heard of a change."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, streams + 1024), hard))
    folder = bed.world.home.cards(PROJECT)
    path = next(file for file in folder.iterdir() if file.name.startswith("900000-"))
    before, lines = memory(bed.daemon_pid), []
    try:
        for _ in range(streams):
            lines.append(visitor.follow(f"board:{PROJECT}"))
            time.sleep(0.018)  # as many as one visitor may ask for
        grown = memory(bed.daemon_pid) - before
        yield figure(f"memory per stream of {streams}", "KB", [grown / streams])
        lasts = []
        for number in range(100, 110):
            lasts.append(max(_edited(path, number, lines)))
            time.sleep(0.5)
        yield figure(f"card file changed to the last of {streams} streams", "s", lasts, 0.3)
    finally:
        for line in lines:
            line.close()


def memory(pid: int) -> float:
    """Return the resident memory in KB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024
