"""`sps help`: the pages that come with the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, reading
from sps.cli.table import table

if TYPE_CHECKING:
    from sps.services.manual import Page


@click.command("help")
@click.argument("word", required=False)
@reading
def help_(frame: Frame, word: str | None) -> None:
    """Show the page about WORD: a code that an error or sps why names, or a subject. Without WORD:
    which pages there are. What a command takes is told by its --help."""
    from sps.services import manual

    if word is None:
        frame.show(manual.pages(), _list)
        return
    frame.show(manual.page(word, lambda name: f"sps help {name}"), lambda one: one.text.rstrip())


def _list(pages: list[Page]) -> str:
    return table(("PAGE", "ABOUT"), [(one.name, one.title) for one in pages])
