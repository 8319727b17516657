"""Child processes of `run` are bounded in time whatever they leave behind, and end on demand."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from pathlib import Path

from sps.lib import process, proctree
from sps.lib.threads import in_slow_thread, in_thread

_ENV = dict(os.environ)
_STRAY = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', {0!r}]); {1}"
_HOLD = "import os, time; os.setsid(); open({0!r}, 'w').write(str(os.getpid())); time.sleep(60)"
_PATIENCE_S = 30.0


def _until_written(path: Path) -> int:
    deadline = time.monotonic() + _PATIENCE_S
    while not path.exists() or not path.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return int(path.read_text())


def test_stray_that_holds_the_pipe_of_a_dead_parent_does_not_block_for_ever(tmp_path: Path) -> None:
    witness = tmp_path / "pid"
    stray = f"import os\nif os.fork(): os._exit(0)\n{_HOLD.format(str(witness))}"
    start = f"os.spawnv(0, sys.executable, ['p', '-c', {stray!r}])"
    code = f"import os, sys; os.write(1, b'said'); {start}"
    began = time.monotonic()
    done = process.run([sys.executable, "-c", code], env=_ENV, timeout=1.0)
    try:
        assert done.timed_out
        assert done.out == b"said"
        assert time.monotonic() - began < _PATIENCE_S
    finally:
        proctree.kill_all([_until_written(witness)])


def test_set_stop_ends_a_child_and_all_it_started(tmp_path: Path) -> None:
    witness, stop = tmp_path / "pid", threading.Event()
    code = _STRAY.format(_HOLD.format(str(witness)), "import time; time.sleep(60)")
    argv = [sys.executable, "-c", code]
    found: list[process.Finished] = []

    def work() -> None:
        found.append(process.run(argv, env=_ENV, timeout=600.0, stop=stop))

    thread = threading.Thread(target=work)
    thread.start()
    pid = _until_written(witness)
    stop.set()
    thread.join(_PATIENCE_S)
    assert found[0].stopped
    assert not found[0].timed_out
    end = time.monotonic() + _PATIENCE_S  # whoever reaps orphans here may take a moment
    while proctree.start_time(pid) != 0:
        assert time.monotonic() < end, "a grandchild lives on"
        time.sleep(0.01)


def test_no_child_begins_once_stop_is_set(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    argv = [sys.executable, "-c", f"open({str(tmp_path / 'x')!r}, 'w')"]
    assert process.run(argv, env=_ENV, timeout=60.0, stop=stop).stopped
    assert not (tmp_path / "x").exists()


def test_output_is_whole_with_a_stop_that_nobody_sets() -> None:
    code = "import os, time; os.write(1, b'x'); time.sleep(0.3); print('x' * 1_000_000, end='')"
    argv = [sys.executable, "-c", code]
    done = process.run(argv, env=_ENV, timeout=60.0, stop=threading.Event())
    assert (done.code, len(done.out), done.stopped, done.timed_out) == (0, 1_000_001, False, False)


def test_short_calls_go_on_while_every_slow_thread_hangs() -> None:
    release = threading.Event()

    async def scene() -> str:
        hanging = [asyncio.create_task(in_slow_thread(release.wait)) for _ in range(64)]
        try:
            return await asyncio.wait_for(in_thread(lambda: "went on"), _PATIENCE_S)
        finally:
            release.set()
            await asyncio.gather(*hanging)

    assert asyncio.run(scene()) == "went on"


def test_a_cancelled_call_is_waited_for() -> None:
    begun, release, over = threading.Event(), threading.Event(), []

    def call() -> None:
        begun.set()
        release.wait(_PATIENCE_S)
        over.append(True)

    async def scene() -> None:
        task = asyncio.create_task(in_slow_thread(call))
        await in_thread(begun.wait, _PATIENCE_S)
        task.cancel()
        await asyncio.sleep(0)
        assert not task.done()
        release.set()
        await asyncio.wait([task])
        assert task.cancelled()

    asyncio.run(scene())
    assert over == [True]


def test_threads_end_with_their_loop() -> None:
    before = set(threading.enumerate())
    asyncio.run(in_thread(lambda: None))
    asyncio.run(in_slow_thread(lambda: None))
    for thread in set(threading.enumerate()) - before:
        thread.join(_PATIENCE_S)
        assert not thread.is_alive()
