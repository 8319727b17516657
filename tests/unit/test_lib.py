"""Leaf code: files that are whole, locks that die, paths that stay inside, logs without secrets."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sps.lib import atomic, backoff, log
from sps.lib.killpoint import reach
from sps.lib.lock import FileLock, holder
from sps.lib.nearest import suggestion
from sps.lib.paths import inside
from sps.lib.terminal import clean
from sps.lib.times import rfc3339


def test_an_atomic_write_replaces_the_whole_file_and_leaves_no_other(tmp_path: Path) -> None:
    target = tmp_path / "a"
    atomic.write(target, b"old")
    atomic.write(target, b"new", mode=0o640)
    assert target.read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert target.stat().st_mode & 0o777 == 0o640


def test_an_atomic_create_never_overwrites(tmp_path: Path) -> None:
    target = tmp_path / "a"
    atomic.create(target, b"first")
    with pytest.raises(FileExistsError):
        atomic.create(target, b"second")
    assert target.read_bytes() == b"first"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_lock_whose_file_is_taken_away_has_one_holder_all_the_same(tmp_path: Path) -> None:
    inside, most, rounds = 0, 0, 0
    guard = threading.Lock()

    def work() -> None:
        nonlocal inside, most, rounds
        end = time.monotonic() + 30
        while rounds < 40 and time.monotonic() < end:
            lock = FileLock(tmp_path / "lock")
            if not lock.take():
                time.sleep(0.0002)
                continue
            with guard:
                inside, rounds = inside + 1, rounds + 1
                most = max(most, inside)
            os.sched_yield()
            with guard:
                inside -= 1
            lock.remove()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (most, list(tmp_path.iterdir())) == (1, [])
    assert rounds >= 40


def test_a_lock_is_refused_while_held_and_dies_with_its_process(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    code = (
        "import sys,time; from pathlib import Path; from sps.lib.lock import FileLock;"
        f"l=FileLock(Path({str(path)!r})); assert l.take('child'); print('held', flush=True);"
        "time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"held\n"
    mine = FileLock(path)
    assert not mine.take("me")
    assert holder(path) == "child"
    child.kill()
    child.wait()
    child.stdout.close()
    assert holder(path) is None
    assert mine.take("me")
    mine.release()


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "link/x", "a\0b"])
def test_paths_that_leave_the_root_are_outside(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "link").symlink_to("/")
    assert inside(root, path) is None


def test_a_sibling_that_shares_a_prefix_is_outside(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root-evil").mkdir()
    assert inside(tmp_path / "root", str(tmp_path / "root-evil" / "x")) is None
    assert inside(tmp_path / "root", "a/b") == (tmp_path / "root" / "a" / "b").resolve()


@given(st.integers(1, 60), st.floats(0, 1, exclude_max=True))
def test_backoff_grows_and_stays_bounded(failures: int, fraction: float) -> None:
    wait = backoff.delay(failures, fraction, first=0.5, most=300.0)
    assert 0.25 <= wait <= 300.0
    assert wait >= backoff.delay(1, 0.0) or failures == 1


def test_escapes_of_a_terminal_do_not_survive() -> None:
    assert clean("a\x1b[31mb\x1b]52;c;ZXZpbA==\x07c\x1b]0;t\x1b\\d") == "abcd"
    assert "\x1b" not in clean("\x1b\x1b[[31m")
    assert clean("x\u202ey\rz\ttab\n") == "x\ufffdy\ufffdz\ttab\n"


def test_a_near_name_is_suggested_and_a_far_one_is_not() -> None:
    assert suggestion("stge", ["stages", "gates"]) == '; did you mean "stages"?'
    assert suggestion("zzzz", ["stages", "gates"]) == ""


def test_times_are_rfc3339_in_utc() -> None:
    assert rfc3339(1_700_000_000_123) == "2023-11-14T22:13:20.123Z"


def record(message: str, **extra: object) -> logging.LogRecord:
    made = logging.makeLogRecord({"msg": message, "levelname": "INFO", "name": "t"})
    made.__dict__.update(extra)
    return made


def test_logs_are_json_and_hold_no_secret_by_key_or_by_value() -> None:
    redactor = log.Redactor()
    redactor.learn("hunter2-canary")
    lines = log.JsonLines("daemon", "home", redactor)
    with log.bound(card_id="C1"):
        text = lines.format(
            record("said hunter2-canary", api_key="abc", note="x hunter2-canary y", n=1)
        )
    line = json.loads(text)
    assert "canary" not in text
    assert "abc" not in text
    assert line["card_id"] == "C1"
    assert {"ts", "level", "service", "env", "msg"} <= line.keys()


def test_an_exception_in_a_log_is_redacted_too() -> None:
    redactor = log.Redactor()
    redactor.learn("hunter2-canary")
    try:
        raise ValueError("hunter2-canary")
    except ValueError:
        made = record("failed", exc_info=sys.exc_info())
    assert "canary" not in log.JsonLines("d", "h", redactor).format(made)


def test_a_kill_point_without_the_variable_does_nothing() -> None:
    assert "SPS_KILL_AT" not in os.environ
    reach("test-only")  # a name that no plan of the matrix asks for
