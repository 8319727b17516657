"""The log of one gate: a bounded file, and the end of the output for people."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from sps.lib.terminal import clean

TAIL = 8 * 1024


class GateLog:
    """Takes output in pieces. The file gets the first `cap` bytes; of what comes after them it
    gets a line that says how much was left out, and the last 8 KiB. A first piece that must be
    `mark` is taken out: it shows that the command was reached.
    """

    def __init__(self, path: str, *, cap: int, mark: bytes) -> None:
        self._cap = cap
        self._mark = mark
        self._seen = b""
        self._total = 0
        self._end = b""
        self._checked = False
        self.started = False
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        self._file = open(os.open(path, flags, 0o600), "wb")  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._finish()

    @property
    def tail(self) -> str:
        """The last 8 KiB, safe to show."""
        return clean((self._end or self._seen).decode(errors="replace"))

    def write(self, piece: bytes) -> None:
        """Take the next piece of output."""
        if not self._checked:
            self._seen += piece
            if len(self._seen) < len(self._mark) and self._mark.startswith(self._seen):
                return
            self._checked = True
            self.started = self._seen.startswith(self._mark)
            piece, self._seen = self._seen.removeprefix(self._mark), b""
        room = max(0, self._cap - self._total)
        self._file.write(piece[:room])
        self._total += len(piece)
        self._end = (self._end + piece)[-TAIL:]

    def _finish(self) -> None:
        with self._file as file:
            beyond = self._total - self._cap
            if beyond <= 0:
                return
            last = self._end[-min(beyond, TAIL) :]
            if beyond > len(last):
                left_out = f"\n[sps] {beyond - len(last)} bytes of output are left out here\n"
                file.write(left_out.encode())
            file.write(last)
