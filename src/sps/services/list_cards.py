"""The cards of a project, and the files that are none. Reading only: files that changed by hand
since they were taken in are shown as they will be, without writing a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.model.card import Card, CardState
from sps.ports.files import CardFileBroken
from sps.ports.store import CardQuery, FileError
from sps.services import lookup
from sps.services.card_view import CardView, view

if TYPE_CHECKING:
    from sps.ports.store import FileStamp, Reading
    from sps.ports.world import World


class FileErrorView(msgspec.Struct, frozen=True, kw_only=True):
    """A card file that cannot be read."""

    file: str
    line: int
    column: int
    code: str
    message: str


class CardList(msgspec.Struct, frozen=True, kw_only=True):
    """Cards by number. `next` is there when `limit` cut the list: the number to go on from."""

    cards: list[CardView]
    errors: list[FileErrorView]
    next: int | msgspec.UnsetType = msgspec.UNSET


def list_cards(
    world: World,
    project: str,
    *,
    states: tuple[CardState, ...] = (),
    start: int = 0,
    limit: int | None = None,
) -> CardList:
    """List the cards of a project from number `start` on. Raises `Misuse("unknown-project")`."""

    def question(
        tx: Reading,
    ) -> tuple[list[Card], list[FileError], dict[str, tuple[int, FileStamp]]]:
        lookup.project(tx, project)
        return (
            tx.cards(CardQuery(project=project, after_seq=max(0, start - 1))),
            tx.file_errors(project),
            tx.file_stamps(project),
        )

    cards, errors, stamps = world.store.read(question)
    fresh = look(world, project, stamps)
    by_seq = {card.seq: card for card in cards}
    for seq, card in fresh.cards.items():
        by_seq[seq] = _as_it_will_be(by_seq.get(seq), card)
    shown = [
        by_seq[seq]
        for seq in sorted(by_seq)
        if seq >= start and (not states or by_seq[seq].state in states)
    ]
    more = limit is not None and len(shown) > limit
    return CardList(
        cards=[view(card) for card in shown[:limit]],
        errors=[_error(e) for e in _errors(errors, fresh, world, project)],
        next=shown[limit].seq if more and limit is not None else msgspec.UNSET,
    )


class Fresh(msgspec.Struct, frozen=True, kw_only=True):
    """What the card folder says that the rows do not know yet. `names` are the files looked at."""

    cards: dict[int, Card]
    errors: list[FileError]
    names: frozenset[str]


def look(world: World, project: str, stamps: dict[str, tuple[int, FileStamp]]) -> Fresh:
    """Read the card files whose size or time differs from the rows, in memory."""
    cards: dict[int, Card] = {}
    errors: list[FileError] = []
    names: set[str] = set()
    found = {stamp.name: stamp for stamp in world.card_files.scan(project)}
    mine = {seq: name for name, (seq, _) in stamps.items() if seq and name in found}
    for name, stamp in found.items():
        known = stamps.get(name)
        if known and (known[1].mtime_ns, known[1].size) == (stamp.mtime_ns, stamp.size):
            continue
        names.add(name)
        try:
            file = world.card_files.read(project, name)
        except CardFileBroken as err:
            errors.append(err.error)
            continue
        if not file.seq:
            errors.append(_unnumbered(name))
            continue
        if mine.setdefault(file.seq, name) != name:
            errors.append(_twin(name, file.seq, mine[file.seq]))
            continue
        at = stamp.mtime_ns // 1_000_000
        cards[file.seq] = Card(
            project=project,
            seq=file.seq,
            id="",
            text=file.text,
            state=CardState.PLANNING if file.text.hold else CardState.BACKLOG,
            created_at=at,
            updated_at=at,
        )
    return Fresh(cards=cards, errors=errors, names=frozenset(names))


def _as_it_will_be(row: Card | None, fresh: Card) -> Card:
    return fresh if row is None else msgspec.structs.replace(row, text=fresh.text)


def _errors(known: list[FileError], fresh: Fresh, world: World, project: str) -> list[FileError]:
    there = {stamp.name for stamp in world.card_files.scan(project)} if known else set()
    still = [e for e in known if e.file not in fresh.names and e.file in there]
    return sorted([*still, *fresh.errors], key=lambda error: error.file)


def _unnumbered(name: str) -> FileError:
    says = "the file name does not begin with a card number; name it like 12-a-title.md"
    return FileError(file=name, line=1, column=1, code="no-number", message=says)


def _twin(name: str, seq: int, other: str) -> FileError:
    says = f"card number {seq} is already taken by {other}; rename this file"
    return FileError(file=name, line=1, column=1, code="duplicate-number", message=says)


def _error(error: FileError) -> FileErrorView:
    return FileErrorView(
        file=error.file, line=error.line, column=error.column, code=error.code,
        message=error.message,
    )  # fmt: skip
