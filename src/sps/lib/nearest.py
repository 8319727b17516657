"""Did you mean: the nearest of some names."""

from __future__ import annotations

from collections.abc import Iterable

_CLOSE = 0.7  #: the share of letters two names have in common; less is another word, not a slip


def nearest(word: str, names: Iterable[str]) -> str | None:
    """Return the name closest to `word`, None when none is close enough to be meant."""
    from difflib import get_close_matches

    by_folded = {name.lower(): name for name in names}
    found = get_close_matches(word.lower(), by_folded, 1, _CLOSE)
    return by_folded[found[0]] if found else None


def suggestion(word: str, names: Iterable[str]) -> str:
    """Return `; did you mean "x"?`, or an empty string."""
    found = nearest(word, names)
    return f'; did you mean "{found}"?' if found else ""
