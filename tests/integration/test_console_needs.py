"""What needs somebody: the queue, acting in it, putting off, pausing, running empty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.model.access import Role
from sps.model.card import Card, CardState, CardText
from sps.model.event import Event, EventKind
from sps.model.pipeline import Budget
from sps.model.reason import AWAITING
from sps.ports.store import EventQuery, Writing
from sps.services import snoozing
from sps.services.edit_card import CardChanges, edit_card
from sps.services.ingest import ingest
from sps.services.settings import change_settings
from sps.services.standing import standing
from sps.services.status import status
from sps.services.tune_pipeline import raise_budget
from tests.fakes.clock import FakeClock
from tests.fakes.small_world import card_in
from tests.integration.console_scene import Client, ConsoleScene, console_scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[ConsoleScene]:
    with console_scene(tmp_path) as made:
        yield made


@pytest.fixture
def client(scene: ConsoleScene) -> Client:
    return scene.client()


def _failed(scene: ConsoleScene, reason: str = "gate-failed") -> Card:
    return card_in(scene.world, CardState.NEEDS_HUMAN, reason=reason, detail="gate unit failed")


def _now(scene: ConsoleScene, card: Card) -> Card:
    found = scene.world.store.read(lambda tx: tx.card(card.id))
    assert found is not None
    return found


def _pass(scene: ConsoleScene, hours: float) -> None:
    clock = scene.world.clock
    assert isinstance(clock, FakeClock)
    clock.set_wall(int(clock.now() + hours * 3_600_000))


def test_failed_card_is_retried_from_the_queue(scene: ConsoleScene, client: Client) -> None:
    card = _failed(scene)
    assert 'action="/p/demo/c/1/retry"' in client.get("/").text
    assert client.post_form("/p/demo/c/1/retry", {"back": "/"}).headers["location"] == "/"
    assert _now(scene, card).state is CardState.READY
    assert "Nothing needs you." in client.get("/").text


def test_answer_reaches_the_agent_and_sends_the_card_back(
    scene: ConsoleScene, client: Client
) -> None:
    card = _failed(scene)
    reply = client.post_form("/p/demo/c/1/answer", {"text": "Use port 8080."})
    assert reply.status == 303
    assert _now(scene, card).state is CardState.READY
    assert "Use port 8080." in client.get("/p/demo/c/1").text


def test_answer_to_a_card_that_waits_for_none_is_refused_and_says_nothing(
    scene: ConsoleScene, client: Client
) -> None:
    card_in(scene.world, CardState.BACKLOG)
    assert client.post_form("/p/demo/c/1/answer", {"text": "What?"}).status in (409, 422)
    assert "What?" not in client.get("/p/demo/c/1").text


def test_used_up_budget_is_raised_and_the_card_goes_on(scene: ConsoleScene, client: Client) -> None:
    card = _failed(scene, "budget")
    assert "Raise the budget" in client.get("/").text
    assert client.post_form("/p/demo/c/1/budget", {"usd": "5", "tokens": "900"}).status == 303
    assert scene.world.pipeline_files.load("demo").budget == Budget(tokens=900, usd=5.0)
    assert _now(scene, card).state is CardState.READY


def test_answer_that_cannot_send_the_card_back_is_not_said_either(
    scene: ConsoleScene, client: Client
) -> None:
    card = _failed(scene)
    edit_card(scene.world, "demo", card.seq, CardChanges(agent="scripted"))
    file = scene.world.home.cards("demo") / str(scene.world.card_files.find("demo", card.seq))
    file.write_text(file.read_text().replace('agent: "scripted"', "after: [99]"))
    ingest(scene.world, "demo")
    reply = client.post_form("/p/demo/c/1/answer", {"text": "Use port 8080."})
    assert (reply.status, "Card 99" in reply.text) == (404, True)
    events = scene.world.store.read(lambda tx: tx.events(EventQuery(card_id=card.id)))
    assert EventKind.CARD_COMMENTED not in {event.kind for event in events}
    assert _now(scene, card).state is CardState.NEEDS_HUMAN


def test_budget_is_not_raised_for_a_card_that_cannot_be_tried(
    scene: ConsoleScene, client: Client
) -> None:
    card_in(scene.world, CardState.BACKLOG)
    before = scene.world.pipeline_files.load("demo").budget
    assert client.post_form("/p/demo/c/1/budget", {"usd": "5"}).status in (409, 422)
    assert scene.world.pipeline_files.load("demo").budget == before


def test_budget_that_was_raised_before_the_card_was_tried_is_no_obstacle(
    scene: ConsoleScene, client: Client
) -> None:
    card = _failed(scene, "budget")
    raise_budget(scene.world, "demo", Budget(usd=5.0))
    assert client.post_form("/p/demo/c/1/budget", {"usd": "5"}).status == 303
    assert _now(scene, card).state is CardState.READY
    assert scene.world.pipeline_files.load("demo").budget.usd == 5.0


def test_decision_that_is_put_off_comes_back_by_itself(scene: ConsoleScene, client: Client) -> None:
    _failed(scene)
    client.post_form("/p/demo/c/1/snooze", {"hours": "4"})
    found = client.get("/api/v1/needs").json
    assert (len(found["waiting"]), len(found["put_off"])) == (0, 1)
    assert "1 put off" in client.get("/").text
    _pass(scene, 4.1)
    assert len(client.get("/api/v1/needs").json["waiting"]) == 1


def test_put_off_card_that_changes_is_shown_at_once(scene: ConsoleScene, client: Client) -> None:
    card = _failed(scene)
    client.post_form("/p/demo/c/1/snooze", {"hours": "4"})
    assert card.id in snoozing.snoozed(scene.world)
    client.post_form("/api/v1/projects/demo/cards/1/comment", {})
    client.post_form("/p/demo/c/1/retry", {})
    assert snoozing.snoozed(scene.world) == {}


def test_put_off_is_undone(scene: ConsoleScene, client: Client) -> None:
    _failed(scene)
    client.post_form("/p/demo/c/1/snooze", {"hours": "4"})
    client.post_form("/p/demo/c/1/snooze", {"hours": "0"})
    assert len(client.get("/api/v1/needs").json["waiting"]) == 1


@pytest.mark.parametrize("hours", ["-1", "721", "x"])
def test_bad_hours_are_refused(scene: ConsoleScene, client: Client, hours: str) -> None:
    _failed(scene)
    assert client.post_form("/p/demo/c/1/snooze", {"hours": hours}).status == 422


def test_oldest_decision_comes_first(scene: ConsoleScene, client: Client) -> None:
    _failed(scene)
    _pass(scene, 1)
    _failed(scene)
    order = [one["card"]["seq"] for one in client.get("/api/v1/needs").json["waiting"]]
    assert order == [1, 2]


def test_pause_stops_new_work_and_resume_goes_on(scene: ConsoleScene, client: Client) -> None:
    card_in(scene.world, CardState.READY)
    client.post_form("/p/demo/pause", {"back": "/projects"})
    now = scene.world.clock.now()
    assert scene.world.store.read(lambda tx: tx.startable(now, 9)) == []
    assert "demo is paused" in client.get("/").text
    client.post_form("/p/demo/resume", {"back": "/"})
    assert len(scene.world.store.read(lambda tx: tx.startable(now, 9))) == 1


def test_running_empty_pauses_all_and_resume_all_only_what_was_paused(
    scene: ConsoleScene, client: Client
) -> None:
    assert client.post_json("/api/v1/workers/drain", {}).json == {"projects": ["demo"]}
    assert client.post_json("/api/v1/workers/drain", {}).json == {"projects": []}
    assert "Resume all" in client.get("/workers").text
    assert client.post_json("/api/v1/workers/resume", {}).json == {"projects": ["demo"]}


def test_slots_of_a_project_change_and_its_pipeline_keeps_the_rest(
    scene: ConsoleScene, client: Client
) -> None:
    path = scene.world.home.pipeline("demo")
    before = path.read_text()
    assert client.post_form("/p/demo/workers", {"workers": "5", "back": "/workers"}).status == 303
    assert scene.world.pipeline_files.load("demo").workers == 5
    assert set(before.splitlines()) < set(path.read_text().splitlines())
    assert client.post_form("/p/demo/workers", {"workers": "0"}).status == 422


def test_viewer_sees_the_queue_and_can_do_nothing(scene: ConsoleScene) -> None:
    _failed(scene)
    viewer = scene.client(Role.VIEWER)
    page = viewer.get("/").text
    assert "gate-failed" in page
    assert "/p/demo/c/1/retry" not in page
    for path in ("snooze", "answer", "budget"):
        assert viewer.post_form(f"/p/demo/c/1/{path}", {"text": "x"}).status == 403


def test_broken_desk_is_told_and_hides_no_decision(scene: ConsoleScene, client: Client) -> None:
    _failed(scene)
    scene.world.home.desk.write_text("{")
    page = client.get("/")
    assert page.status == 200
    assert "desk.json cannot be read" in page.text
    assert "gate-failed" in page.text
    assert client.get("/p/demo/board").status == 200


def test_events_speak_chinese_too(scene: ConsoleScene, client: Client) -> None:
    card_in(scene.world, CardState.RUNNING)
    change_settings(scene.world, {"console.language": "zh"})
    assert "开始阶段 develop，第 1 次尝试" in client.get("/logs").text
    assert "开始阶段 develop，第 1 次尝试" in client.get("/p/demo/board").text


def _many(scene: ConsoleScene, number: int, state: CardState, reason: str) -> list[Card]:
    """Add cards that wait, each one second after the one before."""
    made = [
        Card(
            id=f"{reason}-{n}", project="demo", seq=n, state=state, reason=reason, stage="develop",
            created_at=n, updated_at=n * 1000, text=CardText(title=f"card {n}"), tip="b" * 40,
            tree="a" * 40,
        )
        for n in range(1, number + 1)
    ]  # fmt: skip

    def add(tx: Writing) -> None:
        for card in made:
            kind = EventKind.CARD_ADDED
            tx.add_card(card, Event(project="demo", card_id=card.id, kind=kind, at=card.created_at))

    scene.world.store.write(add)
    return made


def test_long_queue_is_shown_by_its_oldest_and_counted(scene: ConsoleScene, client: Client) -> None:
    _many(scene, 130, CardState.NEEDS_HUMAN, "gate-failed")
    client.post_form("/p/demo/c/5/snooze", {"hours": "4"})
    client.post_form("/p/demo/c/120/snooze", {"hours": "4"})
    found = client.get("/api/v1/needs").json
    shown = [one["card"]["seq"] for one in found["waiting"]]
    assert shown == [*range(1, 5), *range(6, 102)]
    assert ([one["card"]["seq"] for one in found["put_off"]], found["total"]) == ([5, 120], 128)
    page = client.get("/").text
    assert "128 wait. These are the first 100 of them" in page
    now = standing(scene.world)
    assert (now.waiting, now.review) == (128, 0)


def test_waiting_cards_are_counted_in_every_project_s_numbers(scene: ConsoleScene) -> None:
    _many(scene, 3, CardState.REVIEW, AWAITING)
    card_in(scene.world, CardState.READY)
    snoozing.snooze(scene.world, "demo", 2, 4)
    now = standing(scene.world)
    assert (now.waiting, now.review) == (2, 2)
    (project,) = status(scene.world).projects
    assert (project.waiting, project.running) == (3, 0)


def test_only_so_many_decisions_are_put_off(
    scene: ConsoleScene, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snoozing, "MOST", 2)
    _many(scene, 3, CardState.NEEDS_HUMAN, "gate-failed")
    assert [client.post_form(f"/p/demo/c/{n}/snooze", {}).status for n in (1, 2, 3)] == [
        303, 303, 422,
    ]  # fmt: skip
    client.post_form("/p/demo/c/1/retry", {"back": "/"})
    assert client.post_form("/p/demo/c/3/snooze", {}).status == 303
