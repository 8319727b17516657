"""What changes inside a line: the words of two versions of it compared."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_MOST = 80  #: words of the differing middle; beyond that it is set off as one
_ALIKE = 0.3  #: lines that share less are two lines, not two versions of one

Span = tuple[int, int]


def changed(old: str, new: str) -> tuple[list[Span], list[Span]]:
    """Return the stretches that are only in the old line, and those only in the new one. Nothing
    for lines that are equal, or have too little in common."""
    one, other = _WORD.findall(old), _WORD.findall(new)
    head = _shared(one, other)
    tail = _shared(one[head:][::-1], other[head:][::-1])
    left, right = one[head : len(one) - tail], other[head : len(other) - tail]
    if not left and not right:
        return [], []
    same = sum(map(len, one[:head])) + sum(map(len, one[len(one) - tail :]))
    if not left or not right or max(len(left), len(right)) > _MOST:
        pairs = [(0, len(left), 0, len(right))]
    else:
        codes = difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
        pairs = [code[1:] for code in codes if code[0] != "equal"]
        same += sum(len("".join(left[c[1] : c[2]]).strip()) for c in codes if c[0] == "equal")
    if same < _ALIKE * max(len(old.strip()), len(new.strip())):
        return [], []
    start = sum(map(len, one[:head]))
    return (
        _spans(left, [pair[:2] for pair in pairs], start),
        _spans(right, [pair[2:] for pair in pairs], start),
    )


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many words two lists begin with alike."""
    number = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        number += 1
    return number


def _spans(words: Sequence[str], stretches: Sequence[Span], start: int) -> list[Span]:
    places = [start]
    for word in words:
        places.append(places[-1] + len(word))
    return [(places[begin], places[end]) for begin, end in stretches if end > begin]
