"""The review queue: changes that wait for a person's word, oldest first, one after the other."""

from __future__ import annotations

import msgspec

from sps.console.answers import Answer, Document, Moved, Page
from sps.console.registry import Route, Surface
from sps.console.render import diff
from sps.console.visit import Visit
from sps.model.access import Role
from sps.model.errors import Misuse
from sps.services import decide_card
from sps.services.card_view import CardView, view
from sps.services.review_queue import ChangeSummary, ReviewItem, review_queue, summary

WINDOW = 20
_ROWS = 1_500  #: of a difference, in this page; the card's own page has all


class ReviewQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which one is looked at, as project:number; without it the oldest."""

    at: str = ""


class Decide(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A word about the change as it was seen: its tree or its commit."""

    project: str
    seq: int
    seen: str
    comment: str = ""


class ReviewRow(msgspec.Struct, frozen=True, kw_only=True):
    """A change in the queue, with what it touches."""

    item: ReviewItem
    change: ChangeSummary


class ReviewList(msgspec.Struct, frozen=True, kw_only=True):
    """The beginning of the queue, oldest first; `total` counts all."""

    rows: list[ReviewRow]
    total: int
    done_today: int


class ReviewPage(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows: the queue, the one that is looked at, and which comes next."""

    queue: list[ReviewItem]
    total: int
    done_today: int
    now: ReviewRow | None
    files: list[diff.FileDiff]
    place: int
    following: str
    shortened: bool


def review_page(visit: Visit) -> Answer:
    """Show the queue and one change of it in full."""
    cursor = visit.world.store.read(lambda tx: tx.last_event())
    queue = review_queue(visit.world)
    wanted: ReviewQuery = visit.query
    keys = [one.key for one in queue.items]
    place = keys.index(wanted.at) if wanted.at in keys else 0
    now, files, shortened = _looked_at(visit, queue.items[place] if keys else None)
    begin = max(0, min(place - WINDOW // 2, len(keys) - WINDOW))
    model = ReviewPage(
        queue=queue.items[begin : begin + WINDOW],
        total=len(keys),
        done_today=queue.done_today,
        now=now,
        files=files,
        place=place,
        following=keys[(place + 1) % len(keys)] if len(keys) > 1 else "",
        shortened=shortened,
    )
    return Page(
        template="review.html", title="Review", model=model, view="all", cursor=cursor,
        here="review",
    )  # fmt: skip


def _looked_at(
    visit: Visit, item: ReviewItem | None
) -> tuple[ReviewRow | None, list[diff.FileDiff], bool]:
    if item is None:
        return None, [], False
    change, found = summary(visit.world, item.card.project, item.card.seq)
    files: list[diff.FileDiff] = []
    rows = 0
    for one in diff.files(found.text) if found is not None else []:
        rows += sum(len(hunk.rows) for hunk in one.hunks)
        folds = rows > _ROWS
        files.append(msgspec.structs.replace(one, hunks=[], folded=True) if folds else one)
    return ReviewRow(item=item, change=change), files, any(one.folded for one in files)


def review_document(visit: Visit) -> Answer:
    """List the changes that wait, the oldest first, at most 20 of them."""
    queue = review_queue(visit.world)
    rows = [
        ReviewRow(item=one, change=summary(visit.world, one.card.project, one.card.seq)[0])
        for one in queue.items[:WINDOW]
    ]
    return Document(
        value=ReviewList(rows=rows, total=len(queue.items), done_today=queue.done_today)
    )


def agree(visit: Visit) -> Answer:
    """Approve a change and go on with the next."""
    _agreed(visit)
    return Moved(to="/review")


def agree_document(visit: Visit) -> Answer:
    """Approve a change and give its card back."""
    return Document(value=_agreed(visit))


def _agreed(visit: Visit) -> CardView:
    wanted: Decide = visit.body
    if wanted.comment.strip():
        raise Misuse("bad-field", "an approval has no comment; request changes to say something")
    return view(decide_card.approve_card(visit.world, wanted.project, wanted.seq, seen=wanted.seen))


def send_back(visit: Visit) -> Answer:
    """Request changes and go on with the next."""
    _sent_back(visit)
    return Moved(to="/review")


def send_back_document(visit: Visit) -> Answer:
    """Request changes and give the card back."""
    return Document(value=_sent_back(visit))


def _sent_back(visit: Visit) -> CardView:
    wanted: Decide = visit.body
    comment = wanted.comment.replace("\r\n", "\n")
    return view(
        decide_card.reject_card(visit.world, wanted.project, wanted.seq, comment, seen=wanted.seen)
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
