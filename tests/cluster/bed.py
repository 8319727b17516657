"""A home and its workers as separate processes, each with a folder of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from sps.lib import proctree
from tests.fakes.postgres_server import Server, database_for

SPS = [sys.executable, "-m", "sps"]
_PIPELINE = """\
version: 1
agent: scripted
workers: {seats}
stages:
  - {{name: develop}}
gates:
  - {{name: there, run: test -f README.md}}
sandbox: none
"""
_GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "owner"), ("EMAIL", "owner@example.com"))
    },
}


@dataclass
class Machine:
    """One process, the home's daemon or a worker."""

    name: str
    home: Path
    process: subprocess.Popen[bytes]

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    @property
    def tag(self) -> str:
        """How the processes of its agents are marked."""
        return f"{(self.home / 'id').read_text().strip()}/"

    def agents(self) -> dict[int, str]:
        """Return the processes of its agents that live."""
        return proctree.tagged("SPS_RUN", self.tag)


@dataclass
class Bed:
    """A repository, a database and the machines."""

    folder: Path
    server: Server
    seats: int = 6
    machines: list[Machine] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.url = database_for(self.folder)
        self.repo = self.folder / "repo"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("SPS_", "GIT_"))}
        self._env = {**kept, **_GIT, "SPS_DATABASE": self.url}

    def make(self) -> None:
        """Make the repository and the project in the home."""
        self.repo.mkdir(parents=True)
        (self.repo / "README.md").write_text("a cluster\n")
        for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "start"]):
            self.git(*words)
        pipeline = self.folder / "pipeline.yaml"
        pipeline.write_text(_PIPELINE.format(seats=self.seats))
        self.sps("project", "init", "shop", "--repo", str(self.repo), "--agent", "scripted",
                 "--pipeline", str(pipeline), "--sandbox", "none")  # fmt: skip

    def cards(self, number: int, *, seconds: float = 0.0) -> None:
        """Write card files, as a person or a tool would, into the home."""
        folder = self.folder / "home" / "projects" / "shop" / "cards"
        folder.mkdir(parents=True, exist_ok=True)
        waits = f"```sleep\n{seconds}\n```\n" if seconds else ""
        for seq in range(1, number + 1):
            body = f"{waits}```file path=made/{seq}.txt\n{seq}\n```\n"
            (folder / f"{seq}-card.md").write_text(f"---\ntitle: card {seq}\n---\n{body}")

    def up(self, *, limit: int = 1) -> Machine:
        """Start the home's daemon."""
        return self._start("home", "up", "--port", "4700", "--limit", str(limit))

    def worker(self, name: str, *, limit: int = 2) -> Machine:
        """Start a worker."""
        return self._start(name, "worker", "run", "--limit", str(limit))

    def sps(self, *words: str, check: bool = True) -> str:
        """Run a command in the home."""
        done = subprocess.run(
            [*SPS, *words], env=self._of("home"), capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip
        if check and done.returncode != 0:
            raise RuntimeError(f"sps {words}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=self.repo, env=self._env, check=True, capture_output=True,
            text=True,
        )  # fmt: skip
        return done.stdout.strip()

    def ask(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the database itself; nothing while it is away."""
        with (
            contextlib.suppress(psycopg.OperationalError),
            psycopg.connect(self.url, connect_timeout=5) as connection,
        ):
            return connection.execute(question.encode(), values).fetchall()
        return []

    def states(self) -> Counter[str]:
        return Counter(dict(self.ask("SELECT state, count(*) FROM sps.cards GROUP BY state")))

    def until(self, holds: Callable[[], Any], seconds: float, what: str) -> Any:
        """Wait until something holds, and return what it gave. Raises with the logs' ends."""
        end = time.monotonic() + seconds
        while not (found := holds()):
            if time.monotonic() > end:
                raise AssertionError(f"{what}: {dict(self.states())}\n{self.said()}")
            time.sleep(0.1)
        return found

    def judge(self, number: int) -> list[str]:
        """Return everything that is not as promised: each card done and landed exactly once."""
        found = [f"{state}: {n}" for state, n in self.states().items() if state != "done"]
        if self.states()["done"] != number:
            found.append(f"{self.states()['done']} cards are done instead of {number}")
        log = self.git("log", "--first-parent", "--format=%(trailers:key=Card-Number,valueonly)")
        landed = Counter(line for line in log.splitlines() if line)
        found += [f"{name} landed {n} times" for name, n in landed.items() if n != 1]
        if len(landed) != number:
            found.append(f"{len(landed)} cards are on main instead of {number}")
        report = json.loads(self.sps("verify", "--json", check=False))
        return found + [str(violation) for violation in report["violations"]]

    def said(self) -> str:
        """Return the ends of what the machines said."""
        parts = []
        for machine in self.machines:
            log = machine.home / "logs" / "daemon.log"
            lines = log.read_text(errors="replace").splitlines() if log.exists() else []
            told = [line for line in lines if '"level": "debug"' not in line][-12:]
            out = (self.folder / f"{machine.name}.out").read_text()[-800:]
            parts.append("\n".join([f"== {machine.name}", *told, out]))
        return "\n".join(parts)

    def close(self) -> None:
        """End the machines, at once where they do not listen."""
        for machine in self.machines:
            if machine.process.poll() is None:
                machine.send(signal.SIGCONT)
                machine.send(signal.SIGTERM)
        for machine in self.machines:
            try:
                machine.process.wait(40)
            except subprocess.TimeoutExpired:
                machine.process.kill()
                machine.process.wait(10)
        for machine in self.machines:
            if (machine.home / "id").exists():
                proctree.kill_all(machine.agents())

    def _of(self, name: str) -> dict[str, str]:
        return {**self._env, "SPS_HOME": str(self.folder / name)}

    def _start(self, name: str, *words: str) -> Machine:
        with (self.folder / f"{name}.out").open("ab") as out:
            process = subprocess.Popen(
                [*SPS, *words], env=self._of(name), stdout=out, stderr=out,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
        machine = Machine(name, self.folder / name, process)
        self.machines.append(machine)
        return machine


@contextlib.contextmanager
def bed(folder: Path, server: Server, *, seats: int = 6) -> Iterator[Bed]:
    """Make a bed, and leave no process of it."""
    made = Bed(folder, server, seats)
    try:
        made.make()
        yield made
    finally:
        made.close()
