"""The measures, one function per budget of the architecture."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from sps.cli.bench.bed import PROJECT, Bed
from sps.cli.bench.figures import Figure, figure
from sps.model.card import CardText
from sps.model.event import Event, EventKind
from sps.model.transitions import Verb
from sps.services.ingest import ingest

AGENT_S = 0.5
_MANY = 10_000
_TICKS = os.sysconf("SC_CLK_TCK")


def card_body(number: int, seconds: float = AGENT_S) -> str:
    """Return a card that takes so long and writes a file of its own."""
    return f"```sleep\n{seconds}\n```\n```file path=out-{number}.txt\nmade {number}\n```\n"


def processes(bed: Bed) -> Iterator[Figure]:
    """The two commands people wait for most."""
    bed.sps("--version")
    yield figure("sps --version", "s", [bed.sps("--version").seconds for _ in range(15)], 0.05)
    adds = [bed.sps("card", "add", PROJECT, f"t{n}", "--hold").seconds for n in range(15)]
    yield figure("sps card add", "s", adds, 0.10)


def launch(bed: Bed) -> Iterator[Figure]:
    """From the start of the daemon to its first answer."""
    samples = []
    for _ in range(5):
        samples.append(bed.start_daemon())
        bed.stop_daemon()
    yield figure("daemon: start to first 200", "s", samples, 0.25)


def latencies(bed: Bed) -> Iterator[Figure]:
    """What a person waits for while the daemon runs."""
    bed.start_daemon()
    time.sleep(1.5)  # the first seconds belong to imports
    try:
        yield figure("card file changed to event", "s", list(_edits(bed, 20)), 0.025)
        yield figure("card add to agent prompted", "s", list(_prompts(bed, 10)), 0.3)
    finally:
        bed.stop_daemon()


def _edits(bed: Bed, times: int) -> Iterator[float]:
    stamp = bed.world.card_files.create(PROJECT, 900_000, CardText(title="edited", hold=True))
    path = bed.world.home.cards(PROJECT) / stamp.name
    bed.until(lambda: _seen(bed, 0, EventKind.CARD_ADDED, "edited"), 15, "no event of a new file")
    for number in range(times):
        last = bed.last_event()
        text = path.read_text().replace("\n---\n", f"\n---\nline {number}\n", 1)
        temporary = path.with_name(".edit.tmp")
        temporary.write_text(text)
        began = time.perf_counter()
        temporary.rename(path)
        bed.until(partial(_any, bed, last), 15, "no event of an edit")
        yield time.perf_counter() - began
        time.sleep(0.1)


def _seen(bed: Bed, after: int, kind: EventKind, title: str) -> bool:
    return any(e.kind is kind and e.payload.get("title") == title for e in bed.events(after))


def _prompts(bed: Bed, times: int) -> Iterator[float]:
    begun = (EventKind.RUN_TOOL, EventKind.RUN_PERMISSION, EventKind.RUN_SAID)
    for number in range(times):
        last = bed.last_event()
        began = time.perf_counter()
        bed.sps("card", "add", PROJECT, f"p{number}", f"```file path=p{number}.txt\nx\n```\n")
        bed.until(partial(_kinds, bed, last, begun), 20, "no prompt")
        yield time.perf_counter() - began
        landed = (EventKind.LAND_DONE,)
        bed.until(partial(_kinds, bed, last, landed), 30, "the card did not land")


def _any(bed: Bed, after: int) -> bool:
    return bool(bed.events(after))


def _kinds(bed: Bed, after: int, kinds: tuple[EventKind, ...]) -> bool:
    return any(event.kind in kinds for event in bed.events(after))


def throughput(bed: Bed, cards: int, rounds: int) -> Iterator[Figure]:
    """Cards at three at a time, from the start of the process to the last landing."""
    walls: list[float] = []
    overheads: list[float] = []
    number = 0
    for _ in range(rounds):
        for _ in range(cards):
            number += 1
            body = card_body(number)
            bed.sps("card", "add", PROJECT, f"card {number}", body)
        last = bed.last_event()
        walls.append(bed.sps("tick", PROJECT).seconds)
        overheads += _overheads(bed.events(last))
    yield figure(f"{cards} cards, 3 at a time, agent {AGENT_S} s", "s", walls, 10.0)
    yield figure("orchestration per card", "s", overheads, 0.4)


def _overheads(events: list[Event]) -> list[float]:
    """Return, per landed card, the seconds between start and landing that were neither the agent's
    nor a gate's."""
    began: dict[str, int] = {}
    gates: dict[str, float] = {}
    found: list[float] = []
    for event in events:
        card = event.card_id or ""
        if event.kind is EventKind.GATE_RAN and not event.payload["cached"]:
            gates[card] = gates.get(card, 0.0) + event.payload["seconds"]
        if event.kind is EventKind.CARD_MOVED and event.payload["verb"] == Verb.START.value:
            began.setdefault(card, event.at)
        if event.kind is EventKind.CARD_MOVED and event.payload["verb"] == Verb.LANDED.value:
            wall = (event.at - began[card]) / 1000
            found.append(max(0.0, wall - AGENT_S - gates.get(card, 0.0)))
    return found


def idle(bed: Bed, seconds: float) -> Iterator[Figure]:
    """What a daemon costs that has nothing to do."""
    bed.start_daemon()
    try:
        time.sleep(5)
        before = _cpu(bed.daemon_pid)
        time.sleep(seconds)
        spent = _cpu(bed.daemon_pid) - before
        yield figure(f"idle daemon over {seconds:g} s: CPU", "%", [100 * spent / seconds], 1.0)
        yield figure("idle daemon: memory", "MB", [_memory(bed.daemon_pid)], 150.0)
    finally:
        bed.stop_daemon()


def scale(bed: Bed) -> Iterator[Figure]:
    """Ten thousand cards in one project."""
    folder = bed.world.home.cards(PROJECT)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, _MANY + 1):
        text = f'---\ntitle: "card {number}"\nhold: true\n---\n'
        (folder / f"{number}-card-{number}.md").write_text(text, encoding="utf-8")
    began = time.perf_counter()
    ingest(bed.world, PROJECT)
    yield figure(f"first scan of {_MANY} card files", "s", [time.perf_counter() - began])
    began = time.perf_counter()
    ingest(bed.world, PROJECT)
    yield figure(f"scan of {_MANY} unchanged card files", "s", [time.perf_counter() - began])
    lists = [bed.sps("card", "list", PROJECT, "--limit", "50").seconds for _ in range(10)]
    yield figure(f"card list of a page of {_MANY}", "s", lists, 0.1)
    starts, memory = [], []
    for _ in range(3):
        starts.append(bed.start_daemon())
        time.sleep(3)
        memory.append(_memory(bed.daemon_pid))
        bed.stop_daemon()
    yield figure(f"daemon start with {_MANY} cards", "s", starts, 3.0)
    yield figure(f"daemon memory with {_MANY} cards", "MB", memory, 300.0)


def _cpu(pid: int) -> float:
    text = Path(f"/proc/{pid}/stat").read_text()
    fields = text[text.rindex(")") + 2 :].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _memory(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2
