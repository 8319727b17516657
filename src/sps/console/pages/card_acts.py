"""Acting on a card: decide, try again, stop, hold, let go, give up, speak to its agent."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from sps.console.answers import Answer, Document, Moved
from sps.console.pages.card_shell import where
from sps.console.pages.door import inside
from sps.console.registry import Route, Surface
from sps.console.visit import Visit
from sps.model.access import Role
from sps.model.card import Card
from sps.services import decide_card, move_card
from sps.services.card_view import CardView, view
from sps.services.remarks import remarks
from sps.services.resolve_comment import resolve_comment


class Act(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An act that needs no words. `back`: the page to go to afterwards."""

    back: str = ""


class Review(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A decision on a change. `seen` is the tree or commit that was looked at: a newer one is a
    conflict. `note`s are remarks on lines, `path:line: text` or `path:line-line: text`; with the
    comment they are one message."""

    comment: str = ""
    note: list[str] = []
    seen: str = ""
    back: str = ""


class Retry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One more attempt, of the stage the card stands in or of another work stage."""

    stage: str | None = None
    back: str = ""


class Resolve(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A comment of a review, by its number (`2.1`), is settled, or open again."""

    number: str
    resolved: bool = True
    back: str = ""


class Say(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words for the agent: it gets them at the end of its turn, else in its next prompt."""

    text: str
    back: str = ""


def _approved(visit: Visit) -> Card:
    wanted: Review = visit.body
    return decide_card.approve_card(
        visit.world, *where(visit), seen=wanted.seen or None,
        comments=remarks(wanted.comment, wanted.note),
    )  # fmt: skip


def _rejected(visit: Visit) -> Card:
    wanted: Review = visit.body
    return decide_card.reject_card(
        visit.world, *where(visit), remarks(wanted.comment, wanted.note), seen=wanted.seen or None
    )


def _resolved(visit: Visit) -> Card:
    wanted: Resolve = visit.body
    return resolve_comment(visit.world, *where(visit), wanted.number, resolved=wanted.resolved)


def _retried(visit: Visit) -> Card:
    return move_card.retry_card(visit.world, *where(visit), stage=visit.body.stage or None)


def _said(visit: Visit) -> Card:
    author = f"agent {visit.who.name}" if visit.who.role is Role.AGENT else "owner"
    return move_card.comment_card(visit.world, *where(visit), visit.body.text, author=author)


def _cancelled(visit: Visit) -> Card:
    return move_card.cancel_card(visit.world, *where(visit))


def _held(visit: Visit) -> Card:
    return move_card.hold_card(visit.world, *where(visit))


def _released(visit: Visit) -> Card:
    return move_card.release_card(visit.world, *where(visit))


def _dropped(visit: Visit) -> Card:
    return move_card.drop_card(visit.world, *where(visit))


_ACTS: tuple[tuple[str, Callable[[Visit], Card], type[msgspec.Struct], str], ...] = (
    ("approve", _approved, Review, "Approve a card's change."),
    ("reject", _rejected, Review, "Ask for changes: back to work, with one message."),
    ("resolve", _resolved, Resolve, "Say that a review's comment is settled, or open again."),
    ("retry", _retried, Retry, "Try once more, optionally from another stage."),
    ("comment", _said, Say, "Send a message to a card's agent."),
    ("cancel", _cancelled, Act, "Stop what runs for a card and hold it."),
    ("hold", _held, Act, "Take a card back to planning."),
    ("release", _released, Act, "Let a card run as soon as it may."),
    ("drop", _dropped, Act, "Give a card up for good."),
)


def _form(name: str, act: Callable[[Visit], Card]) -> Callable[[Visit], Answer]:
    def handler(visit: Visit) -> Answer:
        project, seq = where(visit)
        act(visit)
        default = f"/p/{project}/c/{seq}"
        return Moved(to=inside(visit.body.back) if visit.body.back else default)

    handler.__name__ = name
    return handler


def _call(name: str, act: Callable[[Visit], Card]) -> Callable[[Visit], Answer]:
    def handler(visit: Visit) -> Answer:
        return Document(value=view(act(visit)))

    handler.__name__ = f"{name}_document"
    return handler


ROUTES = tuple(
    route
    for name, act, body, says in _ACTS
    for route in (
        Route(verb="POST", path=f"/p/{{project}}/c/{{seq}}/{name}", surface=Surface.PAGE,
              role=Role.OPERATOR, handler=_form(name, act), body=body, says=says),
        Route(verb="POST", path=f"/api/v1/projects/{{project}}/cards/{{seq}}/{name}",
              surface=Surface.API, role=Role.OPERATOR, handler=_call(name, act), body=body,
              answers=CardView, own=name == "comment", says=says),
    )
)  # fmt: skip
