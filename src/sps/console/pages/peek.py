"""A look at a card without leaving the board."""

from __future__ import annotations

import msgspec
from markupsafe import Markup

from sps.console.answers import Answer, Moved, Page
from sps.console.registry import Route, Surface
from sps.console.render.markdown import markdown
from sps.console.visit import Visit
from sps.model.access import Role
from sps.services.show_card import CardDetail, show_card

_EVENTS = 6
_BODY = 4_000


class Peek(msgspec.Struct, frozen=True, kw_only=True):
    """A card in short: the beginning of its text, and what happened last, newest first."""

    card: CardDetail
    body: Markup
    cut: bool

    @property
    def newest(self) -> list[object]:
        """The newest events, the last first."""
        return list(reversed(self.card.events[-_EVENTS:]))


def peek(visit: Visit) -> Answer:
    """Show a card in short; without scripts its page is shown."""
    project, seq = visit.path["project"], visit.number("seq")
    card = show_card(visit.world, project, seq)
    if not visit.scripted:
        return Moved(to=f"/p/{project}/c/{seq}")
    model = Peek(card=card, body=markdown(card.body[:_BODY]), cut=len(card.body) > _BODY)
    return Page(template="board_peek.html", title=card.title, model=model, project=project)


ROUTES = (
    Route(verb="GET", path="/p/{project}/c/{seq}/peek", surface=Surface.PAGE, role=Role.VIEWER,
          handler=peek, says="A card in short."),
)  # fmt: skip
