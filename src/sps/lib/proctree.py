"""Looking at the process table: who descends from whom, who carries which tag."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterable


def _stat(pid: int) -> tuple[int, int] | None:
    """Return (parent, start time in ticks) of a living, non-zombie process."""
    text = _read(f"/proc/{pid}/stat")
    if not text:
        return None
    fields = text[text.rindex(b")") + 2 :].split()
    return None if fields[0] == b"Z" else (int(fields[1]), int(fields[19]))


def _read(path: str) -> bytes:
    """Return what a file of the process table says, nothing when the process is gone or not ours.
    Done without pathlib: a sweep reads hundreds of them."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        parts = []
        while part := os.read(handle, 1 << 16):
            parts.append(part)
        return b"".join(parts)
    except OSError:
        return b""
    finally:
        os.close(handle)


def _pids() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
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


def environment(pid: int) -> dict[str, str] | None:
    """Return the environment that a process of ours began with, None where the system does not
    tell."""
    pairs = [entry.partition(b"=") for entry in _read(f"/proc/{pid}/environ").split(b"\0")]
    return {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs if name} or None


def tagged(variable: str, prefix: str) -> dict[int, str]:
    """Return pid -> value of each living process whose environment has `variable=prefix...`."""
    needle = f"{variable}={prefix}".encode()
    found: dict[int, str] = {}
    for pid in _pids():
        environment = _read(f"/proc/{pid}/environ")
        if needle not in environment or pid == os.getpid() or _stat(pid) is None:
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
