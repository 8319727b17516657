"""`sps skill search`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, reading
from sps.cli.skill.here import looking
from sps.cli.table import table

if TYPE_CHECKING:
    from sps.services.skills.search import Hits


@click.command("search")
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, help="At most so many.")
@reading
def search(frame: Frame, words: tuple[str, ...], limit: int) -> None:
    """Find skills by words of their names and descriptions, the best first."""
    from sps.services.skills.search import search_skills

    found = search_skills(looking(frame), " ".join(words), limit=limit)
    frame.show(found, _text)


def _text(found: Hits) -> str:
    if not found.hits:
        return f'no skill fits "{found.query}"'
    rows = [(one.skill.name, one.skill.source, one.skill.description) for one in found.hits]
    more = f"\n{found.more} more: --limit N" if found.more else ""
    return table(("SKILL", "FROM", "WHAT"), rows) + more
