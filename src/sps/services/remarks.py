"""What a person writes about a change, into comments that know their place."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sps.model.errors import Misuse
from sps.model.verdict import Comment

LIMIT = 64 * 1024  #: bytes of all remarks of one decision
_MOST = 200
_PLACED = re.compile(r"([^\n]{1,500}?):(\d{1,9})(?:-(\d{1,9}))?:(?:\s|$)(.*)", re.DOTALL)


def remarks(comment: str, notes: Iterable[str] = ()) -> tuple[Comment, ...]:
    """Return the comments of a decision: the one on the change as a whole, if there is any, then
    the notes. A note is `path:line: text` or `path:line-line: text`, anything else is about the
    whole; a note in which only its place was written says nothing. Raises `Misuse("too-large")`."""
    whole = Comment(text=_plain(comment))
    said = tuple(one for one in (whole, *map(_remark, notes)) if one.text)
    size = sum(len(one.said.encode("utf-8", "replace")) for one in said)
    if size > LIMIT or len(said) > _MOST:
        raise Misuse("too-large", f"a decision has at most {_MOST} remarks of {LIMIT} bytes in all")
    return said


def _remark(note: str) -> Comment:
    found = _PLACED.fullmatch(_plain(note))
    if found is None:
        return Comment(text=_plain(note))
    line, end = int(found[2]), int(found[3] or 0)
    first, last = (end, line) if 0 < end < line else (line, end)
    return Comment(
        path=found[1], line=first, end=last if last > first else 0, text=found[4].strip()
    )


def _plain(text: str) -> str:
    return text.strip().replace("\r\n", "\n")
