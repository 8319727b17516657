"""Whatever an agent does, its run ends with a reason, its processes are gone and we are not."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.model.pipeline import SandboxMode
from sps.model.run import Outcome
from tests.contract.agent_room import Room

HOSTILE = Path(__file__).with_name("hostile_agent.py")
_GROWTH = 120 * 1024**2  # bytes that a flood may cost us at most


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No word of an agent reaches our log."""
    caplog.set_level(logging.INFO)
    yield
    assert [record.getMessage() for record in caplog.records if record.name != "asyncio"] == []


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


class Growth:
    """The most that this process grew while the block ran."""

    def __init__(self) -> None:
        self.bytes = 0
        self._over = threading.Event()
        self._before = _resident()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Growth:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.005):
            self.bytes = max(self.bytes, _resident() - self._before)


@pytest.mark.parametrize(
    "behaviour, outcome, says",
    [
        ("garbage", Outcome.PROTOCOL, "100 lines in a row"),
        ("not-objects", Outcome.PROTOCOL, "100 lines in a row"),
        ("invalid-utf8", Outcome.PROTOCOL, "100 lines in a row"),
        ("huge-frame", Outcome.FLOOD, "8 MiB"),
        ("huge-valid-frame", Outcome.FLOOD, "8 MiB"),
        ("frame-flood", Outcome.FLOOD, "1000 messages a second"),
        ("newline-flood", Outcome.FLOOD, "1000 messages a second"),
        ("byte-flood", Outcome.FLOOD, "256 MiB"),
        ("method-flood", Outcome.FLOOD, ""),
        ("tool-flood", Outcome.FLOOD, ""),
    ],
)
def test_a29_flood_ends_the_run_and_costs_little(
    room: Room, record_property: object, behaviour: str, outcome: Outcome, says: str
) -> None:
    (room.workspace / "big.txt").write_text("x" * 4 * 1024**2)
    with Growth() as growth:
        report = room.run(behaviour, script=HOSTILE, kind_fs=True)
    assert report.outcome is outcome
    assert says in report.detail
    print(f"{behaviour}: grew by {growth.bytes / 1024**2:.1f} MiB")
    assert growth.bytes < _GROWTH


def test_a29_flood_of_diagnostics_neither_blocks_nor_fills_the_disk(room: Room) -> None:
    with Growth() as growth:
        report = room.run("stderr-flood", script=HOSTILE)
    assert (report.outcome, report.text) == (Outcome.ENDED, "done")
    assert (room.run_dir / "stderr.log").stat().st_size == 16 * 1024**2
    print(f"stderr-flood: grew by {growth.bytes / 1024**2:.1f} MiB")
    assert growth.bytes < _GROWTH


def test_a29_some_garbage_is_survived(room: Room) -> None:
    report = room.run("some-garbage", script=HOSTILE)
    assert (report.outcome, report.text) == (Outcome.ENDED, "still here")


def test_a29_hang_at_the_start_ends_by_the_request_timeout(tmp_path: Path) -> None:
    room = Room(tmp_path, hurry=100)
    report = room.run("hang-start", script=HOSTILE, timeout=7200.0, idle_timeout=900.0)
    assert report.outcome is Outcome.PROTOCOL
    assert report.detail == "no answer to initialize within 60 s"


def test_a29_hang_at_the_prompt_ends_by_the_idle_timeout(room: Room) -> None:
    report = room.run_late("hang-prompt", script=HOSTILE, timeout=7200.0, idle_timeout=200.0)
    assert report.outcome is Outcome.IDLE
    assert report.detail == "no sign of life for 200 s"


def test_a29_chatter_keeps_an_agent_from_being_idle_but_not_for_ever(room: Room) -> None:
    report = room.run_late("never-ending", script=HOSTILE, timeout=300.0, idle_timeout=280.0)
    assert report.outcome is Outcome.TIMEOUT
    assert len(report.text) < 100_000


@pytest.mark.parametrize(
    "behaviour, detail",
    [
        ("dies", "the agent ended with exit code 1: cannot find my soul"),
        ("exit-0", "the agent ended with exit code 0"),
        ("close-output", "the agent closed its output"),
    ],
)
def test_a29_dead_agents_are_crashes(room: Room, behaviour: str, detail: str) -> None:
    report = room.run(behaviour, script=HOSTILE)
    assert (report.outcome, report.detail) == (Outcome.CRASHED, detail)


@pytest.mark.parametrize("mode", [SandboxMode.NONE, pytest.param(
    SandboxMode.AUTO, marks=pytest.mark.needs("bwrap")
)])  # fmt: skip
def test_a36_stubborn_agent_is_killed(room: Room, mode: SandboxMode) -> None:
    report = room.run_late(
        "stubborn", script=HOSTILE, sandbox=mode, idle_timeout=100.0, timeout=1e4
    )
    assert report.outcome is Outcome.IDLE


@pytest.mark.parametrize("mode", [SandboxMode.NONE, pytest.param(
    SandboxMode.AUTO, marks=pytest.mark.needs("bwrap")
)])  # fmt: skip
@pytest.mark.parametrize("way", ["", "die"])
def test_a36_no_grandchild_outlives_its_run(room: Room, mode: SandboxMode, way: str) -> None:
    report = room.run("grandchildren", way, script=HOSTILE, sandbox=mode)
    assert report.outcome is (Outcome.CRASHED if way else Outcome.ENDED)


def test_a27_odd_permission_requests_are_all_rejected(room: Room) -> None:
    report = room.run("odd-permissions", script=HOSTILE)
    answers = json.loads(report.text)
    assert set(answers) == {"reject_once", "none"}
    assert answers[-2:] == ["none", "none"]
    decided = room.listener.permissions
    assert len(decided) == len(answers)
    # Thinking is allowed, but none of the answers that were offered says so.
    assert [told.rule for told in decided if told.decision == "allow"] == ["think-inside"]
    assert not any("\x1b" in told.title for told in decided)


def test_a28_files_of_the_host_are_neither_read_nor_written(room: Room) -> None:
    report = room.run("host-files", script=HOSTILE, kind_fs=True)
    assert set(json.loads(report.text)) == {True}
    assert not Path("/tmp/sps-hostile").exists()
    assert not (room.workspace.parent / "out").exists()


def test_a28_read_only_workspace_is_not_written_for_an_agent(room: Room) -> None:
    room.run("host-files", script=HOSTILE, kind_fs=True, workspace_readonly=True)
    assert not (room.workspace / "x").exists()


def test_a28_methods_that_nobody_offered_do_not_exist(room: Room) -> None:
    assert set(json.loads(room.run("terminals", script=HOSTILE).text)) == {-32601}


def test_a29_tool_call_is_told_once_at_its_start_and_once_at_its_end(room: Room) -> None:
    report = room.run("two-words", script=HOSTILE)
    assert report.outcome is Outcome.ENDED
    assert [status for *_, status in room.listener.tools] == ["completed"]


def test_a29_cancelled_start_does_not_wait_for_an_answer(room: Room) -> None:
    async def scenario() -> None:
        job = room.job("hang-start", script=HOSTILE)
        task = asyncio.create_task(room.agents.run(job, room.listener))
        await asyncio.wait_for(room.listener.begun.wait(), 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())
    room.assert_empty()


def test_a29_only_the_first_answer_to_a_request_counts(room: Room) -> None:
    assert room.run("answers", script=HOSTILE).outcome is Outcome.ENDED


@pytest.mark.parametrize(
    "behaviour, outcome, retry_at",
    [
        ("login", Outcome.LOGIN, 0),
        ("login-at-session", Outcome.LOGIN, 0),
        ("limit", Outcome.RATE_LIMIT, 1_800_000_090_000),
        ("wrong-version", Outcome.PROTOCOL, 0),
        ("long-session", Outcome.PROTOCOL, 0),
        ("deep-answer", Outcome.ENDED, 0),
    ],
)
def test_a29_answers_mean_what_they_say(
    room: Room, behaviour: str, outcome: Outcome, retry_at: int
) -> None:
    report = room.run(behaviour, script=HOSTILE)
    assert (report.outcome, report.retry_at) == (outcome, retry_at)


def test_a29_error_that_is_none_does_not_hold_the_run_for_ever(room: Room) -> None:
    report = room.run_late("broken-error", script=HOSTILE, timeout=600.0, idle_timeout=100.0)
    assert report.outcome is Outcome.IDLE
