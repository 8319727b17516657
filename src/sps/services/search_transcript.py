"""Finding words in all that was said and done in a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.lib.terminal import clean
from sps.services.transcript import PART, Entry, transcript

if TYPE_CHECKING:
    from sps.ports.world import World

MOST = 100
_PARTS = 256  #: 64 MiB, more than a transcript may have
_AROUND = 60


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a transcript that holds the words. `offset` is where it begins, `at` milliseconds,
    `text` the words with what stands around them."""

    offset: int
    at: int
    kind: str
    text: str


def search_transcript(world: World, project: str, seq: int, run_id: str, words: str) -> list[Hit]:
    """Return the first 100 places in a run's transcript that hold the words, whatever the case of
    letters; none for no words. Raises `Misuse("unknown-run")`."""
    wanted = words.strip().casefold()
    found: list[Hit] = []
    offset = 0
    for _ in range(_PARTS if wanted else 0):
        part = transcript(world, project, seq, run_id, offset=offset)
        found += [hit for entry in part.entries if (hit := _hit(entry, wanted)) is not None]
        if len(found) >= MOST or part.end <= offset or part.end - offset < PART // 2:
            break
        offset = part.end
    return found[:MOST]


def turn_offset(
    world: World, project: str, seq: int, run_id: str, *, at: int, call: str = ""
) -> int:
    """Return where a tool call begins in a run's transcript; without one, or where it is not there,
    the last turn that began by a time. Raises `Misuse("unknown-run")`."""
    offset = place = 0
    calls: dict[str, int] = {}
    for _ in range(_PARTS):
        part = transcript(world, project, seq, run_id, offset=offset)
        for entry in filter(_is_turn, part.entries):
            first = calls.setdefault(entry.call, entry.offset) if entry.call else entry.offset
            if call and entry.call == call:
                return first
            if entry.at <= at:
                place = first
            elif not call:
                return place
        if part.end <= offset or part.end - offset < PART // 2:
            break
        offset = part.end
    return place


def _is_turn(entry: Entry) -> bool:
    """Whether a reader sees something of this line: not that a turn ended, nor what was allowed."""
    return entry.kind != "turn" and not (entry.kind == "permission" and entry.decision == "allow")


def _hit(entry: Entry, wanted: str) -> Hit | None:
    for text in (entry.title, entry.text, entry.output, entry.path):
        place = text.casefold().find(wanted)
        if place >= 0:
            begin = max(0, place - _AROUND)
            shown = text[begin : place + len(wanted) + _AROUND]
            cut = "\u2026" if begin else ""
            return Hit(
                offset=entry.offset, at=entry.at, kind=entry.kind,
                text=f"{cut}{' '.join(clean(shown).split())}",
            )  # fmt: skip
    return None
