"""The one door to child processes. Each child has an owner here that ends its whole tree."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sps.lib.proctree import descendants, kill_all, tagged
from sps.lib.threads import in_thread


@dataclass(frozen=True)
class Finished:
    """A child that has ended by itself or was ended because its time was over."""

    code: int
    out: bytes
    err: bytes
    timed_out: bool = False
    stopped: bool = False


_DRAIN_S = 2.0  #: how long a killed child's pipes, which a stray may hold, are still read
_GLANCE_S = 0.1
_DEATH_S = 10.0
_SWEEPS = 20
_SWEEP_PAUSE_S = 0.05


def run(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str | None = None,
    stdin: bytes | None = None,
    timeout: float,
    stop: threading.Event | None = None,
) -> Finished:
    """Run a short command to its end, output captured. On timeout, and soon after `stop` is set,
    its process tree is killed; a stray that still holds the pipes is not waited for.

    Raises `FileNotFoundError` when the program does not exist, `ValueError` for `stop` together
    with input: to read on after a glance, `subprocess` would forget the rest of the input.
    """
    if stop is not None and stdin is not None:
        raise ValueError("stop and stdin")
    if stop is not None and stop.is_set():
        return Finished(-signal.SIGKILL, b"", b"", stopped=True)
    child = subprocess.Popen(
        list(argv),
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        if stop is None:
            out, err = child.communicate(stdin, timeout=timeout)
        else:
            out, err = _communicate(child, timeout, stop)
    except subprocess.TimeoutExpired:
        kill_tree(child.pid)
        out, err = _drain(child)
        code = -signal.SIGKILL if child.returncode is None else child.returncode
        halted = stop is not None and stop.is_set()
        return Finished(code, out, err, timed_out=not halted, stopped=halted)
    except BaseException:
        kill_tree(child.pid)
        _drain(child)
        raise
    return Finished(child.returncode, out, err)


def _communicate(
    child: subprocess.Popen[bytes], timeout: float, stop: threading.Event
) -> tuple[bytes, bytes]:
    """Raise `TimeoutExpired` when time is over or `stop` is set."""
    end = time.monotonic() + timeout
    while True:
        glance = max(0.0, min(_GLANCE_S, end - time.monotonic()))
        try:
            return child.communicate(timeout=glance)
        except subprocess.TimeoutExpired:
            if stop.is_set() or time.monotonic() >= end:
                raise


def _drain(child: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    """Take what a killed child left in its pipes, for a moment, and close them."""
    try:
        return child.communicate(timeout=_DRAIN_S)
    except subprocess.TimeoutExpired as late:
        return late.output or b"", late.stderr or b""
    finally:
        for pipe in (child.stdin, child.stdout, child.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_DRAIN_S)


def attend(argv: Sequence[str], *, env: Mapping[str, str]) -> int:
    """Run a program at the terminal of this process, which waits as long as its user takes, and
    return its exit code."""
    child = subprocess.Popen(list(argv), env=dict(env))
    try:
        return child.wait()
    finally:
        if child.poll() is None:
            kill_all([child.pid, *descendants(child.pid)])
            child.wait(_DEATH_S)


async def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str | None,
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.PIPE,
    stderr: int = subprocess.STDOUT,
    limit: int = 1 << 16,
) -> asyncio.subprocess.Process:
    """Start a long-lived child in a session of its own. Whoever calls this ends it with `end`."""
    return await asyncio.create_subprocess_exec(
        *argv,
        env=dict(env),
        cwd=cwd,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        limit=limit,
        start_new_session=True,
    )


async def end(child: asyncio.subprocess.Process, *, grace: float = 0.0) -> int:
    """End a child and all its descendants: SIGTERM and `grace` seconds first, then SIGKILL."""
    if grace > 0 and child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await child.wait()
    if child.returncode is None:
        kill_tree(child.pid)
    return await child.wait()


def kill_tree(pid: int) -> None:
    """SIGKILL a process, its group and every descendant that can be found now."""
    family = descendants(pid)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    kill_all([pid, *family])


class Background:
    """A child that runs beside us, its output in a file, until it is stopped."""

    def __init__(self, argv: Sequence[str], *, env: Mapping[str, str], log: str) -> None:
        with open(log, "ab") as out:
            self._child = subprocess.Popen(
                list(argv),
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._child.pid

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._child.poll() is None

    def stop(self, timeout: float) -> int:
        """Ask it to end, then end its whole tree; return the exit code."""
        if self._child.poll() is None:
            self._child.terminate()
        try:
            return self._child.wait(timeout)
        except subprocess.TimeoutExpired:
            kill_tree(self._child.pid)
            return self._child.wait()


async def clear(child: asyncio.subprocess.Process | None, variable: str, mark: str) -> None:
    """End a child's tree and its group, and whatever else carries this mark in its environment."""
    if child is not None:
        await in_thread(kill_tree, child.pid)
        # Only a process stuck in the kernel outlives this.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DEATH_S):
                await end(child)
    for _ in range(_SWEEPS if mark else 0):
        left = await in_thread(_carriers, variable, mark)
        if not left:
            return
        kill_all(left)
        await asyncio.sleep(_SWEEP_PAUSE_S)


def _carriers(variable: str, mark: str) -> list[int]:
    return [pid for pid, value in tagged(variable, mark).items() if value == mark]
