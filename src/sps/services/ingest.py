"""From card files to rows: the files are the authority for a card's text, the rows an index."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import msgspec

from sps.lib.context import request_mark
from sps.model.card import TERMINAL, Card, CardState, CardText
from sps.model.errors import Held
from sps.model.event import Event, EventKind
from sps.model.transitions import Verb, move
from sps.ports.files import CardFile, CardFileBroken
from sps.ports.store import CardQuery, FileError, FileStamp, Reading, Writing

if TYPE_CHECKING:
    from sps.ports.world import World


class Ingested(msgspec.Struct, frozen=True, kw_only=True):
    """What a scan found: card numbers that are new or edited, files that cannot be read."""

    added: tuple[int, ...] = ()
    edited: tuple[int, ...] = ()
    broken: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether any row changed."""
        return bool(self.added or self.edited or self.broken)


def ingest(world: World, project: str, names: Collection[str] | None = None) -> Ingested:
    """Bring the rows of a project in line with its card files. Only files whose size or time has
    changed are read; a file that cannot be read leaves the last good version in force. `names`:
    look at these files alone, which costs nothing for all the others."""
    known = world.store.read(lambda tx: tx.file_stamps(project, names))
    found = _found(world, project, names)
    report = _Report()
    for name, stamp in found.items():
        before = known.get(name)
        if before is None or (before[1].mtime_ns, before[1].size) != (stamp.mtime_ns, stamp.size):
            _take(world, project, name, stamp, report)
    if report.added:
        _awaited(world, project, frozenset(report.added))
    gone = [name for name in known if name not in found]
    if gone:
        world.store.write(lambda tx: _forget(tx, project, gone))
    return Ingested(
        added=tuple(report.added), edited=tuple(report.edited), broken=tuple(report.broken)
    )


def ingest_file(world: World, project: str, file: CardFile) -> Card:
    """Bring one file that was just read or written into the rows and return its card."""

    def change(tx: Writing) -> Card:
        existing = tx.card_by_seq(project, file.seq)
        tx.set_file(project, file.seq, file.stamp)
        if tx.clear_file_error(project, file.stamp.name) and existing is not None:
            tx.add_event(_mended(world, existing, file.stamp.name))
        if existing is None:
            return _add(world, tx, project, file)
        return _edit(world, tx, existing, file.text)

    return world.store.write(change)


def _found(world: World, project: str, names: Collection[str] | None) -> dict[str, FileStamp]:
    if names is None:
        return {stamp.name: stamp for stamp in world.card_files.scan(project)}
    stamps = (world.card_files.stamp(project, name) for name in names)
    return {stamp.name: stamp for stamp in stamps if stamp is not None}


class _Report:
    """What a scan collects while it goes."""

    def __init__(self) -> None:
        self.added: list[int] = []
        self.edited: list[int] = []
        self.broken: list[str] = []


def _take(world: World, project: str, name: str, stamp: FileStamp, report: _Report) -> None:
    try:
        file = world.card_files.read(project, name)
    except CardFileBroken as err:
        _break(world, project, stamp, msgspec.structs.replace(err.error, seq=_number(name)))
        report.broken.append(name)
        return
    before = world.store.read(lambda tx: tx.card_by_seq(project, file.seq))
    if mistake := _unnumbered(file) or _twin(world, project, file, before):
        _break(world, project, stamp, mistake)
        report.broken.append(name)
        return
    after = ingest_file(world, project, file)
    if before is None:
        report.added.append(after.seq)
    elif after.version != before.version:
        report.edited.append(after.seq)


def _number(name: str) -> int:
    """Return the card number that a file name begins with, 0 without one."""
    digits = name.partition("-")[0].removesuffix(".md")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0


def _unnumbered(file: CardFile) -> FileError | None:
    if file.seq:
        return None
    return FileError(
        file=file.stamp.name,
        line=1,
        column=1,
        code="no-number",
        message="the file name does not begin with a card number; name it like 12-a-title.md",
    )


def _twin(world: World, project: str, file: CardFile, card: Card | None) -> FileError | None:
    """Return the error of a second file with the number of a card that has its own file."""
    if card is None:
        return None
    mine = world.store.read(lambda tx: tx.file_of(project, file.seq))
    if mine is None or mine == file.stamp.name:
        return None
    if world.card_files.stamp(project, mine) is None:
        return None  # the file was renamed
    return FileError(
        file=file.stamp.name,
        line=1,
        column=1,
        code="duplicate-number",
        message=f"card number {file.seq} is already taken by {mine}; rename this file",
    )


def added(card: Card, at: int) -> Event:
    """Make the event of a new card."""
    return Event(
        project=card.project,
        card_id=card.id,
        kind=EventKind.CARD_ADDED,
        at=at,
        payload={
            "title": card.text.title,
            "state": card.state.value,
            "seq": card.seq,
            "reason": card.reason,
            **request_mark(),
        },
    )


def _add(world: World, tx: Writing, project: str, file: CardFile) -> Card:
    at = world.clock.now()
    card = Card(
        project=project,
        seq=file.seq,
        id=world.ids.new(),
        text=file.text,
        state=CardState.PLANNING if file.text.hold else CardState.BACKLOG,
        created_at=at,
        updated_at=at,
    )
    tx.add_card(card, added(card, at))
    return card


def _edit(world: World, tx: Writing, card: Card, text: CardText) -> Card:
    """Store changed text; `hold` taken out of or put into the file moves the card."""
    if text == card.text:
        return card
    at = world.clock.now()
    fields = [name for name in CardText.__struct_fields__ if getattr(text, name) !=
              getattr(card.text, name)]  # fmt: skip
    from sps.services.card_difference import kept_difference  # adding a card does not wait for it

    event = Event(
        project=card.project,
        card_id=card.id,
        kind=EventKind.CARD_EDITED,
        at=at,
        payload={
            "fields": fields,
            "difference": kept_difference(card.text, text),
            **request_mark(),
        },
    )
    after = msgspec.structs.replace(card, text=text, updated_at=at, version=card.version + 1)
    after = tx.save_text(card, after, event)
    if after.state is CardState.NEEDS_HUMAN and not after.stage and not text.hold:
        return _mend(world, tx, after, at)
    if "hold" in fields and after.state not in TERMINAL:
        return _hold_or_release(world, tx, after, at)
    return after


def _mend(world: World, tx: Writing, card: Card, at: int) -> Card:
    """Let a card that could not be admitted go on once its file no longer says the impossible."""
    from sps.flow.admit import OF_ADMISSION, parents_done, trouble_of  # rare, as below
    from sps.flow.taking import asked

    if card.reason not in OF_ADMISSION or trouble_of(world, tx, card) is not None:
        return card
    if parents_done(tx, card):
        return tx.save(asked(card, Verb.RETRY, at=at))
    return tx.save(asked(tx.save(asked(card, Verb.HOLD, at=at)), Verb.RELEASE, at=at))


def _awaited(world: World, project: str, added: frozenset[int]) -> None:
    """Let cards go on that were read before a card which they wait for was there: files that are
    written together are read in any order."""

    def blocked(tx: Reading) -> list[Card]:
        cards = tx.cards(CardQuery(project=project, states=(CardState.NEEDS_HUMAN,)))
        early = [card for card in cards if card.reason == "unknown-after" and not card.stage]
        return [card for card in early if not added.isdisjoint(card.text.after)]

    def change(tx: Writing) -> None:
        at = world.clock.now()
        for card in blocked(tx):
            _mend(world, tx, card, at)

    if world.store.read(blocked):
        world.store.write(change)


def _hold_or_release(world: World, tx: Writing, card: Card, at: int) -> Card:
    """Let `hold` in the file mean what `sps card move` and `sps card cancel` mean."""
    if not card.text.hold and card.state is CardState.PLANNING:
        return tx.save(move(card, Verb.RELEASE, at=at, payload=request_mark()))
    if not card.text.hold or card.state is CardState.PLANNING:
        return card
    from sps.flow.taking import stop  # rare; adding a card does not wait for it

    try:
        return stop(world, tx, card, Verb.HOLD, not_before=0)
    except Held:  # its push is in flight: it has landed, or is looked at again
        return card


def _break(world: World, project: str, stamp: FileStamp, error: FileError) -> None:
    """Note that a file cannot be read; its stamp is kept so that it is looked at again only when it
    changes."""

    def change(tx: Writing) -> None:
        card = tx.card_by_seq(project, error.seq) if error.seq else None
        tx.set_file(project, card.seq if card else 0, stamp)
        tx.set_file_error(project, error)
        tx.add_event(
            Event(
                project=project,
                card_id=card.id if card else None,
                kind=EventKind.CARD_FILE_BROKEN if card else EventKind.FILE_BROKEN,
                at=world.clock.now(),
                payload=msgspec.to_builtins(error),
            )
        )

    world.store.write(change)


def _mended(world: World, card: Card, name: str) -> Event:
    return Event(
        project=card.project,
        card_id=card.id,
        kind=EventKind.CARD_FILE_MENDED,
        at=world.clock.now(),
        payload={"file": name},
    )


def _forget(tx: Writing, project: str, names: list[str]) -> None:
    for name in names:
        tx.forget_file(project, name)
        tx.clear_file_error(project, name)
