"""The installed program, run as users and scripts run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = Path(sys.executable).parent / "sps"
TIMEOUT = 90
PIPELINE = """\
version: 1
agent: scripted
workers: 2
stages:
  - {name: develop, attempts: 2, timeout: 60s}
gates:
  - {name: marker, run: test -f README.md}
sandbox: none
"""
REVIEWED = PIPELINE.replace("gates:", "  - {name: look, approve: person, on_fail: develop}\ngates:")


@dataclass(frozen=True)
class Said:
    """How a call ended and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Cli:
    """The program on a home of its own, with a repository and a project `demo`."""

    home: Path
    repo: Path

    @property
    def env(self) -> dict[str, str]:
        home = {"SPS_HOME": str(self.home), "HOME": str(self.home.parent)}
        return home | {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}

    def __call__(self, *words: str, stdin: str | None = None, **env: str) -> Said:
        done = subprocess.run(
            [str(PROGRAM), *words], env=self.env | env, capture_output=True, text=True,
            input=stdin, timeout=TIMEOUT, cwd=self.home.parent, check=False,
            **({} if stdin is not None else {"stdin": subprocess.DEVNULL}),
        )  # fmt: skip
        return Said(done.returncode, done.stdout, done.stderr)

    def start(self, *words: str, **env: str) -> subprocess.Popen[str]:
        """Start a call that goes on by itself; the caller ends it."""
        return subprocess.Popen(
            [str(PROGRAM), *words], env=self.env | env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", "-c", "user.name=T", "-c", "user.email=t@localhost", "-C", str(self.repo),
             *words],
            capture_output=True, text=True, timeout=30, check=True,
        )  # fmt: skip
        return done.stdout.strip()


def make(folder: Path, pipeline: str = PIPELINE) -> Cli:
    """Make a repository and register it as `demo`."""
    cli = Cli(home=folder / "home", repo=folder / "repo")
    cli.repo.mkdir()
    (cli.repo / "README.md").write_text("demo\n")
    cli.git("init", "-q", "-b", "main")
    cli.git("config", "user.name", "Owner")
    cli.git("config", "user.email", "owner@localhost")
    cli.git("add", "-A")
    cli.git("commit", "-qm", "one")
    (folder / "pipeline.yaml").write_text(pipeline)
    done = cli("project", "init", "demo", "--repo", str(cli.repo), "--pipeline",
               str(folder / "pipeline.yaml"))  # fmt: skip
    assert done.code == 0, done.err
    return cli


def writing(path: str, content: str = "x", *, before: str = "") -> str:
    """Return the body of a card whose agent writes one file."""
    return f"{before}```file path={path}\n{content}\n```\n"
