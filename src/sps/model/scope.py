"""Whether two cards may touch the same file, told by the patterns of their scopes.

A pattern is a path with `*`, `?` and `[...]` inside a part and `**` for any number of parts. It
means what it matches and everything below. Where it cannot be told exactly, the answer is yes.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

_SET = re.compile(r"\[[^\]]*\]")
_COSTLY = 16 * 1024  # comparing takes time as the product of the lengths; longer ones may meet
_MANY_PARTS = "**"
_MANY_LETTERS = "*"


def overlap(one: tuple[str, ...], other: tuple[str, ...]) -> str | None:
    """Return a pattern of the first scope that meets the second, None when none does. A card
    without a scope meets nobody."""
    return next((mine for mine in one if any(meet(mine, theirs) for theirs in other)), None)


@functools.lru_cache(maxsize=16384)
def meet(one: str, other: str) -> bool:
    """Whether some path matches both patterns."""
    if len(one) * len(other) > _COSTLY:
        return True
    return _meet(_parts(one), _parts(other), _MANY_PARTS, _words_meet)


def _parts(pattern: str) -> tuple[str, ...]:
    parts = [part for part in pattern.split("/") if part not in {"", "."}]
    return _tidy((*parts, _MANY_PARTS), _MANY_PARTS)


@functools.lru_cache(maxsize=16384)
def _words_meet(one: str, other: str) -> bool:
    return _meet(_letters(one), _letters(other), _MANY_LETTERS, _letters_meet)


def _letters(word: str) -> tuple[str, ...]:
    return _tidy(tuple(_SET.sub("?", word)), _MANY_LETTERS)


def _letters_meet(one: str, other: str) -> bool:
    return one == other or "?" in (one, other)


def _tidy(items: tuple[str, ...], many: str) -> tuple[str, ...]:
    """Leave out what stands twice in a row and says no more than once."""
    pairs = zip(items, ("", *items[:-1]), strict=True)
    return tuple(item for item, before in pairs if (item, before) != (many, many))


def _meet(
    one: tuple[str, ...], other: tuple[str, ...], many: str, equal: Callable[[str, str], bool]
) -> bool:
    """Whether some sequence fits both, where `many` fits any number of items. Row by row, so that
    the time is the product of the lengths."""
    reached = [True, *(False for _ in other)]
    for column, item in enumerate(other):
        reached[column + 1] = reached[column] and item == many
    for mine in one:
        row = [reached[0] and mine == many]
        for column, theirs in enumerate(other):
            if many in (mine, theirs):
                row.append(_skips(mine == many, theirs == many, reached, row, column))
            else:
                row.append(reached[column] and equal(mine, theirs))
        reached = row
    return reached[-1]


def _skips(mine: bool, theirs: bool, before: list[bool], row: list[bool], column: int) -> bool:
    """Whether a place is reached where one side may fit anything: each such side takes one item of
    the other one, or nothing."""
    takes_nothing = (mine and before[column + 1]) or (theirs and row[column])
    takes_theirs = mine and row[column]
    takes_mine = theirs and before[column + 1]
    return takes_nothing or takes_theirs or takes_mine
