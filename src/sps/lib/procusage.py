"""What processes have used so far: processor time and memory."""

from __future__ import annotations

import os
from collections.abc import Iterable


def usage(pids: Iterable[int]) -> tuple[float, int]:
    """Return the processor seconds and the resident bytes of some processes together. Those that
    are gone count nothing; without a process table all is 0."""
    tick, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    seconds, resident = 0.0, 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                text = file.read()
            fields = text[text.rindex(b")") + 2 :].split()
            seconds += (int(fields[11]) + int(fields[12])) / tick
            resident += int(fields[21]) * page
        except (OSError, ValueError, IndexError):
            continue
    return round(seconds, 2), resident
