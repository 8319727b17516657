"""The change that a card would land, as text: all of it, or what a part of its way brought."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from sps.model.card import CardState
from sps.model.errors import Misuse
from sps.model.event import Event, EventKind
from sps.ports.store import EventQuery
from sps.services import lookup

if TYPE_CHECKING:
    from sps.model.card import Card
    from sps.model.run import Run
    from sps.ports.store import Reading
    from sps.ports.world import World

_JUDGED = (CardState.REVIEW, CardState.LANDING, CardState.DONE)
_OBJECT = re.compile(r"[0-9a-f]{40,64}")
REVIEW = "review"  #: the part since the last review


class CardDiff(msgspec.Struct, frozen=True, kw_only=True):
    """The difference of two trees or commits of the vault. `truncated`: the text is not whole."""

    old: str
    new: str
    files: list[str]
    text: str
    truncated: bool


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a card's change. `key` names it: the id of the run that made it, or `review` for
    what came after the last review, of whom `by` is. Attempt 0: no run."""

    key: str
    stage: str
    attempt: int
    by: str
    old: str
    new: str


class _Found(msgspec.Struct, frozen=True):
    card: Card
    ends: tuple[str, str]
    parts: list[Part]
    known: frozenset[str]


def card_diff(
    world: World, project: str, seq: int, *, of: str = "", ignore_space: bool = False
) -> CardDiff:
    """Return the change as it stands: the tree the gates passed against the target it was merged
    with, else the work against its base. `of` asks for one part of it, or for what was added to a
    tree or commit that the card had before. Raises `Misuse` with unknown-card, no-change or
    unknown-part."""
    where = world.store.read(lambda tx: lookup.project(tx, project))
    found = world.store.read(lambda tx: _find(tx, project, seq))
    old, new = _asked(found, of)
    made = world.vault.diff(where, old, new, ignore_space=ignore_space)
    return CardDiff(
        old=old,
        new=new,
        files=[file.path for file in made.files],
        text=made.text,
        truncated=made.truncated,
    )


def diff_parts(world: World, project: str, seq: int) -> list[Part]:
    """List the parts of a card's change, oldest first. Raises `Misuse` as `card_diff` does."""
    return world.store.read(lambda tx: _find(tx, project, seq)).parts


def _find(tx: Reading, project: str, seq: int) -> _Found:
    card = lookup.card(tx, project, seq)
    events = tx.events(EventQuery(card_id=card.id))
    parts = _parts(tx, card, events)
    known = {card.tip, card.tree, *(verdict.tip for verdict in tx.verdicts(card.id))}
    known |= {verdict.tree for verdict in tx.verdicts(card.id)}
    known |= {end for part in parts for end in (part.old, part.new)}
    known |= {str(e.payload.get("tree")) for e in events if e.kind is EventKind.GATE_RAN}
    return _Found(card, _ends(card), parts, frozenset(one for one in known if one))


def _asked(found: _Found, of: str) -> tuple[str, str]:
    if not of:
        return found.ends
    part = next((one for one in found.parts if one.key == of), None)
    if part is not None:
        return part.old, part.new
    if _OBJECT.fullmatch(of) and of in found.known:
        return of, found.ends[1]
    card = found.card
    raise Misuse(
        "unknown-part", f"the change of card {card.project}#{card.seq} has no part {of[:40]!r}",
        hint=f"sps card show {card.project} {card.seq} --diff",
    )  # fmt: skip


def _parts(tx: Reading, card: Card, events: list[Event]) -> list[Part]:
    """Return what each run added to the work of the one before, and what came after the last
    review that saw something else than what there is now."""
    runs = {run.id: run for run in tx.runs(card_id=card.id)}
    found: list[Part] = []
    before = card.base or ""
    for event in events:
        tip = str(event.payload.get("tip") or "")
        run = runs.get(event.run_id or "")
        if event.kind is not EventKind.RUN_COLLECTED or run is None or not tip:
            continue
        if before and before != tip:
            found.append(_of_run(run, before, tip))
        before = tip
    seen = [one for one in tx.verdicts(card.id) if one.tip and one.tip != card.tip]
    if seen and card.tip:
        last = seen[-1]
        found.append(Part(key=REVIEW, stage="", attempt=0, by=last.by, old=last.tip, new=card.tip))
    return found


def _of_run(run: Run, old: str, new: str) -> Part:
    return Part(
        key=run.id, stage=run.stage, attempt=run.attempt, by=run.agent, old=old, new=new
    )  # fmt: skip


def _ends(card: Card) -> tuple[str, str]:
    # Only in these states the tree is surely that of the newest work.
    if card.state in _JUDGED and card.tree and card.tree_base:
        return card.tree_base, card.tree
    if card.base and card.tip:
        return card.base, card.tip
    raise Misuse(
        "no-change", f"card {card.project}#{card.seq} has no change yet that could be shown",
        hint=f"sps why {card.project} {card.seq}",
    )  # fmt: skip
