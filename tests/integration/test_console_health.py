"""Health: checks, readiness, figures, and a report that gives nothing away."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sps.bootstrap import Wired
from sps.console.checkup import Found, checkup
from sps.model.access import Role
from sps.model.card import CardState
from sps.model.errors import Misuse
from sps.model.event import Event, EventKind
from sps.ports.store import Landing
from sps.services.figures import figures
from sps.services.redacting import Redaction
from tests.fakes.clock import FakeClock
from tests.fakes.small_world import card_in, small_world
from tests.integration.console_scene import console_scene

DAY_MS = 24 * 3600 * 1000


@pytest.fixture
def world(tmp_path: Path) -> Wired:
    return small_world(tmp_path / "home")


def test_figures_count_days_and_spread(world: Wired) -> None:
    now = world.clock.now()
    card = card_in(world, CardState.DONE)
    landing = Landing(
        card_id=card.id, generation=1, base="b", tip="t", tree="r", at=now, commit="c",
        state="done",
    )  # fmt: skip
    world.store.write(lambda tx: tx.save_landing(landing))
    for seconds, ago in ((1.0, 0), (2.0, 0), (9.0, 1), (50.0, 40)):
        event = Event(
            project="demo", kind=EventKind.GATE_RAN, at=now - ago * DAY_MS,
            payload={"ok": seconds < 5, "seconds": seconds, "cached": False},
        )  # fmt: skip
        world.store.write(lambda tx, event=event: tx.add_event(event))
    found = figures(world)
    assert (found.gates.n, found.gates.p50, found.gates.p95, found.gates_red) == (3, 2.0, 9.0, 1)
    assert found.gate_p95_by_day.values[-2:] == [9.0, 2.0]
    assert (found.landed, found.landed_today) == (1, 1)
    assert found.landings_by_day.values[-1] == 1
    assert len(found.landings_by_day.days) == 14


def test_a_failed_check_says_what_to_run(world: Wired, tmp_path: Path) -> None:
    world.home.root.chmod(0o755)
    with console_scene(tmp_path, world) as scene:
        page = scene.client(Role.VIEWER).get("/health")
        assert "sps doctor --fix" in page.text
        assert "Failed" in page.text
        found = scene.program(Role.VIEWER).get("/api/v1/health").json
        assert (found["ready"], found["trouble"]) == (False, "home-lock-lost")
        assert found["failing"] >= 1


def test_checks_are_looked_at_twice_a_minute_or_when_an_operator_asks(
    world: Wired, tmp_path: Path
) -> None:
    with console_scene(tmp_path, world) as scene:
        viewer = scene.client(Role.VIEWER)
        viewer.get("/health")
        first = checkup(world).last(within=60)
        assert 'action="/health/check"' not in viewer.get("/health").text
        assert viewer.post_form("/health/check").status == 403
        assert checkup(world).last(within=60) is first
        done = scene.client(Role.OPERATOR).post_form("/health/check")
        assert (done.status, done.headers["location"]) == (303, "/health")
        assert checkup(world).last(within=60) is not first


def test_however_many_ask_at_once_one_looks(world: Wired) -> None:
    async def ask() -> list[Found]:
        looks = [checkup(world).look("demo") for _ in range(9)]
        return await asyncio.gather(*looks)

    found = asyncio.run(ask())
    assert all(one is found[0] for one in found)
    assert asyncio.run(checkup(world).look("demo", within=60)) is found[0]
    assert asyncio.run(checkup(world).look("demo")) is not found[0]
    with pytest.raises(Misuse):
        asyncio.run(checkup(world).look("nowhere"))
    assert checkup(world).last("nowhere", within=60) is None


def test_the_report_names_no_folder_project_or_secret(
    world: Wired, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("USER", "somebody")
    hide = Redaction(world)
    shown = hide(
        f"{world.home.root}/x {world.home.root}/repo/y demo#3 somebody token=abcdef "
        "https://me:pw@example.org/r.git a.b@example.org demonstration"
    )
    assert shown == (
        "$SPS_HOME/x <repository of p1>/y p1#3 <user> token=[redacted] "
        "https://[redacted]@example.org/r.git <address> demonstration"
    )
    with console_scene(tmp_path, world) as scene:
        report = scene.client(Role.VIEWER).get("/health/report")
    assert report.headers["content-disposition"].startswith("attachment")
    assert str(tmp_path) not in report.text
    assert "demo" not in report.text
    assert "$SPS_HOME" in report.text


def test_what_is_added_up_from_the_log_is_read_once_for_all_who_look(
    world: Wired, tmp_path: Path
) -> None:
    clock = world.clock
    with console_scene(tmp_path, world) as scene:
        viewer = scene.program(Role.VIEWER)

        def ready() -> int:
            return int(viewer.get("/api/v1/health").json["figures"]["queued"])

        assert ready() == 0
        card_in(world, CardState.READY)
        assert ready() == 0
        assert isinstance(clock, FakeClock)
        asyncio.run(clock.advance(6.0))
        assert ready() == 1
