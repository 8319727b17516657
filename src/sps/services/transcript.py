"""What was said and done in a run, read from where the reader was."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import msgspec

from sps.model.errors import Misuse
from sps.services import lookup

if TYPE_CHECKING:
    from pathlib import Path

    from sps.model.run import Run
    from sps.ports.store import Reading
    from sps.ports.world import World

PART = 256 * 1024
_TEXT = 64 * 1024
_AGAIN = 64 * 1024  #: no further back than this for a tool call that has not ended yet
_DONE = frozenset({"completed", "failed"})


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a transcript. `kind`: prompt, said, thought, tool, permission, turn, note or end;
    the other fields as the kind has them. `offset` is where the line begins, `at` milliseconds."""

    offset: int
    kind: str
    at: int = 0
    text: str = ""
    call: str = ""
    title: str = ""
    tool: str = ""
    status: str = ""
    output: str = ""
    path: str = ""
    decision: str = ""
    rule: str = ""
    stop: str = ""
    outcome: str = ""


class TranscriptPart(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of a run's transcript. `next` is where to go on; while a tool call is open it is
    where that call begins, so that its end is not told without its beginning. `start` is above the
    offset asked for when the stretch begins in the middle, `end` is where it ends. `live`: more may
    come."""

    run: str
    start: int
    next: int
    end: int
    size: int
    live: bool
    entries: list[Entry]


def transcript(
    world: World, project: str, seq: int, run_id: str, *, offset: int | None = None
) -> TranscriptPart:
    """Read at most 256 KiB of a run's transcript from a byte offset; without one, the end of it.
    Never follows a link. Raises `Misuse` with unknown-run or bad-offset."""
    run = world.store.read(lambda tx: card_run(tx, project, seq, run_id))
    if offset is not None and offset < 0:
        raise Misuse("bad-offset", "an offset is 0 or more")
    raw, start, size = _read(world.home.run(project, run.id), "transcript.jsonl", offset)
    if start and offset is None:  # begin with a whole line
        cut = raw.find(b"\n") + 1
        raw, start = raw[cut:], start + cut
    entries, end = _entries(raw, start)
    return TranscriptPart(
        run=run.id, start=start, next=_next(entries, end), end=end, size=size,
        live=not run.ended_at,
        entries=entries,
    )  # fmt: skip


def diagnostics(world: World, project: str, seq: int, run_id: str) -> str:
    """Return the end of what the agent of a run wrote to its error output."""
    run = world.store.read(lambda tx: card_run(tx, project, seq, run_id))
    raw, _, _ = _read(world.home.run(project, run.id), "stderr.log", None)
    return raw[-_TEXT:].decode("utf-8", "replace")


def card_run(tx: Reading, project: str, seq: int, run_id: str) -> Run:
    """Return a run of this card. Raises `Misuse("unknown-run")`."""
    card = lookup.card(tx, project, seq)
    found = tx.run(run_id)
    if found is None or found.card_id != card.id:
        raise Misuse("unknown-run", f"card {project}#{seq} has no run {run_id[:40]!r}")
    return found


def read_part(folder: Path, name: str, offset: int | None, limit: int) -> tuple[bytes, int, int]:
    """Return a stretch of a file, where it begins, and the file's size. Neither the folder nor the
    file may be a link; a file that is none, or is not there, has nothing in it."""
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
    try:
        above = os.open(folder, flags | os.O_DIRECTORY)
    except OSError:
        return b"", 0, 0
    try:
        handle = os.open(name, flags, dir_fd=above)
    except OSError:
        return b"", 0, 0
    finally:
        os.close(above)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            return b"", 0, 0
        start = max(0, status.st_size - limit) if offset is None else offset
        return os.pread(handle, limit, start), start, status.st_size
    finally:
        os.close(handle)


def _read(folder: Path, name: str, offset: int | None) -> tuple[bytes, int, int]:
    return read_part(folder, name, offset, PART)


def _entries(raw: bytes, start: int) -> tuple[list[Entry], int]:
    """Return the whole lines as entries and where the first line begins that is not whole. Lines
    that are none of ours are left out."""
    entries = []
    at = 0
    while (end := raw.find(b"\n", at)) >= 0:
        entry = _entry(raw[at:end], start + at)
        if entry is not None:
            entries.append(entry)
        at = end + 1
    # One line that fills everything is passed over, else its reader would stand still.
    return entries, start + (len(raw) if at == 0 and len(raw) >= PART else at)


def _entry(line: bytes, offset: int) -> Entry | None:
    try:
        said = msgspec.json.decode(line)
    except msgspec.DecodeError:
        return None
    if not isinstance(said, dict) or not isinstance(said.get("type"), str):
        return None

    def word(name: str) -> str:
        value = said.get(name)
        return value[:_TEXT] if isinstance(value, str) else ""

    at = said.get("at")
    kind = word("type")
    return Entry(
        offset=offset, kind=kind, at=at if isinstance(at, int) and 0 <= at < 2**43 else 0,
        text=word("text"), call=word("call"), title=word("title"),
        tool=word("kind") or word("tool"), status=word("status"), output=word("output"),
        path=word("path"), decision=word("decision"), rule=word("rule"), stop=word("stop"),
        outcome=word("outcome"),
    )  # fmt: skip


def _next(entries: list[Entry], end: int) -> int:
    ended = {one.call for one in entries if one.kind == "tool" and one.status in _DONE}
    for one in entries:
        if one.kind == "tool" and one.call not in ended and end - one.offset <= _AGAIN:
            return one.offset
    return end
