"""The test bed: a fresh home and repository, and this program as a process."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from sps.bootstrap import DATABASE, Wired, open_world, scratch_database
from sps.model.errors import WorkFailed
from sps.model.event import Event
from sps.ports.programs import Ran, Running
from sps.ports.store import EventQuery

PROJECT = "bench"
_PIPELINE = """\
version: 1
agent: scripted
workers: 3
stages: [{name: develop}]
gates: [{name: there, run: test -f README.md}]
"""
_GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "bench"), ("EMAIL", "bench@localhost"))
    },
}
_FILES = 40


class Bed:
    """A home, a repository with a few files, a project with one trivial gate."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="sps-bench-"))
        self.repo = self.folder / "repo"
        self._kept = contextlib.ExitStack()
        url = self._kept.enter_context(scratch_database())  # never the board that people use
        home = str(self.folder / "home")
        self.env = {**os.environ, **_GIT, "SPS_HOME": home, DATABASE: url}
        self.world: Wired = open_world(self.folder / "home", create=True, database=url)
        self._daemon: Running | None = None
        self._make_repository()

    def close(self) -> None:
        """Stop what runs and remove the folder."""
        self.stop_daemon()
        self.world.store.close()
        self._kept.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def sps(self, *words: str, check: bool = True, at: Path | None = None) -> Ran:
        """Run this program as a process, in the folder `at`."""
        argv, cwd = [*_program(), *words], str(at or self.folder)
        ran = self.world.programs.run(argv, env=self.env, cwd=cwd, timeout=300)
        if check and ran.code != 0:
            raise WorkFailed("bench-failed", f"sps {' '.join(words)}: {ran.code} {ran.err}")
        return ran

    def git(self, *words: str) -> None:
        """Run git in the repository."""
        argv = ["git", *words]
        ran = self.world.programs.run(argv, env=self.env, cwd=str(self.repo), timeout=60)
        if ran.code != 0:
            raise WorkFailed("bench-failed", f"git {' '.join(words)}: {ran.code} {ran.err}")

    def start_daemon(self, timeout: float = 30.0) -> float:
        """Start the daemon; return the seconds from the start to the first answer."""
        began = time.perf_counter()
        log = str(self.folder / "daemon.out")
        self._daemon = self.world.programs.start([*_program(), "up"], env=self.env, log=log)
        self.until(self._answers, timeout, "the daemon does not answer")
        return time.perf_counter() - began

    @property
    def daemon_pid(self) -> int:
        """The daemon's process id."""
        assert self._daemon is not None
        return self._daemon.pid

    def stop_daemon(self) -> None:
        """Stop the daemon in good order."""
        if self._daemon is not None:
            self._daemon.stop(40)
            self._daemon = None

    def until(self, holds: Callable[[], bool], timeout: float, what: str) -> None:
        """Wait, looking each millisecond. Raises `WorkFailed("bench-failed")`."""
        deadline = time.perf_counter() + timeout
        while not holds():
            if time.perf_counter() > deadline:
                raise WorkFailed("bench-failed", what)
            time.sleep(0.001)

    def events(self, after: int = 0) -> list[Event]:
        """Return the events after an id."""
        return self.world.store.read(lambda tx: tx.events(EventQuery(after_id=after)))

    def last_event(self) -> int:
        """Return the newest event's id."""
        events = self.events()
        return events[-1].id if events else 0

    def _answers(self) -> bool:
        try:
            info = json.loads(self.world.home.info.read_text())
            url = f"http://127.0.0.1:{info['port']}/health/live"
            with urllib.request.urlopen(url, timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, ValueError, urllib.error.URLError):
            return False

    def _make_repository(self) -> None:
        self.repo.mkdir()
        (self.repo / "README.md").write_text("bench\n")
        for number in range(_FILES):
            part = self.repo / f"part{number % 5}"
            part.mkdir(exist_ok=True)
            (part / f"file{number}.py").write_text(f"VALUE = {number}\n" * 50)
        for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "start"]):
            self.git(*words)
        pipeline = self.folder / "pipeline.yaml"
        pipeline.write_text(_PIPELINE)
        self.sps(
            "project", "init", PROJECT, "--repo", str(self.repo), "--agent", "scripted",
            "--pipeline", str(pipeline),
        )  # fmt: skip


def _program() -> list[str]:
    """Return how this program is started: the installed script where there is one."""
    script = Path(sys.executable).parent / "sps"
    return [str(script)] if script.exists() else [sys.executable, "-m", "sps"]
