"""A card's page: what it asks, what its agents did, what they changed, what judged it."""

from __future__ import annotations

from sps.console.answers import Answer, Document, Page
from sps.console.registry import Route, Surface
from sps.console.visit import Visit
from sps.model.access import Role
from sps.services.show_card import CardDetail, show_card


def spec_page(visit: Visit) -> Answer:
    """Show what the card asks for."""
    shown = show_card(visit.world, visit.path["project"], visit.number("seq"))
    cursor = visit.world.store.read(lambda tx: tx.last_event())
    return Page(
        template="card.html", title=shown.title, model=shown, view=f"card:{shown.number}",
        cursor=cursor, here="board", project=shown.project,
    )  # fmt: skip


def document(visit: Visit) -> Answer:
    """Give a card as a document."""
    return Document(value=show_card(visit.world, visit.path["project"], visit.number("seq")))


ROUTES = (
    Route(verb="GET", path="/p/{project}/c/{seq}", surface=Surface.PAGE, role=Role.VIEWER,
          handler=spec_page, says="What a card asks for."),
    Route(verb="GET", path="/api/v1/projects/{project}/cards/{seq}", surface=Surface.API,
          role=Role.VIEWER, handler=document, answers=CardDetail, says="A card."),
)  # fmt: skip
