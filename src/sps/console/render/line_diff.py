"""The difference of two texts, line by line, as rows for a table."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

_CONTEXT = 3
_MOST = 4000


@dataclass(frozen=True)
class Row:
    """A row. `sort`: a added, d deleted, h the head of a hunk, empty unchanged. `old` and `new`
    are line numbers, 0 on the side where the line is not."""

    sort: str
    old: int
    new: int
    text: str


def rows(before: str, after: str) -> list[Row]:
    """Return the difference with three lines around each change; nothing for equal texts. Beyond
    4,000 lines the rest is left out."""
    one, other = before.splitlines()[:_MOST], after.splitlines()[:_MOST]
    found: list[Row] = []
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        first, last = group[0], group[-1]
        head = f"{first[1] + 1}-{last[2]} → {first[3] + 1}-{last[4]}"
        found.append(Row("h", 0, 0, head))
        for tag, old, old_end, new, new_end in group:
            if tag == "equal":
                found += [
                    Row("", old + i + 1, new + i + 1, one[old + i]) for i in range(old_end - old)
                ]
                continue
            found += [Row("d", i + 1, 0, one[i]) for i in range(old, old_end)]
            found += [Row("a", 0, i + 1, other[i]) for i in range(new, new_end)]
    return found
