"""`python -m tests.cluster`: scripted cards by three workers, none twice, none lost.

Environment: `CARDS` how many (1000), `SECONDS` how long at most (3600).
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from tests.cluster.bed import Bed, bed
from tests.fakes import postgres_server

_WORKERS = 3
_BY_WORKER = """
SELECT w.worker, count(*), count(DISTINCT w.card_id) FROM sps.runs AS w
WHERE w.outcome = 'ended' GROUP BY w.worker ORDER BY w.worker
"""


def main() -> int:
    """Play, print the figures, return the exit code."""
    cards = int(os.environ.get("CARDS") or 1000)
    bound = float(os.environ.get("SECONDS") or 3600)
    with (
        tempfile.TemporaryDirectory(prefix="sps-cluster-") as folder,
        postgres_server.server() as server,
        bed(Path(folder), server, seats=9) as scene,
    ):
        scene.cards(cards)
        scene.up()
        for number in range(_WORKERS):
            scene.worker(f"w{number}", limit=3)
        began = time.monotonic()
        done = _play(scene, cards, began + bound)
        took = time.monotonic() - began
        print(f"{done} of {cards} cards in {took:.0f} s by {_WORKERS} workers and the home")
        for worker, runs, distinct in scene.ask(_BY_WORKER):
            print(f"  {worker}: {runs} sessions for {distinct} cards")
        return _judge(scene, cards)


def _play(scene: Bed, cards: int, end: float) -> int:
    told, done = time.monotonic(), 0
    while (done := scene.states()["done"]) < cards and time.monotonic() < end:
        if any(machine.process.poll() is not None for machine in scene.machines):
            print(scene.said())
            break
        if time.monotonic() - told > 30:
            told = time.monotonic()
            print(f"  {dict(scene.states())}", flush=True)
        time.sleep(0.5)
    return done


def _judge(scene: Bed, cards: int) -> int:
    """Say what is not as promised; return the exit code."""
    found = scene.judge(cards)
    twice = scene.ask(
        "SELECT card_id FROM sps.runs WHERE outcome = 'ended' GROUP BY card_id HAVING count(*) > 1"
    )
    found += [f"{name} was worked on twice" for (name,) in twice]
    for problem in found[:20]:
        print(f"VIOLATION {problem}")
    print("none twice, none lost, verify clean" if not found else f"{len(found)} violations")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
