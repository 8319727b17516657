"""What the metrics page promises: known names, distributions, a bounded number of series."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sps.bootstrap import Wired
from sps.daemon.metrics import exposition
from sps.flow import measures
from sps.flow.record import fact, record
from sps.lib.histogram import Counter, Histogram
from sps.model.card import CardState, CardText
from sps.model.event import EventKind
from sps.model.transitions import Verb
from sps.services.add_card import add_card
from tests.fakes.small_world import card_in, small_world

NAMES = {
    "sps_breaker_open": "gauge",
    "sps_card_blocks_total": "counter",
    "sps_card_landed_seconds": "histogram",
    "sps_cards": "gauge",
    "sps_dependency_up": "gauge",
    "sps_disk_free_bytes": "gauge",
    "sps_gate_seconds": "histogram",
    "sps_http_request_seconds": "histogram",
    "sps_log_errors_total": "counter",
    "sps_oldest_open_card_seconds": "gauge",
    "sps_open_files": "gauge",
    "sps_outbox_pending": "gauge",
    "sps_projects_halted": "gauge",
    "sps_resident_bytes": "gauge",
    "sps_runs_ended_total": "counter",
    "sps_runs_live": "gauge",
    "sps_step_seconds": "histogram",
    "sse_clients": "gauge",
    "sse_resync_total": "counter",
}


@pytest.fixture
def world(tmp_path: Path) -> Wired:
    return small_world(tmp_path / "home")


def series(world: Wired) -> set[str]:
    lines = exposition(world).splitlines()
    return {line.rpartition(" ")[0] for line in lines if not line.startswith("#")}


def value(world: Wired, name: str) -> float:
    for line in exposition(world).splitlines():
        if line.rpartition(" ")[0] == name:
            return float(line.rpartition(" ")[2])
    raise AssertionError(name)


def one_life(world: Wired) -> None:
    """Let a card go wrong and another be measured at every step."""
    card = card_in(world, CardState.RUNNING)
    told = fact(world, card, EventKind.RUN_ENDED, "R1", agent="scripted", outcome="ended")
    asyncio.run(record(world, card, Verb.BLOCK, events=[told], reason="gate-failed"))
    for state in (CardState.RUNNING, CardState.GATING, CardState.REVIEW):
        with measures.step(card_in(world, state)) as outcome:
            outcome.is_now(card)
    measures.gate_ran(0.2, ok=True, timed_out=False)


def test_names_and_types_are_the_ones_that_dashboards_know(world: Wired) -> None:
    page = exposition(world).splitlines()
    found = dict(line.split()[2:] for line in page if line.startswith("# TYPE"))
    assert found == NAMES
    assert not [name for name in found if "avg" in name or "mean" in name]


def test_two_hundred_cards_add_no_series(world: Wired) -> None:
    one_life(world)
    before = series(world)
    for number in range(200):
        add_card(world, "demo", CardText(title=f"Card {number}"))
    for _ in range(10):
        one_life(world)
    assert series(world) == before


def test_run_that_ended_and_card_that_was_blocked_are_counted(world: Wired) -> None:
    one_life(world)
    runs = 'sps_runs_ended_total{agent="scripted",outcome="ended"}'
    blocks = 'sps_card_blocks_total{code="gate-failed"}'
    before = value(world, runs), value(world, blocks)
    one_life(world)
    assert (value(world, runs), value(world, blocks)) == (before[0] + 1, before[1] + 1)


def test_dependency_that_is_gone_is_down_and_the_page_still_answers(world: Wired) -> None:
    vault = world.home.vault("demo")
    assert value(world, 'sps_dependency_up{dependency="vault"}') == 0
    vault.mkdir(parents=True)
    (vault / "HEAD").touch()
    assert value(world, 'sps_dependency_up{dependency="vault"}') == 1
    assert value(world, 'sps_dependency_up{dependency="agent"}') == 1
    assert value(world, 'sps_dependency_up{dependency="database"}') == 1
    world.home.database.rename(world.home.root / "elsewhere")
    assert value(world, 'sps_dependency_up{dependency="database"}') == 0


def test_histogram_counts_each_value_in_every_bound_above_it() -> None:
    times = Histogram("t", "T", ("kind",), (1, 10))
    for seconds in (0.5, 1, 5, 50):
        times.observe(seconds, "a")
    assert [(labels.get("le"), number) for _, labels, number in times.samples()] == [
        ("1", 2), ("10", 3), ("+Inf", 4), (None, 56.5), (None, 4),
    ]  # fmt: skip


def test_label_that_is_no_word_or_one_too_many_is_counted_as_other() -> None:
    count = Counter("c", "C", ("code",))
    count.add('x"}\nevil 1')
    count.add("")
    for number in range(1000):
        count.add(f"code-{number}")
    values = {labels["code"]: number for _, labels, number in count.samples()}
    assert values["other"] > 800
    assert len(values) == 128
