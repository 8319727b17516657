"""A client without defences: what an agent can do to a program that believes it.

It reads lines as long as they come, answers every request, allows what it is asked to allow, reads
and writes every file it is asked for, and ends its agent with a polite signal. `Naive` says what
became of it, within bounds that keep the tests short and this machine whole.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sps.lib import proctree
from sps.lib.process import kill_tree

_VARIABLE = "SPS_NAIVE"


@dataclass
class Naive:
    """One session. `longest` is the longest line it had to hold, `messages` how many it took."""

    script: Path
    folder: Path
    seconds: float = 4.0
    longest: int = 0
    messages: int = 0
    bytes: int = 0
    bad: int = 0
    allowed: int = 0
    read: list[str] = field(default_factory=list)
    wrote: list[str] = field(default_factory=list)
    prompted: bool = False  #: the session got as far as a prompt
    answered: bool = False  #: the prompt was answered
    survivors: int = 0
    stubborn: bool = False  #: it outlived the polite signal
    stderr: int = 0
    stuck: bool = False  #: it waits for an agent that waits for it

    def hold(self, behaviour: str, enough: Callable[[Naive], bool]) -> Naive:
        """Hold a session until it is answered, or enough has happened, or its time is over."""
        mark = f"{os.getpid()}-{time.monotonic_ns()}"
        with (
            open(self.folder / "stderr", "w+b") as err,
            subprocess.Popen(
                [sys.executable, "-I", "-S", str(self.script), behaviour],
                cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=err,
                env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder), _VARIABLE: mark},
                start_new_session=True, bufsize=0,
            ) as child,
        ):  # fmt: skip
            try:
                with contextlib.suppress(BrokenPipeError):
                    self._talk(child, enough)
                child.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(0.5)
                self.stubborn = child.poll() is None
                if not self.stubborn:
                    self.survivors = len(proctree.tagged(_VARIABLE, mark))
                self.stderr = os.fstat(err.fileno()).st_size
            finally:
                kill_tree(child.pid)
                for pid in proctree.tagged(_VARIABLE, mark):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
        return self

    def _talk(self, child: subprocess.Popen[bytes], enough: Callable[[Naive], bool]) -> None:
        assert child.stdin is not None
        assert child.stdout is not None
        self._child = child
        os.set_blocking(child.stdin.fileno(), False)
        self._send({"id": 1, "method": "initialize", "params": {"protocolVersion": 1}})
        end, pending = time.monotonic() + self.seconds, b""
        while time.monotonic() < end and not (self.answered or self.stuck or enough(self)):
            if not select.select([child.stdout], [], [], 0.1)[0]:
                continue
            piece = os.read(child.stdout.fileno(), 1 << 20)
            if not piece:
                return
            self.bytes += len(piece)
            *lines, pending = (pending + piece).split(b"\n")
            self.longest = max([self.longest, len(pending), *map(len, lines)])
            for line in lines:
                self.messages += 1
                self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            message = json.loads(line)
            number, method = message.get("id"), message.get("method")
        except (ValueError, AttributeError, RecursionError):
            self.bad += 1
            return
        if method is None:
            self._answered(number)
        elif number is not None:
            self._send({"id": number, "result": self._serve(str(method), message.get("params"))})

    def _answered(self, number: object) -> None:
        if number == 1:
            self._send({"id": 2, "method": "session/new", "params": {}})
        elif number == 2:
            self.prompted = True
            self._send({"id": 3, "method": "session/prompt", "params": {}})
        elif number == 3:
            self.answered = True

    def _serve(self, method: str, params: Any) -> Any:
        path = str(params.get("path")) if isinstance(params, dict) else ""
        if method == "session/request_permission":
            self.allowed += 1
            return {"outcome": {"outcome": "selected", "optionId": "allow_once"}}
        with contextlib.suppress(OSError, ValueError):
            if method == "fs/read_text_file" and not (self.folder / path).is_fifo():
                self.read.append((self.folder / path).read_text(errors="replace")[:4096])
            elif method == "fs/write_text_file" and not (self.folder / path).is_fifo():
                self._write(path)
        return {}

    def _write(self, path: str) -> None:
        """Believe the path, as far as this machine is not harmed: what leads out of the test's
        folder is only noted."""
        real = Path(os.path.realpath(self.folder / path))
        if real.is_relative_to(self.folder.parent):
            real.write_text("x")
        self.wrote.append(path)

    def _send(self, message: dict[str, Any]) -> None:
        assert self._child.stdin is not None
        line = json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n"
        sent = self._child.stdin.write(line)
        self.stuck = self.stuck or sent != len(line)
