"""Running a program: the whole process group dies with the command, however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import threading

from sps.scripted.errors import CancelledTurnError, StepFailedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO

_KEPT = 65_536  # bytes of output, from the end
_POLITE = 0.2  # seconds between asking a group to end and killing it
_LONGEST_POLL = 0.02  # seconds
_DRAIN = 1.0  # seconds for the rest of the output; a process that left the group may hold the pipe


class Result:
    """How a command ended: exit code (negative for a signal) and the end of its output."""

    __slots__ = ("code", "output")

    def __init__(self, code: int, output: str) -> None:
        self.code = code
        self.output = output


def run(
    argv: list[str],
    *,
    cwd: str,
    cancelled: threading.Event,
    env: dict[str, str] | None = None,
    text: str | None = None,
) -> Result:
    """Run a program in `cwd` with `text` on its standard input, both outputs joined.

    Raises StepFailedError when it cannot be started, CancelledTurnError when the turn is cancelled.
    """
    try:
        process = _start(argv, cwd, env, text)
    except (OSError, ValueError) as err:
        raise StepFailedError(f"{argv[0]} could not be started: {err}") from err
    kept = bytearray()
    drain = threading.Thread(target=_drain, args=(process, kept), daemon=True)
    drain.start()
    try:
        if not _ended(process, cancelled):
            _signal(process, signal.SIGTERM)
            _ended(process, threading.Event(), seconds=_POLITE)
    finally:
        _signal(process, signal.SIGKILL)
        process.wait()
    if cancelled.is_set():
        raise CancelledTurnError
    drain.join(_DRAIN)
    return Result(process.returncode, bytes(kept).decode("utf-8", "replace"))


def shell() -> str:
    """The shell for command blocks: bash where there is one, else sh."""
    for folder in os.get_exec_path():
        path = os.path.join(folder, "bash")
        if os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    return "sh"


def _start(
    argv: list[str], cwd: str, env: dict[str, str] | None, text: str | None
) -> subprocess.Popen[bytes]:
    if text is None:
        return _open(argv, cwd, env, subprocess.DEVNULL)
    import tempfile

    # A file, not a pipe: the program may end without having read all of it.
    data = text.encode("utf-8")
    with tempfile.TemporaryFile() as source:
        source.write(data)
        source.seek(0)
        return _open(argv, cwd, env, source)


def _open(
    argv: list[str], cwd: str, env: dict[str, str] | None, source: IO[bytes] | int
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        argv,
        cwd=cwd,
        env=env,
        stdin=source,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _ended(
    process: subprocess.Popen[bytes], cancelled: threading.Event, seconds: float = float("inf")
) -> bool:
    """Wait until the leader has ended (True), or the event or the time stops the wait (False)."""
    pause = 0.0005
    while seconds > 0:
        if _is_over(process):
            return True
        if cancelled.wait(pause):
            return False
        seconds -= pause
        pause = min(pause * 2, _LONGEST_POLL)
    return False


def _is_over(process: subprocess.Popen[bytes]) -> bool:
    # The leader is not reaped yet, so that its number still names its group when that is killed.
    if not hasattr(os, "waitid"):
        return process.poll() is not None
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _drain(process: subprocess.Popen[bytes], kept: bytearray) -> None:
    stream = process.stdout
    if stream is None:
        return
    with stream:
        while chunk := os.read(stream.fileno(), 65_536):
            kept += chunk
            del kept[:-_KEPT]
