"""Who is out of quota hands over; when all are, the card waits for the first who has some again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.model.event import EventKind
from sps.ports.agent import AgentKind
from tests.integration.scene import Make, Scene, file, scenes

pytestmark = pytest.mark.needs("bwrap", "git")

_AGENT = Path(__file__).with_name("poor_agent.py")
_PIPELINE = """\
version: 1
stages: [{name: develop, attempts: 1, timeout: 60s, idle_timeout: 40s}]
"""


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with scenes(tmp_path, _PIPELINE) as build:
        yield build


def _scene(make: Make, **poor: int) -> Scene:
    """A scene in which these agents have no quota, each for so many seconds."""
    scene = make()
    for name, seconds in poor.items():
        command = ("{python}", "-I", "-S", str(_AGENT), str(seconds))
        scene.world.registry.add(AgentKind(name=name, command=command, readonly=(str(_AGENT),)))
    return scene


def _told(scene: Scene, kind: EventKind) -> list[dict[str, object]]:
    return [event.payload for event in scene.events(1, kind)]


def test_next_agent_of_the_list_goes_on_at_once(make: Make) -> None:
    scene = _scene(make, poor=3600)
    scene.add(file("ok.txt", "ok\n"), agent="poor, scripted")
    scene.add(file("too.txt", "ok\n"), agent="poor, scripted", after=(1,))
    scene.tick()
    assert [scene.standing(seq) for seq in (1, 2)] == [("done", None)] * 2
    assert [(run.agent, run.outcome, run.attempt) for run in scene.runs(1)] == [
        ("poor", "rate-limit", 1),
        ("scripted", "ended", 1),
    ]
    # What one card has learnt another one knows.
    assert [run.agent for run in scene.runs(2)] == ["scripted"]
    [told] = _told(scene, EventKind.AGENT_HANDED_OVER)
    assert (told["agent"], told["to"]) == ("poor", "scripted")
    assert int(str(told["until"])) > scene.world.clock.now() + 3_000_000
    assert scene.repo.trailers("main^")["Agent"] == "scripted"


def test_card_waits_for_the_first_reset_when_all_are_out_of_quota(make: Make) -> None:
    scene = _scene(make, poor=3600, soon=2)
    scene.add("work", agent="poor, soon")
    scene.tick()
    assert scene.standing(1) == ("done", None)
    assert [(run.agent, run.outcome, run.attempt) for run in scene.runs(1)] == [
        ("poor", "rate-limit", 1),
        ("soon", "rate-limit", 1),
        ("soon", "ended", 1),
    ]
    runs = scene.runs(1)
    [told] = _told(scene, EventKind.AGENT_OUT_OF_QUOTA)
    assert told["agents"] == ["poor", "soon"]
    assert runs[2].started_at >= int(str(told["until"])) >= runs[1].started_at + 2000


def test_model_and_effort_are_what_the_card_asks_for(make: Make) -> None:
    scene = _scene(make, poor=1)
    scene.add("work", agent="poor", model="large", effort="high")
    scene.tick()
    assert scene.standing(1) == ("done", None)
    assert scene.repo.at("model.txt") == "large high"
    assert scene.repo.trailers()["Agent"] == "poor (large, high)"
    started = _told(scene, EventKind.RUN_STARTED)
    assert {(one["agent"], one["model"], one["effort"]) for one in started} == {
        ("poor", "large", "high")
    }


def test_model_that_is_not_offered_is_said_with_those_that_are(make: Make) -> None:
    scene = _scene(make, poor=0)
    scene.add("work", agent="poor", model="huge")
    scene.tick()
    assert scene.standing(1) == ("needs_human", "agent-missing")
    assert scene.card(1).detail == "poor has no model huge; it offers small, large"
