"""The changes that wait for a person's word, oldest first, and how many had it today."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from sps.flow.findings import HELD
from sps.model.card import CardState
from sps.model.errors import SpsError
from sps.model.event import EventKind
from sps.model.reason import AWAITING
from sps.model.verdict import Decision
from sps.ports.store import EventQuery, RestQuery
from sps.services import judgement
from sps.services.card_diff import CardDiff, card_diff
from sps.services.card_view import CardView, view
from sps.services.decide_card import OWNER, held_back

if TYPE_CHECKING:
    from sps.model.card import Card
    from sps.ports.store import Reading
    from sps.ports.world import World

WINDOW = 20
_MOST = 200  #: that the queue knows by name; the others follow as these are decided
_QUEUE = RestQuery(reasons=(AWAITING, *sorted(HELD)), limit=_MOST)
_LOOKED = 5_000


class FileChange(msgspec.Struct, frozen=True, kw_only=True):
    """A changed file with its numbers of lines."""

    path: str
    added: int
    deleted: int


class ChangeSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What a change touches. `truncated`: the numbers are of its beginning only; `says` why there
    is nothing to show."""

    files: list[FileChange] = []
    added: int = 0
    deleted: int = 0
    truncated: bool = False
    says: str = ""


class ReviewItem(msgspec.Struct, frozen=True, kw_only=True):
    """A change that waits. `seen` is what a decision is bound to; `kind` is approval, or findings
    when something in the change was held back."""

    card: CardView
    kind: str
    seen: str
    since: str
    findings: list[judgement.FindingView]
    gates: list[judgement.GateView]

    @property
    def key(self) -> str:
        """How an address names it."""
        return f"{self.card.project}:{self.card.seq}"


class ReviewQueue(msgspec.Struct, frozen=True, kw_only=True):
    """The part of the queue, oldest first, around the one that is looked at, which is `items[at]`;
    `following` names the one after it. `total` counts all. `done_today` counts people's decisions
    since midnight, UTC, `approved_today` those that agreed."""

    items: list[ReviewItem]
    at: int
    following: str
    total: int
    done_today: int
    approved_today: int


def review_queue(world: World, at: str = "") -> ReviewQueue:
    """Collect what waits for a person's word in all projects, around the change that `at` names as
    project:number; around the oldest where it names none that waits."""
    midnight = _midnight(world.clock.now())

    def question(tx: Reading) -> ReviewQueue:
        cards = [card for card in tx.resting(_QUEUE) if _waits(tx, card)]
        named = _named(tx, at)
        if named is not None and named.id not in {card.id for card in cards}:
            cards.append(named)
        place = next((n for n, card in enumerate(cards) if named and card.id == named.id), 0)
        begin = max(0, min(place - WINDOW // 2, len(cards) - WINDOW))
        decided = _decided(tx, midnight)
        return ReviewQueue(
            items=[_item(tx, card) for card in cards[begin : begin + WINDOW]], at=place - begin,
            following=_key(cards[(place + 1) % len(cards)]) if len(cards) > 1 else "",
            total=_total(tx, cards), done_today=len(decided),
            approved_today=decided.count(Decision.APPROVE),
        )  # fmt: skip

    return world.store.read(question)


def _named(tx: Reading, at: str) -> Card | None:
    project, _, number = at.rpartition(":")
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        return None
    card = tx.card_by_seq(project, int(number))
    return card if card is not None and _waits(tx, card) else None


def _key(card: Card) -> str:
    return f"{card.project}:{card.seq}"


def _total(tx: Reading, known: list[Card]) -> int:
    """Count the queue; only one that is longer than what is known is counted by the store."""
    if len(known) < _MOST:
        return len(known)
    counts = tx.resting_counts().items()
    return sum(number for (_, _, reason), number in counts if reason in _QUEUE.reasons)


def summary(world: World, project: str, seq: int) -> tuple[ChangeSummary, CardDiff | None]:
    """Return what a card's change touches, and the change; None when there is none to show."""
    try:
        found = card_diff(world, project, seq)
    except SpsError as err:
        return ChangeSummary(says=err.message), None
    return _counted(found), found


def _waits(tx: Reading, card: Card) -> bool:
    awaits = card.state is CardState.REVIEW and card.reason == AWAITING
    return awaits or held_back(tx, card)


def _item(tx: Reading, card: Card) -> ReviewItem:
    approval = card.state is CardState.REVIEW
    events = () if approval else tuple(tx.events(EventQuery(card_id=card.id)))
    shown = view(card)
    return ReviewItem(
        card=shown,
        kind="approval" if approval else "findings",
        seen=(card.tree if approval else card.tip) or "",
        since=shown.updated_at,
        findings=judgement.findings(events),
        gates=judgement.gates(tx.gate_verdicts(card.id)),
    )


def _counted(found: CardDiff) -> ChangeSummary:
    counts = {path: [0, 0] for path in found.files}
    at, inside = -1, False
    for line in found.text.split("\n"):
        if line.startswith("diff --git "):
            at, inside = at + 1, False
        elif line.startswith("@@ "):
            inside = True
        elif inside and line[:1] in ("+", "-") and at < len(found.files):
            counts[found.files[at]][line[0] == "-"] += 1
    files = [FileChange(path=path, added=n[0], deleted=n[1]) for path, n in counts.items()]
    return ChangeSummary(
        files=files,
        added=sum(one.added for one in files),
        deleted=sum(one.deleted for one in files),
        truncated=found.truncated,
    )


def _decided(tx: Reading, midnight: int) -> list[str]:
    last = tx.last_event()
    events = tx.events(EventQuery(after_id=max(0, last - _LOOKED)))
    return [
        str(one.payload.get("verdict"))
        for one in events
        if one.kind is EventKind.REVIEW_VERDICT
        and one.at >= midnight
        and one.payload.get("by") == OWNER
    ]


def _midnight(now: int) -> int:
    day = datetime.fromtimestamp(now / 1000, tz=UTC).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    return round(day.timestamp() * 1000)
