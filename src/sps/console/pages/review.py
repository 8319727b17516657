"""The review queue: changes that wait for a person's word, oldest first, one after the other."""

from __future__ import annotations

import msgspec

from sps.console.answers import Answer, Document, Moved, Page
from sps.console.pages.card_diff import DiffView, threads
from sps.console.registry import Route, Surface
from sps.console.render import diff
from sps.console.visit import Visit
from sps.model.access import Role
from sps.services import decide_card
from sps.services.card_view import CardView, view
from sps.services.remarks import remarks
from sps.services.review_queue import ChangeSummary, ReviewItem, review_queue, summary
from sps.services.show_card import show_card

_ROWS = 1_500  #: of a difference, in this page; the card's own page has all


class ReviewQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which one is looked at, as project:number; without it the oldest."""

    at: str = ""


class Decide(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A word about the change as it was seen: its tree or its commit. `note`s are remarks on lines,
    `path:line: text`; with the comment they are one message."""

    project: str
    seq: int
    seen: str
    comment: str = ""
    note: list[str] = []


class ReviewRow(msgspec.Struct, frozen=True, kw_only=True):
    """A change in the queue, with what it touches."""

    item: ReviewItem
    change: ChangeSummary


class ReviewList(msgspec.Struct, frozen=True, kw_only=True):
    """The beginning of the queue, oldest first; `total` counts all."""

    rows: list[ReviewRow]
    total: int
    done_today: int
    approved_today: int


class ReviewPage(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows: the queue, the one that is looked at, and which comes next."""

    queue: list[ReviewItem]
    total: int
    done_today: int
    approved_today: int
    now: ReviewRow | None
    diff: DiffView | None
    following: str
    shortened: bool


def review_page(visit: Visit) -> Answer:
    """Show the queue and one change of it in full."""
    cursor = visit.world.store.read(lambda tx: tx.last_event())
    queue = review_queue(visit.world, visit.query.at)
    now, shown = _looked_at(visit, queue.items[queue.at]) if queue.items else (None, None)
    model = ReviewPage(
        queue=queue.items,
        total=queue.total,
        done_today=queue.done_today,
        approved_today=queue.approved_today,
        now=now,
        diff=shown,
        following=queue.following,
        shortened=shown is not None and any(one.folded for one in shown.files),
    )
    return Page(
        template="review.html", title="Review", model=model, view="all", cursor=cursor,
        here="review",
    )  # fmt: skip


def _looked_at(visit: Visit, item: ReviewItem) -> tuple[ReviewRow, DiffView]:
    project, seq = item.card.project, item.card.seq
    change, found = summary(visit.world, project, seq)
    files = diff.files(found.text, most=_ROWS) if found is not None else []
    said = show_card(visit.world, project, seq).verdicts
    placed, loose = threads(said, files, frozenset({item.seen}))
    view_ = DiffView(
        files=files, path=f"/p/{project}/c/{seq}/changes", asked={}, notes=visit.may("operator"),
        threads=placed, loose=loose,
    )  # fmt: skip
    return ReviewRow(item=item, change=change), view_


def review_document(visit: Visit) -> Answer:
    """List the changes that wait, the oldest first, at most 20 of them."""
    queue = review_queue(visit.world)
    rows = [
        ReviewRow(item=one, change=summary(visit.world, one.card.project, one.card.seq)[0])
        for one in queue.items
    ]
    return Document(
        value=ReviewList(
            rows=rows, total=queue.total, done_today=queue.done_today,
            approved_today=queue.approved_today,
        )
    )  # fmt: skip


def agree(visit: Visit) -> Answer:
    """Approve a change and go on with the next."""
    _agreed(visit)
    return Moved(to="/review")


def agree_document(visit: Visit) -> Answer:
    """Approve a change and give its card back."""
    return Document(value=_agreed(visit))


def _agreed(visit: Visit) -> CardView:
    wanted: Decide = visit.body
    return view(
        decide_card.approve_card(
            visit.world, wanted.project, wanted.seq, seen=wanted.seen,
            comments=remarks(wanted.comment, wanted.note),
        )
    )  # fmt: skip


def send_back(visit: Visit) -> Answer:
    """Request changes and go on with the next."""
    _sent_back(visit)
    return Moved(to="/review")


def send_back_document(visit: Visit) -> Answer:
    """Request changes and give the card back."""
    return Document(value=_sent_back(visit))


def _sent_back(visit: Visit) -> CardView:
    wanted: Decide = visit.body
    said = remarks(wanted.comment, wanted.note)
    return view(
        decide_card.reject_card(visit.world, wanted.project, wanted.seq, said, seen=wanted.seen)
    )


ROUTES = (
    Route(verb="GET", path="/review", surface=Surface.PAGE, role=Role.VIEWER,
          handler=review_page, query=ReviewQuery, says="Changes that wait for a person."),
    Route(verb="POST", path="/review/approve", surface=Surface.PAGE, role=Role.OPERATOR,
          handler=agree, body=Decide, says="Approve a change."),
    Route(verb="POST", path="/review/changes", surface=Surface.PAGE, role=Role.OPERATOR,
          handler=send_back, body=Decide, says="Request changes."),
    Route(verb="GET", path="/api/v1/review", surface=Surface.API, role=Role.VIEWER,
          handler=review_document, answers=ReviewList, says="Changes that wait for a person."),
    Route(verb="POST", path="/api/v1/review/approve", surface=Surface.API, role=Role.OPERATOR,
          handler=agree_document, body=Decide, answers=CardView, says="Approve a change."),
    Route(verb="POST", path="/api/v1/review/changes", surface=Surface.API, role=Role.OPERATOR,
          handler=send_back_document, body=Decide, answers=CardView, says="Request changes."),
)  # fmt: skip
