"""Looking at the process table: who descends from whom, who carries which tag."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterable
from pathlib import Path

_PROC = Path("/proc")


def _stat(pid: int) -> tuple[int, int] | None:
    """Return (parent, start time in ticks) of a living, non-zombie process."""
    try:
        text = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    fields = text[text.rindex(")") + 2 :].split()
    return None if fields[0] == "Z" else (int(fields[1]), int(fields[19]))


def _pids() -> list[int]:
    try:
        return [int(name) for name in os.listdir(_PROC) if name.isdigit()]
    except OSError:
        return []


def start_time(pid: int) -> int:
    """Return the start time of a process in clock ticks, 0 when it does not live."""
    stat = _stat(pid)
    return stat[1] if stat else 0


def descendants(pid: int) -> list[int]:
    """Return every living process below `pid`, parents before children."""
    children: dict[int, list[int]] = {}
    for other in _pids():
        stat = _stat(other)
        if stat:
            children.setdefault(stat[0], []).append(other)
    found: list[int] = []
    todo = [pid]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


def tagged(variable: str, prefix: str) -> dict[int, str]:
    """Return pid -> value of each living process whose environment has `variable=prefix...`."""
    needle = f"{variable}={prefix}".encode()
    found: dict[int, str] = {}
    for pid in _pids():
        if pid == os.getpid() or _stat(pid) is None:
            continue
        try:
            environment = (_PROC / str(pid) / "environ").read_bytes()
        except OSError:
            continue
        for entry in environment.split(b"\0"):
            if entry.startswith(needle):
                found[pid] = entry.decode(errors="replace").partition("=")[2]
                break
    return found


def kill_all(pids: Iterable[int]) -> None:
    """SIGKILL each of them; those already gone are no error."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
