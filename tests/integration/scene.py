"""One scene of a flow test: a fresh home and repository, cards, the real wiring, one tick."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from sps.bootstrap import Wired, open_world
from sps.daemon.board import Board
from sps.daemon.tick import tick
from sps.flow import tag
from sps.lib import proctree
from sps.model.card import Card, CardText
from sps.model.errors import SpsError
from sps.model.event import Event, EventKind, fold
from sps.model.project import Identity, Project
from sps.model.run import Run
from sps.ports.store import CardQuery, EventQuery

FILES = {"README.md": "# Scene\n", "app.txt": "one\ntwo\nthree\n"}
PIPELINE = """\
version: 1
agent: scripted
stages:
  - {name: develop, timeout: 1m, idle_timeout: 20s, attempts: 3}
gates:
  - {name: sound, run: test ! -e broken}
"""
PATIENCE_S = 30.0
_GIT_ENV = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "owner",
    "GIT_AUTHOR_EMAIL": "owner@example.com",
    "GIT_COMMITTER_NAME": "owner",
    "GIT_COMMITTER_EMAIL": "owner@example.com",
}


def file(path: str, content: str, when: str = "") -> str:
    """Return a block that writes a file."""
    return f"```file path={path} {when}\n{content}```\n"


def sh(script: str, when: str = "") -> str:
    """Return a block that runs a command."""
    return f"```sh {when}\n{script}\n```\n"


def sleep(seconds: float, when: str = "") -> str:
    """Return a block that takes time."""
    return f"```sleep {when}\n{seconds}\n```\n"


def fail(kind: str, when: str = "") -> str:
    """Return a block that makes the agent misbehave."""
    return f"```fail {when}\n{kind}\n```\n"


def hold_on(when: str = "attempt=1", then: str = "rm go-on") -> str:
    """Return a block in which the agent waits for `Scene.go_on`. Reviewers can remove nothing."""
    return sh(f"for _ in $(seq 1500); do test -e go-on && break; sleep 0.02; done; {then}", when)


def until(holds: Callable[[], object], what: str = "it") -> None:
    """Wait, with a bound, until something holds."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, f"waited too long for {what}"
        time.sleep(0.02)


@contextlib.contextmanager
def own_logging() -> Iterator[None]:
    """A tick takes the logging of its process: give it back."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        yield
    finally:
        for handler in set(root.handlers) - set(handlers):
            handler.close()
        root.handlers[:] = handlers
        root.setLevel(level)


class Repo:
    """The owner's repository."""

    def __init__(self, path: Path, files: Mapping[str, str] = FILES) -> None:
        self.path = path
        path.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        self.commit(files, "start")

    def git(self, *words: str) -> str:
        env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | _GIT_ENV
        done = subprocess.run(
            ["git", *words], cwd=self.path, env=env, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, files: Mapping[str, str], message: str = "by the owner") -> str:
        for name, content in files.items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_text(content)
        self.git("add", "-A")
        self.git("commit", "-qm", message)
        return self.git("rev-parse", "HEAD")

    def at(self, path: str, rev: str = "main") -> str | None:
        """Return a file's content as of a revision, None where it is absent."""
        if not self.git("ls-tree", rev, "--", path):
            return None
        return self.git("show", f"{rev}:{path}")

    def landed(self, rev: str = "main") -> list[str]:
        """Return the subjects of the first-parent history, oldest first."""
        return self.git("log", "--reverse", "--first-parent", "--format=%s", rev).splitlines()

    def trailers(self, rev: str = "main") -> dict[str, str]:
        lines = self.git("log", "-1", "--format=%(trailers:only)", rev).splitlines()
        return dict(line.split(": ", 1) for line in lines if line)


class Scene:
    """A home with one project `p` (more with `project`) and what can be asked about it."""

    def __init__(
        self, folder: Path, pipeline: str = PIPELINE, files: Mapping[str, str] = FILES
    ) -> None:
        self.folder = folder
        self.boards: list[Board] = []  # what the dispatcher found at the end of each turn
        self.repo = Repo(folder / "repo", files)
        self.world: Wired = open_world(folder / "home", create=True)
        self.project("p", self.repo.path, pipeline)

    def close(self) -> None:
        self.world.store.close()

    def project(self, name: str, repo: Path, pipeline: str = PIPELINE) -> None:
        world = self.world
        it = Project(
            name=name,
            id=world.ids.new(),
            repo=str(repo),
            branch="main",
            agent="scripted",
            identity=Identity("owner", "owner@example.com"),
            created_at=world.clock.now(),
        )
        world.home.cards(name).mkdir(parents=True)
        world.pipeline_files.install(name, pipeline)
        world.vault.create(it)
        world.store.write(lambda tx: tx.add_project(it))

    def add(self, body: str, project: str = "p", **text: object) -> int:
        """Put a card file into the home and return its number."""
        seq = self.world.card_files.highest(project) + 1
        title = str(text.pop("title", f"Card {seq}"))
        given = CardText(title=title, body=body, **text)  # type: ignore[arg-type]
        self.world.card_files.create(project, seq, given)
        return seq

    def path(self, seq: int) -> Path:
        """Return the file of a card."""
        name = self.world.card_files.find("p", seq)
        assert name is not None
        return self.world.home.cards("p") / name

    def tick(
        self,
        *projects: str,
        limit: int = 8,
        when: Callable[[], object] | None = None,
        do: Callable[[], object] = lambda: None,
    ) -> Board:
        """Work until nothing can move. With `when` and `do`: meanwhile, once, do something when
        something holds."""
        with own_logging():
            return self._tick(projects or ("p",), limit, when, do)

    def _tick(
        self,
        projects: tuple[str, ...],
        limit: int,
        when: Callable[[], object] | None,
        do: Callable[[], object],
    ) -> Board:
        if when is None:
            return tick(self.world, projects, on_board=self.boards.append, limit=limit)
        wrong: list[Exception] = []
        meanwhile = threading.Thread(target=self._meanwhile, args=(when, do, wrong))
        meanwhile.start()
        try:
            return tick(self.world, projects, on_board=self.boards.append, limit=limit)
        finally:
            meanwhile.join(2 * PATIENCE_S)
            assert not wrong, wrong

    def _meanwhile(
        self, when: Callable[[], object], do: Callable[[], object], wrong: list[Exception]
    ) -> None:
        try:
            until(when, "the moment to step in")
            do()
        except (AssertionError, OSError, SpsError) as err:
            wrong.append(err)

    def process(self) -> subprocess.Popen[bytes]:
        """Start a tick of its own process."""
        return subprocess.Popen(
            [sys.executable, "-m", "sps", "tick", "p"],
            env={**os.environ, "SPS_HOME": str(self.world.home.root)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def card(self, seq: int, project: str = "p") -> Card:
        found = self.world.store.read(lambda tx: tx.card_by_seq(project, seq))
        assert found is not None
        return found

    def standing(self, seq: int) -> tuple[str, str | None]:
        """Return state and reason."""
        card = self.card(seq)
        return card.state.value, card.reason

    def states(self, project: str = "p") -> dict[int, str]:
        cards = self.world.store.read(lambda tx: tx.cards(CardQuery(project=project)))
        return {card.seq: card.state.value for card in cards}

    def events(self, seq: int, *kinds: EventKind) -> list[Event]:
        query = EventQuery(card_id=self.card(seq).id)
        found = self.world.store.read(lambda tx: tx.events(query))
        assert [event.seq for event in found] == list(range(1, len(found) + 1))
        standing = fold(found)
        assert standing is not None
        return [event for event in found if not kinds or event.kind in kinds]

    def all_events(self) -> list[Event]:
        return self.world.store.read(lambda tx: tx.events(EventQuery()))

    def verbs(self, seq: int) -> list[str]:
        return [str(event.payload["verb"]) for event in self.events(seq, EventKind.CARD_MOVED)]

    def reasons(self, seq: int) -> list[str]:
        """Return every reason the card ever had, in order."""
        moves = self.events(seq, EventKind.CARD_MOVED)
        return [str(event.payload["reason"]) for event in moves if event.payload["reason"]]

    def runs(self, seq: int, project: str = "p") -> list[Run]:
        card_id = self.card(seq, project).id
        return self.world.store.read(lambda tx: tx.runs(card_id=card_id))

    def prompt(self, run: Run) -> str:
        return (self.world.home.run(run.project, run.id) / "prompt.md").read_text()

    def halted(self) -> str | None:
        project = self.world.store.read(lambda tx: tx.project("p"))
        assert project is not None
        return project.halted

    def working(self, seq: int, project: str = "p") -> bool:
        """Whether an agent works on the card now."""
        try:
            return any(run.pid and not run.ended_at for run in self.runs(seq, project))
        except AssertionError:
            return False

    def go_on(self, seq: int, project: str = "p") -> None:
        """Let an agent go on that waits in `hold_on`."""
        until(lambda: self.working(seq, project), f"the agent of card {project}#{seq}")
        (Path(self.runs(seq, project)[-1].workspace) / "go-on").touch()

    def look_again(self) -> None:
        """Wait until the dispatcher has begun and ended a whole turn from now on."""
        seen = len(self.boards)

        def turned() -> bool:
            self.world.wake.ring()
            return len(self.boards) >= seen + 2  # the first may have begun before

        until(turned, "two turns")

    def orphans(self) -> dict[int, str]:
        """Return the living processes of this home's runs."""
        return proctree.tagged(tag.VARIABLE, tag.home_prefix(self.world))

    def vault(self, *words: str) -> str:
        env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | _GIT_ENV
        done = subprocess.run(
            ["git", f"--git-dir={self.world.home.vault('p')}", *words],
            env=env, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()


Make = Callable[..., Scene]


@contextlib.contextmanager
def scenes(
    folder: Path, pipeline: str = PIPELINE, files: Mapping[str, str] = FILES
) -> Iterator[Make]:
    """Give a maker of scenes, each below `folder`; all are closed at the end."""
    made: list[Scene] = []

    def build(own: str = pipeline) -> Scene:
        made.append(Scene(folder / str(len(made)), own, files))
        return made[-1]

    try:
        yield build
    finally:
        for scene in made:
            scene.close()
