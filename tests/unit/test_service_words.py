"""Every reason and every event has words, and every command in them exists."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import click
import pytest

from sps.cli.main import root
from sps.model.card import Card, CardState, CardText
from sps.model.event import Event, EventKind
from sps.model.reason import AWAITING, FOR_A_PERSON
from sps.model.run import FAILURES, FailureKind
from sps.services.advice import ADVICE, advice
from sps.services.telling import LEVELS, level, sentence

FLOW = Path(__file__).parents[2] / "src" / "sps" / "flow"
CODE = re.compile(r"[a-z]+(-[a-z]+)*\Z")
CALLS = {"Trouble", "Misuse", "Absent", "Held", "WorkFailed"}
CARD = Card(
    project="demo", seq=7, id="C", text=CardText(title="T"), state=CardState.NEEDS_HUMAN,
    created_at=0, updated_at=0,
)  # fmt: skip


def codes() -> set[str]:
    """Collect the reason codes that the flow can give a card."""
    found = {outcome.value for outcome, kind in FAILURES.items() if kind is not FailureKind.NONE}
    for path in [*FLOW.glob("*.py"), FLOW.parent / "model" / "reason.py"]:
        for node in ast.walk(ast.parse(path.read_text())):
            found |= set(_codes_of(node))
    return {code for code in found if CODE.match(code)}


def _codes_of(node: ast.AST) -> list[str]:
    nodes: list[ast.expr] = []
    if isinstance(node, ast.keyword) and node.arg in ("reason", "code"):
        nodes = [node.value]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
        nodes = node.args[:1]
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        value = node.value
        if node.targets[0].id.isupper() and isinstance(value, ast.Constant):
            nodes = [value] if "-" in str(value.value) else []
    return [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]


def test_every_reason_of_the_flow_has_advice() -> None:
    used = codes()
    assert {"gate-failed", AWAITING, "cycle", "secret", "timeout", "target-dirty"} <= used
    assert used - ADVICE.keys() == set()
    assert ADVICE.keys() >= FOR_A_PERSON


@pytest.mark.parametrize("reason", sorted(ADVICE))
def test_advice_names_a_command_that_exists(reason: str) -> None:
    known = advice(reason, CARD, "/repo")
    assert known.says.endswith(".")
    if not known.command or known.command.startswith("git "):
        return
    words = shlex.split(known.command)
    assert words[0] == "sps"
    command: click.Command = root
    for word in words[1:]:
        if not isinstance(command, click.Group):
            break
        found = command.get_command(click.Context(command), word)
        assert found is not None, known.command
        command = found


def test_unknown_reason_is_given_as_it_is() -> None:
    assert "engine-on-fire" in advice("engine-on-fire", CARD, "/repo").says


@pytest.mark.parametrize("kind", list(EventKind))
def test_every_event_has_a_sentence_and_a_level_even_with_an_empty_payload(kind: EventKind) -> None:
    event = Event(project="demo", kind=kind, at=0)
    assert sentence(event).strip()
    assert level(event) in LEVELS
