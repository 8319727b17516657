"""What the model does. A card names its scenario: `[[scenario:NAME]]` in its text."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One answer of the model: some words, and a shell command unless the turn is over."""

    say: str
    command: str = ""


GREETING = "hello from a scripted model\n"
LONG = "sleep 7205"

SCENARIOS: dict[str, tuple[Step, ...]] = {
    "write-and-run": (
        Step("I write the file first.", f"printf '{GREETING.strip()}\\n' > greeting.txt"),
        Step("Now I count its lines.", "wc -l < greeting.txt > count.txt"),
        Step("I wrote greeting.txt and counted its lines."),
    ),
    # The claim of success without any work.
    "only-talk": (Step("Done. Everything that the card asks for is in place and tested."),),
    # One process in the background, in a session of its own, and one to wait for.
    "long-command": (
        Step("This takes a while.", f"touch started.txt; setsid {LONG} & {LONG}"),
        Step("It is over."),
    ),
    "curious": (
        Step(
            "I look around.",
            "{ test -e /etc/resolv.conf && echo resolver;"
            ' for place in "$OUTER_HOME" "$OUTER_REPO"; do test -e "$place" && echo "$place"; done;'
            ' (exec 3<>"/dev/tcp/127.0.0.1/$OUTER_PORT") 2>/dev/null && echo other-port;'
            ' (exec 3<>"/dev/tcp/127.0.0.1/$MODEL_PORT") 2>/dev/null && echo relay;'
            " } > seen.txt 2>/dev/null",
        ),
        Step("I looked around."),
    ),
}

_MARK = re.compile(r"\[\[scenario:([a-z-]+)\]\]")


def named(text: str) -> str | None:
    """Return the scenario that a text names last, if it names a known one."""
    names = [name for name in _MARK.findall(text) if name in SCENARIOS]
    return names[-1] if names else None


def step(scenario: str, number: int) -> Step:
    """Return a scenario's step, counted from 0; beyond its end it stays at the last one."""
    steps = SCENARIOS[scenario]
    return steps[min(number, len(steps) - 1)]
