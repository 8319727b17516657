"""One scene of the matrix: a fresh home, a few cards that use every part, and the judgement."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from tests.fakes import postgres_server

SPS = [sys.executable, "-m", "sps"]
_GIT_ENV = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "owner",
    "GIT_AUTHOR_EMAIL": "owner@example.com",
    "GIT_COMMITTER_NAME": "owner",
    "GIT_COMMITTER_EMAIL": "owner@example.com",
}
_PIPELINE = """\
version: 1
agent: scripted
workers: 2
stages:
  - name: develop
  - {name: check, kind: review, approve: agent}
gates:
  - {name: not-broken, run: test ! -e broken && test -s deps/made}
environment:
  setup: [{run: mkdir -p deps && cp lock.txt deps/made}]
  key: [lock.txt]
  keep: [deps]
"""
_CARDS = {
    "Commit and leave things lying about": """\
```sh
git -c user.name=a -c user.email=a@example.com commit -q --allow-empty -m step
echo one > one.txt && git add one.txt
git -c user.name=a -c user.email=a@example.com commit -qm one
echo two > two.txt
mkdir nested && cd nested && git init -q && echo deep > deep.txt
cd .. && echo '*.cache' > .gitignore && echo kept > some.cache
```
""",
    "Change the other end": """\
```file path=docs/other.md
other
```
```file path=lock.txt
two
```
""",
    "Fail first": """\
```file path=broken attempt=1
x
```
```sh attempt=2+
rm -f broken; echo mended > mended.txt
```
""",
}
OWNER_COMMITS = "owner-commits"  # in a plan: between two deaths the target moves
_INIT = "init-"  # kill points of `sps project init`
_ADD = "card-add-"  # and of `sps card add`; all others lie on the way of a tick
_TICKS_AT_MOST = 12
_TICK_S = 90


@dataclass
class Outcome:
    """What a scene showed. `reached` names the kill points that really killed."""

    plan: tuple[str, ...]
    reached: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)


class Scene:
    """A home and a repository in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.repo = folder / "repo"
        shared = postgres_server.VARIABLE in os.environ
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("SPS_", "GIT_"))},
            **_GIT_ENV,
            "SPS_HOME": str(folder / "home"),
            **({"SPS_DATABASE": postgres_server.database_for(folder)} if shared else {}),
        }

    def build(self, outcome: Outcome) -> None:
        """Make the repository, the project and its cards, dying where the plan says so."""
        self.repo.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        (self.repo / "README.md").write_text("a scene\n")
        (self.repo / "lock.txt").write_text("one\n")
        self.git("add", "-A")
        self.git("commit", "-qm", "start")
        pipeline = self.folder / "pipeline.yaml"
        pipeline.write_text(_PIPELINE)
        self._dying(outcome, _INIT, "project", "init", "scene", "--repo", str(self.repo),
                              "--agent", "scripted", "--pipeline", str(pipeline))  # fmt: skip
        for title, body in _CARDS.items():
            self._dying(outcome, _ADD, "card", "add", "scene", title, body)

    def _dying(self, outcome: Outcome, prefix: str, *words: str) -> None:
        """Run a command; die at each point of the plan that belongs to it, then do it once more."""
        for point in outcome.plan:
            if point.startswith(prefix) and point not in outcome.reached:
                done = self.sps(*words, kill_at=point, check=False)
                if done.returncode == -signal.SIGKILL:
                    outcome.reached.append(point)
        if prefix == _INIT or not self.has(words[3]):
            self.sps(*words)

    def has(self, title: str) -> bool:
        """Whether a card of that title was accepted, by its file: a death may have left it so."""
        folder = self.folder / "home" / "projects" / "scene" / "cards"
        return any(json.dumps(title) in path.read_text() for path in folder.glob("*.md"))

    def git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=self.repo, env=self.env, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def sps(
        self, *words: str, kill_at: str = "", check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        env = {**self.env, **({"SPS_KILL_AT": kill_at} if kill_at else {})}
        done = subprocess.run(
            [*SPS, *words], env=env, capture_output=True, text=True, timeout=_TICK_S, check=False
        )
        if check and done.returncode != 0:
            raise RuntimeError(
                f"sps {' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}"
            )
        return done

    def remove(self) -> None:
        """Leave nothing of the scene."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if "SPS_DATABASE" in self.env:
            postgres_server.drop_database(self.folder)

    def judge(self, plan: tuple[str, ...]) -> list[str]:
        """Return everything that is not as promised."""
        found = []
        cards = json.loads(self.sps("card", "list", "scene", "--json").stdout)["cards"]
        found += [
            f"card {card['seq']} is {card['state']} ({card['reason']})"
            for card in cards
            if card["state"] != "done"
        ]
        if len(cards) != len(_CARDS):
            found.append(f"{len(cards)} cards instead of {len(_CARDS)}")
        landed = self.git(
            "log", "--first-parent", "--format=%(trailers:key=Card,valueonly)", "main"
        )
        names = [line for line in landed.splitlines() if line]
        if sorted(names) != sorted(card["id"] for card in cards):
            found.append(f"landings on main: {names}")
        subjects = self.git("log", "--format=%s", "main").splitlines()
        if subjects.count("the owner's own") != plan.count(OWNER_COMMITS):
            found.append("the owner's commit is not on main exactly once")
        if self.git("status", "--porcelain"):
            found.append("the owner's checkout is dirty")
        for name in ("one.txt", "two.txt", "docs/other.md", "mended.txt"):
            if not (self.repo / name).exists():
                found.append(f"{name} is missing on main")
        report = self.sps("verify", "--json", check=False)
        document = json.loads(report.stdout or '{"ok": false, "violations": []}')
        if not document["ok"]:
            found += [str(violation) for violation in document["violations"]] or [report.stderr]
        return found


def play(plan: tuple[str, ...]) -> Outcome:
    """Play a scene: die at each point of the plan in turn, then work to the end, then judge."""
    outcome = Outcome(plan)
    folder = Path(tempfile.mkdtemp(prefix="sps-kill-"))
    scene = Scene(folder)
    try:
        scene.build(outcome)
        for point in plan:
            if point.startswith((_INIT, _ADD)):
                continue
            if point == OWNER_COMMITS:
                scene.git("commit", "-q", "--allow-empty", "-m", "the owner's own")
                continue
            done = scene.sps("tick", "scene", kill_at=point, check=False)
            if done.returncode == -signal.SIGKILL:
                outcome.reached.append(point)
            elif done.returncode != 0:
                outcome.violations.append(f"tick before {point}: {done.returncode} {done.stderr}")
        for _ in range(_TICKS_AT_MOST):
            done = scene.sps("tick", "scene", check=False)
            if done.returncode == 0:
                break
        else:
            outcome.violations.append(
                f"tick never ends well: {done.stdout[-500:]}{done.stderr[-500:]}"
            )
        outcome.violations += scene.judge(plan)
    except (RuntimeError, subprocess.SubprocessError, OSError, ValueError) as err:
        outcome.violations.append(f"{type(err).__name__}: {err}")
    finally:
        if not outcome.violations:
            scene.remove()
        else:
            outcome.violations.append(f"kept for inspection: {folder}")
    return outcome
