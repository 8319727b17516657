"""`sps tick`: work in the foreground until nothing can move."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click
import msgspec

from sps.cli.frame import Frame, changing
from sps.model.card import CardState
from sps.services.status import ProjectStatus
from sps.services.waiting import Waiting

_NAMED = 3  # cards that wait, of a project's many
_MOST = 300  # characters of what one waits for

if TYPE_CHECKING:
    from sps.daemon.board import Board
    from sps.ports.store import Reading
    from sps.ports.world import World


class Ticked(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. `finished`: every card that is not in planning is done or dropped."""

    finished: bool
    projects: list[ProjectStatus]
    waiting: list[Waiting]


@click.command("tick")
@click.argument("projects", nargs=-1, metavar="[PROJECT]...")
@click.option("--limit", type=click.IntRange(1, 64), default=8, metavar="N",
              help="At most so many agents at a time.")  # fmt: skip
@changing
def tick(frame: Frame, projects: tuple[str, ...], limit: int) -> int:
    """Work on projects (all, when none is named) until nothing can move, then exit.

    Exits with 0 when every card is done or dropped, with 1 when something needs a person. With a
    daemon on this home it follows the daemon's work.
    """
    if frame.dry_run:
        return _rehearse(frame, projects)
    from sps.daemon.tick import tick as work

    with frame.world() as world:
        try:
            board = work(world, projects, on_board=_progress(frame), limit=limit)
        except KeyboardInterrupt:
            frame.note(_stopped(world))
            raise
        done = _ticked(world, projects, finished=board.finished)
    frame.show(done, lambda one: "\n".join([_text(one), *_stuck(one)]))
    return 0 if done.finished else 1


def _stopped(world: World) -> str:
    from sps.lib.lock import holder

    if (holder(world.home.lock) or "").startswith("daemon"):
        return "stopped looking; the daemon works on"
    return "stopped; what ran was kept, its cards go on with the next tick"


def _rehearse(frame: Frame, projects: tuple[str, ...]) -> int:
    """Say what there is to work on."""
    with frame.world() as world:
        for name in projects:
            world.store.read(lambda tx, name=name: _known(tx, name))  # type: ignore[misc]
        done = _ticked(world, projects, finished=False)
    frame.show(done, _text)
    return 0


def _known(tx: Reading, name: str) -> None:
    from sps.services import lookup

    lookup.project(tx, name)


def _ticked(world: World, projects: tuple[str, ...], *, finished: bool) -> Ticked:
    from sps.services.status import status
    from sps.services.waiting import waiting

    found = [one for one in status(world).projects if not projects or one.name in projects]
    names = tuple(one.name for one in found)
    return Ticked(finished=finished, projects=found, waiting=waiting(world, names))


def _progress(frame: Frame) -> Callable[[Board], None]:
    """Tell on stderr when the counts change, and what is waited for; what they are in the end is
    the answer."""
    last: list[str] = []

    def tell(board: Board) -> None:
        lines = [
            f"{name}: "
            + ", ".join(f"{number} {state}" for state, number in counts.items() if number)
            for name, counts in board.counts.items()
        ] + _late(board)
        if lines != last and not board.quiet:
            last[:] = lines
            frame.note("\n".join(lines))

    return tell


def _late(board: Board) -> list[str]:
    """Say what keeps the cards that are tried again later."""
    from sps.lib.times import rfc3339

    lines = [
        f"  {card.project} {card.seq} waits until {rfc3339(card.not_before)}: {card.reason}: "
        + (card.detail or "").partition("\n")[0][:_MOST]
        for card in board.late[:_NAMED]
    ]
    more = len(board.late) - _NAMED
    return lines + ([f"  and {more} more"] if more > 0 else [])


def _text(done: Ticked) -> str:
    parts = [
        f"{one.name}: "
        + (", ".join(f"{n} {state}" for state, n in one.counts.items() if n) or "no cards")
        + (f" - halted: {one.halt_detail or one.halted}" if one.halted else "")
        for one in done.projects
    ]
    for one in done.waiting:
        parts.append(f"  {one.card.number} {one.card.title}")
        parts.append(f"    {one.says}")
        parts += [f"    next: {one.next}"] if one.next else []
        parts += [f"    then: {one.then}"] if one.then else []
    errors = [one.name for one in done.projects if one.file_errors]
    parts += [f"  files of {name} cannot be read: sps card list {name}" for name in errors]
    return "\n".join(parts) or "no projects. Register one: sps project init NAME --repo PATH"


def _stuck(done: Ticked) -> list[str]:
    """Say what is left in the backlog although nothing can move: what waits for other cards."""
    left = [(one.counts[CardState.BACKLOG], one) for one in done.projects if not one.halted]
    return [
        f"  {number} in the backlog of {one.name} waits for cards that are held or not done: "
        f"sps card list {one.name}"
        for number, one in left
        if number
    ]
