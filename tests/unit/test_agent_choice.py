"""Which agent runs, with which model, is the word of whoever stands nearest to the card."""

from __future__ import annotations

import pytest

from sps.model.agent_choice import (
    AgentChoice,
    agents_complaint,
    choose,
    effort_complaint,
    model_complaint,
    names,
)
from sps.model.card import CardText
from sps.model.pipeline import Pipeline, Stage

_STAGE = Stage(name="develop", agent="claude, codex", model="opus", effort="high")
_PIPELINE = Pipeline(agent="gemini", model="pro")


@pytest.mark.parametrize(
    "card, stage, chosen",
    [
        ({}, Stage(name="x"), ("gemini", "pro", None)),
        ({}, _STAGE, ("claude, codex", "opus", "high")),
        ({"model": "sonnet"}, _STAGE, ("claude, codex", "sonnet", "high")),
        ({"agent": "codex"}, _STAGE, ("codex", None, None)),
        ({"agent": "codex", "effort": "low"}, _STAGE, ("codex", None, "low")),
        ({}, Stage(name="x", effort="max"), ("gemini", "pro", "max")),
    ],
)
def test_nearest_word_counts_and_a_model_goes_with_its_agent(
    card: dict[str, str], stage: Stage, chosen: tuple[str, str | None, str | None]
) -> None:
    found = choose((CardText(title="t", **card), stage, _PIPELINE), "scripted")
    agents, model, effort = chosen
    assert found == AgentChoice(agents=names(agents), model=model, effort=effort)


def test_without_a_word_it_is_the_projects_agent() -> None:
    found = choose((CardText(title="t"), Stage(name="x"), Pipeline()), "scripted")
    assert found == AgentChoice(agents=("scripted",))


def test_choice_reads_as_a_trailer() -> None:
    choice = AgentChoice(agents=("claude", "codex"), model="opus", effort="high")
    assert choice.words() == "claude (opus, high), codex"
    assert AgentChoice(agents=("claude",)).words() == "claude"


def test_names_are_checked() -> None:
    assert agents_complaint("claude, codex") is None
    assert "'cla ude' is no agent name" in (agents_complaint("cla ude, codex") or "")
    assert "at most 8 agents" in (agents_complaint(",".join(map(str, range(9)))) or "")
    assert model_complaint("anthropic/claude-opus-5[1m]") is None
    assert model_complaint("--flag") is not None
    assert effort_complaint("high") is None
    assert effort_complaint("High\n") is not None
