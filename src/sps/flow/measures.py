"""What this process counts about its own work. Labels are of finite number: step names, outcome
classes, agent kinds, reason codes; never a card, a branch or a path."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator

from sps.lib.histogram import Counter, Histogram
from sps.model.card import Card, CardState
from sps.model.event import Event, EventKind

_STEP_BUCKETS = (0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600, 1800, 3600)
_LAND_BUCKETS = (60, 120, 300, 600, 1800, 3600, 7200, 14400, 28800, 86400)

STEPS = Histogram(
    "sps_step_seconds",
    "Time of a step, with its wait for a seat or the landing lane, by step and outcome class",
    ("step", "outcome"),
    _STEP_BUCKETS,
)
LANDED = Histogram("sps_card_landed_seconds", "Time from card added to landed", (), _LAND_BUCKETS)
GATES = Histogram("sps_gate_seconds", "Time of a gate command, by outcome", ("outcome",),
                  _STEP_BUCKETS)  # fmt: skip
RUNS = Counter("sps_runs_ended_total", "Agent sessions ended, by agent kind and outcome",
               ("agent", "outcome"))  # fmt: skip
BLOCKS = Counter("sps_card_blocks_total", "Cards handed to a person, by reason code", ("code",))

ALL = (STEPS, LANDED, GATES, RUNS, BLOCKS)

_STEPS = {
    CardState.RUNNING: "work",
    CardState.GATING: "gate",
    CardState.REVIEW: "review",
    CardState.LANDING: "land",
}


class Outcome:
    """How a step came out; `cut` until it is told otherwise."""

    def __init__(self) -> None:
        self.kind = "cut"

    def is_now(self, after: Card) -> None:
        """Take the outcome from the card after the step."""
        if after.state is CardState.NEEDS_HUMAN:
            self.kind = "blocked"
        elif after.state is CardState.READY:
            self.kind = "back"
        else:
            self.kind = "waits" if after.reason else "on"


@contextlib.contextmanager
def step(card: Card) -> Iterator[Outcome]:
    """Measure the step of the state a card is in."""
    outcome, began = Outcome(), time.monotonic()
    try:
        yield outcome
    finally:
        STEPS.observe(time.monotonic() - began, _STEPS[card.state], outcome.kind)


def moved(card: Card) -> None:
    """Count what a card's move to where it is now means."""
    if card.state is CardState.DONE:
        LANDED.observe(max(0, card.updated_at - card.created_at) / 1000)
    if card.state is CardState.NEEDS_HUMAN:
        BLOCKS.add(card.reason or "")


def told(events: Iterable[Event]) -> None:
    """Count what stored events say."""
    for event in events:
        if event.kind is EventKind.RUN_ENDED:
            RUNS.add(str(event.payload["agent"]), str(event.payload["outcome"]))


def gate_ran(seconds: float, *, ok: bool, timed_out: bool) -> None:
    """Count one run of a gate command."""
    GATES.observe(seconds, "passed" if ok else "timed-out" if timed_out else "failed")
