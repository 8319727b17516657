"""Splitting a card into new ones, and giving it to another agent."""

from __future__ import annotations

import msgspec

from sps.console.answers import Answer, Document, Moved
from sps.console.pages.card_shell import where
from sps.console.registry import Route, Surface
from sps.console.visit import Visit
from sps.model.access import Role
from sps.services.card_view import CardView, view
from sps.services.edit_card import CardChanges, edit_card
from sps.services.split_card import SplitCard, split_card


class Split(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The titles of the parts, of which `more` has one a line; `wait`: the card waits for them."""

    part: list[str] = []
    more: str = ""
    wait: bool = False


class Assign(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The agent of the next attempt; without one, that of the stage or the project."""

    agent: str = ""


def split(visit: Visit) -> Answer:
    """Split a card and show it."""
    _split(visit)
    project, seq = where(visit)
    return Moved(to=f"/p/{project}/c/{seq}")


def split_document(visit: Visit) -> Answer:
    """Split a card and give all of them."""
    return Document(value=_split(visit), status=201)


def assign(visit: Visit) -> Answer:
    """Give a card to another agent."""
    _assign(visit)
    project, seq = where(visit)
    return Moved(to=f"/p/{project}/c/{seq}")


def assign_document(visit: Visit) -> Answer:
    """Give a card to another agent, and give it back."""
    return Document(value=_assign(visit))


def _split(visit: Visit) -> SplitCard:
    wanted: Split = visit.body
    titles = [*wanted.part, *wanted.more.splitlines()]
    return split_card(visit.world, *where(visit), titles, wait=wanted.wait)


def _assign(visit: Visit) -> CardView:
    changes = CardChanges(agent=visit.body.agent.strip())
    return view(edit_card(visit.world, *where(visit), changes))


_P = "/p/{project}/c/{seq}"
_A = "/api/v1/projects/{project}/cards/{seq}"
ROUTES = (
    Route(verb="POST", path=_P + "/split", surface=Surface.PAGE, role=Role.OPERATOR,
          handler=split, body=Split, says="Make the parts of a card cards of their own."),
    Route(verb="POST", path=_A + "/split", surface=Surface.API, role=Role.OPERATOR,
          handler=split_document, body=Split, answers=SplitCard, status=201,
          says="Make the parts of a card cards of their own."),
    Route(verb="POST", path=_P + "/assign", surface=Surface.PAGE, role=Role.OPERATOR,
          handler=assign, body=Assign, says="Give a card to another agent."),
    Route(verb="POST", path=_A + "/assign", surface=Surface.API, role=Role.OPERATOR,
          handler=assign_document, body=Assign, answers=CardView,
          says="Give a card to another agent, from its next attempt on."),
)  # fmt: skip
