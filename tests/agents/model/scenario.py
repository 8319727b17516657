"""What the model does. A card names its scenario: `[[scenario:NAME]]` in its text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from shlex import quote


@dataclass(frozen=True)
class Step:
    """One answer of the model: some words, and a shell command unless the turn is over. `asks`: it
    wants its person to be asked first, where the tool lets it say so."""

    say: str
    command: str = ""
    asks: bool = False


GREETING = "hello from a scripted model"
LONG = "sleep 7205"

# What a command can reach, tried from inside; names of the outside come with the environment.
_LOOK = """\
test -e /etc/resolv.conf && echo resolver
test -e "$OUTER_FILE" && echo file
test -e "$OUTER_REPOSITORY" && echo repository
for port in $OUTER_PORT $MODEL_PORT; do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && echo "port $port"
done
"""


def _patch(path: str) -> str:
    """Return the command by which Codex edits files: it takes this out of the shell's hands."""
    lines = f"*** Begin Patch\n*** Add File: {path}\n+{GREETING}\n*** End Patch\n"
    return f"apply_patch <<'EOF'\n{lines}EOF\n"


SCENARIOS: dict[str, tuple[Step, ...]] = {
    "write-and-run": (
        Step("I write the file first.", f"echo '{GREETING}' > greeting.txt"),
        Step("Now I count its lines.", "wc -l < greeting.txt > count.txt"),
        Step("I wrote greeting.txt and counted its lines."),
    ),
    "ask-and-run": (
        Step("May I write the file?", f"echo '{GREETING}' > greeting.txt", asks=True),
        Step("Now I count its lines.", "wc -l < greeting.txt > count.txt"),
        Step("I wrote greeting.txt and counted its lines."),
    ),
    # The claim of success without any work.
    "only-talk": (Step("Done. Everything that the card asks for is in place and tested."),),
    # One process in the background, in a session of its own, and one to wait for.
    "long-command": (
        Step("This takes a while.", f"setsid {LONG} & {LONG}"),
        Step("It is over."),
    ),
    "patch": (
        Step("I add a file.", _patch("greeting.txt")),
        Step("And one beside the workspace.", _patch("../beside.txt")),
        Step("I added them."),
    ),
    "look-around": (
        Step("I look around.", f"bash -c {quote(_LOOK)} > greeting.txt"),
        Step("I wrote down what I can reach."),
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
