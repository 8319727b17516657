"""`sps logs`: what happened, line by line."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from sps.cli import screen
from sps.cli.frame import Frame, reading

if TYPE_CHECKING:
    from sps.services.telling import EventView

_POLL_S = 0.5


@click.command("logs")
@click.argument("project", required=False)
@click.argument("seq", type=click.IntRange(1), required=False)
@click.option("--follow", "-f", is_flag=True, help="Go on as things happen, until Ctrl-C.")
@click.option("--level", default="info", metavar="L", help="debug, info, warning or error.")
@click.option("--lines", "-n", type=click.IntRange(1), metavar="N", help="Only the newest.")
@reading
def logs(
    frame: Frame, project: str | None, seq: int | None, follow: bool,
    level: str, lines: int | None,
) -> None:  # fmt: skip
    """Show the events of everything, of a project or of a card, oldest first. With --follow and
    --json each event is a document on a line of its own."""
    from sps.services.logs import LogFilter
    from sps.services.logs import logs as read

    wanted = LogFilter(project=project, seq=seq, level=level)
    with frame.world() as world:
        page = read(world, wanted, newest=lines)
        if not follow:
            frame.show(page, lambda one: "\n".join(map(_line, one.events)) or "nothing yet")
            return
        while True:
            for event in page.events:
                _write(frame, event)
            time.sleep(_POLL_S)
            page = read(world, wanted, after=page.last)


def _write(frame: Frame, event: EventView) -> None:
    if not frame.as_json:
        screen.out(_line(event))
        return
    import msgspec

    screen.document(msgspec.json.encode(event))


def _line(event: EventView) -> str:
    number = f"#{event.card}" if event.card is not None else ""
    says = event.says.replace("\n", " ")
    return f"{event.at}  {event.level:<7}  {event.project}{number}  {says}"
