"""The cards of a project, and the files that are none. Reading only: files that changed by hand
since they were taken in are shown as they will be, without writing a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.model.card import Card, CardState
from sps.model.errors import Absent
from sps.ports.files import CardFileBroken
from sps.ports.store import CardQuery, FileError, FileStamp
from sps.services import lookup
from sps.services.card_view import CardView, view

if TYPE_CHECKING:
    from collections.abc import Collection

    from sps.ports.store import Reading
    from sps.ports.world import World


_NEVER = FileStamp(name="", mtime_ns=-1, size=-1)  # of a file that was never taken in


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

    query = CardQuery(
        project=project,
        states=states,
        after_seq=max(0, start - 1),
        limit=None if limit is None else limit + 1,
    )

    def question(tx: Reading) -> tuple[list[Card], list[FileError]]:
        lookup.project(tx, project)
        return tx.cards(query), tx.file_errors(project)

    cards, errors = world.store.read(question)
    fresh = look(world, project, {card.seq for card in cards})
    by_seq = {card.seq: card for card in cards}
    for seq, card in fresh.cards.items():
        if seq in by_seq:
            by_seq[seq] = msgspec.structs.replace(by_seq[seq], text=card.text)
        elif fresh.new(seq) and seq >= start and (not states or card.state in states):
            by_seq[seq] = card
    shown = [by_seq[seq] for seq in sorted(by_seq)]
    more = limit is not None and len(shown) > limit
    return CardList(
        cards=[view(card) for card in shown[:limit]],
        errors=[_error(e) for e in _errors(errors, fresh)],
        next=shown[limit].seq if more and limit is not None else msgspec.UNSET,
    )


class Fresh(msgspec.Struct, frozen=True, kw_only=True):
    """What the card folder says that the rows do not know yet. `there` are all card files,
    `numbers` the cards that rows know by their files, `read` the files that were read."""

    cards: dict[int, Card]
    errors: list[FileError]
    there: frozenset[str]
    numbers: dict[str, int]
    read: frozenset[str]

    def new(self, seq: int) -> bool:
        """Whether no row knows a card of this number by its file."""
        return seq not in self.numbers.values()


def look(world: World, project: str, shown: Collection[int]) -> Fresh:
    """Read, in memory, the files of the cards shown and those that are no card yet, where they
    differ from what was taken in. Files of other cards are not even looked at: a folder may be
    large."""
    there = world.card_files.names(project)

    def question(tx: Reading) -> tuple[dict[str, int], dict[str, tuple[int, FileStamp]]]:
        lookup.project(tx, project)
        numbers = tx.file_numbers(project)
        broken = {error.file for error in tx.file_errors(project)}
        of_interest = {0, *shown}
        known = {name for name, seq in numbers.items() if seq in of_interest}
        wanted = sorted((there & (known | broken)) | (there - numbers.keys()))
        return numbers, dict.fromkeys(wanted, (0, _NEVER)) | tx.file_stamps(project, wanted)

    numbers, known = world.store.read(question)
    cards: dict[int, Card] = {}
    errors: list[FileError] = []
    changed = [name for name, (_, stamp) in known.items() if _differs(world, project, stamp, name)]
    mine = {seq: name for name, seq in numbers.items() if seq and name in there} if changed else {}
    for name in changed:
        found = _read(world, project, name, mine)
        if isinstance(found, FileError):
            errors.append(found)
        elif found is not None:
            cards[found.seq] = found
    return Fresh(
        cards=cards,
        errors=errors,
        there=there,
        numbers=numbers,
        read=frozenset(changed),
    )


def _differs(world: World, project: str, known: FileStamp, name: str) -> bool:
    stamp = world.card_files.stamp(project, name)
    return stamp is not None and (stamp.mtime_ns, stamp.size) != (known.mtime_ns, known.size)


def _read(world: World, project: str, name: str, mine: dict[int, str]) -> Card | FileError | None:
    """Read a file as the next scan would take it in; None when it is gone by now."""
    try:
        file = world.card_files.read(project, name)
    except CardFileBroken as err:
        return err.error
    except Absent:
        return None
    if not file.seq:
        return _unnumbered(name)
    if mine.setdefault(file.seq, name) != name:
        return _twin(name, file.seq, mine[file.seq])
    at = file.stamp.mtime_ns // 1_000_000
    return Card(
        project=project,
        seq=file.seq,
        id="",
        text=file.text,
        state=CardState.PLANNING if file.text.hold else CardState.BACKLOG,
        created_at=at,
        updated_at=at,
    )


def _errors(known: list[FileError], fresh: Fresh) -> list[FileError]:
    still = [e for e in known if e.file not in fresh.read and e.file in fresh.there]
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
