"""The control of `test_hostile_agents`: what each agent does to a client without defences."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.redteam.naive_client import Naive

HOSTILE = Path(__file__).with_name("hostile_agent.py")
_Harm = Callable[[Naive], bool]

_HARMS: dict[str, _Harm] = {
    "garbage": lambda it: it.bad > 100,
    "not-objects": lambda it: it.bad > 100,
    "invalid-utf8": lambda it: it.bad > 100,
    "huge-frame": lambda it: it.longest > 8 << 20,
    "huge-valid-frame": lambda it: it.longest > 8 << 20,
    "frame-flood": lambda it: it.messages > 5000,
    "newline-flood": lambda it: it.messages > 5000,
    "byte-flood": lambda it: it.bytes > 16 << 20,
    "method-flood": lambda it: len(it.read) > 100 or it.stuck,
    "tool-flood": lambda it: it.messages > 1500,
    "stderr-flood": lambda it: it.stderr > 16 << 20,
    "some-garbage": lambda it: it.bad > 5,
    "hang-start": lambda it: not it.prompted,
    "hang-prompt": lambda it: it.prompted and not it.answered,
    "never-ending": lambda it: not it.answered and it.messages > 20,
    "dies": lambda it: not it.prompted,
    "exit-0": lambda it: it.prompted and not it.answered,
    "close-output": lambda it: it.prompted and not it.answered,
    "stubborn": lambda it: it.stubborn,
    "grandchildren": lambda it: it.survivors >= 1,
    "odd-permissions": lambda it: it.allowed > 20,
    "host-files": lambda it: any("root:" in text for text in it.read) and "../out" in it.wrote,
    "terminals": lambda it: it.answered is False,
    "answers": lambda it: it.bad == 0 and it.answered,
    "deep-answer": lambda it: it.bad > 0,
    "broken-error": lambda it: it.answered,
}

# These show themselves only when the session is over.
_LATE = {"stderr-flood", "stubborn", "grandchildren", "host-files", "answers", "broken-error",
         "terminals", "odd-permissions", "hang-start", "hang-prompt", "dies", "exit-0",
         "close-output"}  # fmt: skip
_ENOUGH = {name: harm for name, harm in _HARMS.items() if name not in _LATE}


def _never(client: Naive) -> bool:
    return False


@pytest.mark.parametrize("behaviour", _HARMS)
def test_a27_a28_a29_control_a_client_without_defences_is_harmed(
    tmp_path: Path, behaviour: str
) -> None:
    inner = tmp_path / "workspace"
    inner.mkdir()
    (inner / "big.txt").write_text("x" * 1024)
    seconds = (
        1.5 if behaviour.startswith(("hang", "never", "exit", "close", "dies", "stub")) else 6.0
    )
    client = Naive(HOSTILE, inner, seconds=seconds).hold(behaviour, _ENOUGH.get(behaviour, _never))
    assert _HARMS[behaviour](client), client
