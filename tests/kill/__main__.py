"""`python -m tests.kill`: singles, the pairs inside landing (with and without a commit of the owner
in between) and inside salvage, and drawn pairs.

Environment: `STORE=postgres` plays on a server of our own instead of a file, `PAIRS` how many other
pairs are drawn (60), `SEED` of the draw (printed), `SINGLES=1` each point once and no pair, `ALL=1`
the whole matrix of pairs, resumable through `KILL_PROGRESS`, `JOBS` scenes at a time (2).
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.fakes import postgres_server
from tests.kill.points import kill_points
from tests.kill.scene import OWNER_COMMITS, Outcome, play

Plan = tuple[str, ...]
_LANDING = "land-"
_SALVAGE = ("collect-", "sweep-")
_FIRST = "work-after-run-row"  # a death here makes the next start recover something
_TOLD = 50  # scenes between two lines about how far it is
_LATER = ("sweep-",)  # points that only a recovery reaches


def singles(points: list[str]) -> list[Plan]:
    """Return one plan per point."""
    return [(_FIRST, point) if point.startswith(_LATER) else (point,) for point in points]


def plans(points: list[str], pairs: int, seed: int, *, whole: bool) -> list[Plan]:
    """Return the plans of a run, singles first."""
    if whole:
        return singles(points) + list(itertools.product(points, points))
    landing = [point for point in points if point.startswith(_LANDING)]
    salvage = [point for point in points if point.startswith(_SALVAGE)]
    inner: list[Plan] = list(itertools.product(landing, landing))
    inner += [(first, OWNER_COMMITS, second) for first, second in inner]
    inner += itertools.product(salvage, salvage)
    rest = [pair for pair in itertools.product(points, points) if pair not in set(inner)]
    drawn = random.Random(seed).sample(rest, min(pairs, len(rest)))
    return singles(points) + inner + drawn


def main() -> int:
    """Play the plans, print what went wrong, return the exit code."""
    points = kill_points()
    seed = int(os.environ.get("SEED") or time.time_ns() % 1_000_000)
    whole = bool(os.environ.get("ALL"))
    pairs = int(os.environ.get("PAIRS") or 60)
    alone = bool(os.environ.get("SINGLES"))
    chosen = singles(points) if alone else plans(points, pairs, seed, whole=whole)
    progress = Path(os.environ.get("KILL_PROGRESS") or ".kill-progress.json")
    done = _done_before(progress) if whole else set()
    left = [plan for plan in chosen if "+".join(plan) not in done]
    print(f"{len(points)} kill points, {len(left)} scenes, seed {seed}", flush=True)
    began = time.monotonic()
    reached, failed = _play_all(left, progress if whole else None, done)
    missed = [] if whole else sorted(set(points) - reached)
    for point in missed:
        print(f"NEVER REACHED {point}", flush=True)
    took = time.monotonic() - began
    print(f"{len(reached)} points reached, {took:.0f} s, seed {seed}")
    print(f"{len(left) - failed} passed, {failed + len(missed)} failed", flush=True)
    return 1 if failed or missed else 0


def _play_all(left: list[Plan], progress: Path | None, done: set[str]) -> tuple[set[str], int]:
    reached: set[str] = set()
    failed = 0
    with ThreadPoolExecutor(int(os.environ.get("JOBS") or 2)) as pool:
        for number, outcome in enumerate(pool.map(play, left), 1):
            reached |= set(outcome.reached)
            failed += bool(outcome.violations)
            _tell(outcome)
            if number % _TOLD == 0:
                print(f"  {number} of {len(left)} scenes, {failed} failed", flush=True)
            if progress is not None and not outcome.violations:
                done.add("+".join(outcome.plan))
                progress.write_text(json.dumps(sorted(done)))
    return reached, failed


def _tell(outcome: Outcome) -> None:
    if outcome.violations:
        print(f"VIOLATION at {' then '.join(outcome.plan)}", flush=True)
        for violation in outcome.violations:
            print(f"  {violation}", flush=True)


def _done_before(progress: Path) -> set[str]:
    try:
        return set(json.loads(progress.read_text()))
    except (FileNotFoundError, ValueError):
        return set()


if __name__ == "__main__":
    on_server = os.environ.get("STORE") == "postgres"
    with postgres_server.server() if on_server else contextlib.nullcontext():
        sys.exit(main())
