"""`sps demo`: a fresh home and repository, real sandbox, gates and landings, no model needed."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from sps.cli.demo_cards import CARDS, EXPECTED, FILES, PIPELINE
from sps.cli.frame import Frame, reading
from sps.model.card import CardText
from sps.model.errors import Misuse, WorkFailed
from sps.services.card_view import CardView, view

if TYPE_CHECKING:
    from sps.bootstrap import Wired
    from sps.daemon.board import Board

_PROJECT = "greeter"
_GIT = ("git", "-c", "user.name=Demo", "-c", "user.email=demo@localhost")
_LOG = (
    "log", "--first-parent",
    "--format=%h %s%n       %(trailers:key=Attempt,key=Agent,key=Gates,separator=%x2c%x20)", "main",
)  # fmt: skip


class Demo(msgspec.Struct, frozen=True, kw_only=True):
    """What the demo showed. `as_promised` says that each card ended where the demo says it does
    and that `sps verify` found nothing."""

    as_promised: bool
    verify: list[str]
    cards: list[CardView]
    log: list[str]
    seconds: float
    kept: str | None


@click.command("demo")
@click.option("--keep", type=click.Path(path_type=Path), metavar="DIR",
              help="Keep the home and the repository in this folder.")  # fmt: skip
@reading
def demo(frame: Frame, keep: Path | None) -> int:
    """Watch the main job on a fresh repository: cards in, verified and landed commits out."""
    began = time.monotonic()
    with _folder(keep) as folder:
        from sps.bootstrap import open_world

        world = open_world(folder / "home", create=True, database="")
        try:
            _prepare(world, folder)
            frame.note(f"{len(CARDS)} cards are in the backlog of {_PROJECT}; working ...")
            _work(world, frame.note)
            shown = _look(world, folder, time.monotonic() - began, kept=keep is not None)
        finally:
            world.store.close()
    frame.show(shown, _text)
    return 0 if shown.as_promised else 1


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """Give an empty folder; a temporary one is removed afterwards."""
    if keep is None:
        folder = Path(tempfile.mkdtemp(prefix="sps-demo-"))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return
    keep.mkdir(parents=True, exist_ok=True)
    if any(keep.iterdir()):
        raise Misuse("not-empty", f"{keep} is not empty", hint="sps demo --keep NEW-FOLDER")
    yield keep.resolve()


def _prepare(world: Wired, folder: Path) -> None:
    """Make the repository, the project and its cards."""
    from sps.services.add_card import add_card
    from sps.services.init_project import init_project

    repo = folder / "repo"
    repo.mkdir()
    for name, content in FILES.items():
        (repo / name).write_text(content)
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-qm", "A greeter")):
        _git(world, repo, *words)
    pipeline = folder / "pipeline.yaml"
    pipeline.write_text(PIPELINE)
    init_project(world, _PROJECT, repo=str(repo), agent="scripted", pipeline=pipeline)
    for title, body, after in CARDS:
        add_card(world, _PROJECT, CardText(title=title, body=body, after=after))


def _git(world: Wired, repo: Path, *words: str) -> str:
    env = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(repo.parent),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    done = world.programs.run([*_GIT, *words], env=env, cwd=str(repo), timeout=60)
    if done.code != 0:
        raise WorkFailed("git-failed", f"git {words[0]}: {done.err.strip()}")
    return done.out


def _work(world: Wired, note: Callable[[str], None]) -> None:
    from sps.daemon.tick import tick

    seen: dict[str, int] = {}

    def show(board: Board) -> None:
        counts = {state: n for state, n in board.counts.get(_PROJECT, {}).items() if n}
        if counts != seen:
            seen.clear()
            seen.update(counts)
            note("  " + "  ".join(f"{state} {number}" for state, number in counts.items()))

    tick(world, (_PROJECT,), on_board=show)


def _look(world: Wired, folder: Path, seconds: float, *, kept: bool) -> Demo:
    """Collect what there is to see, and compare it with what the demo promises."""
    from sps.ports.store import CardQuery
    from sps.services.verify import verify

    cards = world.store.read(lambda tx: tx.cards(CardQuery(project=_PROJECT)))
    report = verify(world)
    ended = {card.seq: card.state.value for card in cards}
    return Demo(
        as_promised=report.ok and ended == EXPECTED,
        verify=[f"{v.invariant}: {v.subject}: {v.detail}" for v in report.violations],
        cards=[view(card) for card in cards],
        log=[line for line in _git(world, folder / "repo", *_LOG).splitlines() if line.strip()],
        seconds=round(seconds, 1),
        kept=str(folder) if kept else None,
    )


def _text(shown: Demo) -> str:
    lines = ["", "The board:"]
    for card in shown.cards:
        why = f"  [{card.reason}]" if card.reason else ""
        lines.append(f"  {card.seq:>3}  {card.state:<12} attempt {card.attempt}  {card.title}{why}")
    lines += ["", "The target branch:", *(f"  {line}" for line in shown.log), ""]
    lines += [f"  {violation}" for violation in shown.verify]
    lines.append(f"sps verify: {'NOT clean' if shown.verify else 'clean'}")
    lines.append(f"The demo took {shown.seconds} s.")
    if not shown.as_promised:
        lines.append("The cards did not end as promised: please report this.")
    if shown.kept:
        lines.append(f"Look around: SPS_HOME={shown.kept}/home sps why {_PROJECT} 3")
    return "\n".join(lines)
