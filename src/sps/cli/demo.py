"""`sps demo`: a fresh home and repository, real sandbox, gates and landings, no model needed."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click

from sps.bootstrap import Wired, open_world
from sps.cli.demo_cards import CARDS, EXPECTED, FILES, PIPELINE
from sps.model.errors import WorkFailed

_PROJECT = "greeter"
_GIT = (
    "git",
    "-c",
    "user.name=Demo",
    "-c",
    "user.email=demo@localhost",
    "-c",
    "commit.gpgsign=false",
)


@click.command("demo")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep home and repository here.")
def demo(keep: Path | None) -> None:
    """Show the main job on a fresh repository: cards in, verified and landed commits out."""
    with _folder(keep) as folder:
        began = time.monotonic()
        world = open_world(folder / "home", create=True)
        repo = folder / "repo"
        _make_repository(world, repo)
        _add_cards(world, repo, folder)
        click.echo(f"{len(CARDS)} cards in the backlog of {_PROJECT}; working ...", err=True)
        _work(world)
        _show(world, repo)
        _judge(world)
        click.echo(f"\nThe demo took {time.monotonic() - began:.1f} s.")
        if keep is not None:
            click.echo(f"Look around: SPS_HOME={folder / 'home'} sps why {_PROJECT} 3")


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """Give an empty folder; a temporary one is removed afterwards."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        if any(keep.iterdir()):
            raise click.UsageError(f"{keep} is not empty")
        yield keep.resolve()
        return
    folder = Path(tempfile.mkdtemp(prefix="sps-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make_repository(world: Wired, repo: Path) -> None:
    repo.mkdir()
    for name, content in FILES.items():
        (repo / name).write_text(content)
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-qm", "A greeter")):
        _git(world, repo, *words)


def _git(world: Wired, repo: Path, *words: str) -> str:
    env = {"PATH": os.environ.get("PATH", os.defpath), "GIT_CONFIG_NOSYSTEM": "1",
           "GIT_CONFIG_GLOBAL": os.devnull, "HOME": str(repo.parent)}  # fmt: skip
    done = world.programs.run([*_GIT, *words], env=env, cwd=str(repo), timeout=60)
    if done.code != 0:
        raise WorkFailed("git-failed", f"git {words[0]}: {done.err.strip()}")
    return done.out


def _add_cards(world: Wired, repo: Path, folder: Path) -> None:
    from sps.services.add_card import add_card
    from sps.services.init_project import init_project

    pipeline = folder / "pipeline.yaml"
    pipeline.write_text(PIPELINE)
    init_project(world, _PROJECT, repo=str(repo), agent="scripted", pipeline=pipeline)
    for title, body, after in CARDS:
        add_card(world, _PROJECT, title, body=body, after=after)


def _work(world: Wired) -> None:
    from sps.daemon.tick import tick

    seen: dict[str, int] = {}

    def show(board: object) -> None:
        counts = getattr(board, "counts", {}).get(_PROJECT, {})
        if counts != seen:
            seen.clear()
            seen.update(counts)
            line = "  ".join(f"{state} {number}" for state, number in counts.items() if number)
            click.echo(f"  {line}", err=True)

    tick(world, (_PROJECT,), on_board=show)


def _show(world: Wired, repo: Path) -> None:
    from sps.ports.store import CardQuery

    click.echo("\nThe board:")
    for card in world.store.read(lambda tx: tx.cards(CardQuery(project=_PROJECT))):
        why = f"  [{card.reason}]" if card.reason else ""
        click.echo(f"  {card.seq:>3}  {card.state.value:<12} attempt {card.attempt}  "
                   f"{card.text.title}{why}")  # fmt: skip
    click.echo("\nThe target branch:")
    log = _git(world, repo, "log", "--first-parent", "--format=  %h %s%n        %(trailers:key="
               "Attempt,key=Agent,key=Gates,separator=%x2c%x20)", "main")  # fmt: skip
    click.echo("\n".join(line for line in log.splitlines() if line.strip()))


def _judge(world: Wired) -> None:
    """Check what the demo promises; the exit code says it too."""
    from sps.ports.store import CardQuery
    from sps.services.verify import verify

    cards = world.store.read(lambda tx: tx.cards(CardQuery(project=_PROJECT)))
    found = {card.seq: card.state.value for card in cards}
    report = verify(world)
    for violation in report.violations:
        click.echo(f"  {violation.invariant}: {violation.subject}: {violation.detail}")
    click.echo(f"\nsps verify: {'clean' if report.ok else 'NOT clean'}")
    if found != EXPECTED or not report.ok:
        click.echo(f"expected {EXPECTED}\nfound    {found}", err=True)
        sys.exit(1)
