"""The name of a card file: its number and a few words of its title."""

from __future__ import annotations

import re
from functools import cache

HIGHEST_NUMBER = 999_999_999
_NUMBERED = re.compile(r"0*([0-9]+)(?:-.*)?\.md", re.DOTALL)
_SLUG_LIMIT = 40


def compose(seq: int, title: str) -> str:
    """Return `<seq>-<slug>.md`; a slug is never empty and never longer than 40 characters."""
    slug = "-".join(_word().findall(title.lower()))[:_SLUG_LIMIT].strip("-")
    return f"{seq}-{slug or 'card'}.md"


def number(name: str) -> int:
    """Return the number a file name begins with, 0 when it has none.

    Raises `ValueError` for a number that no card can have.
    """
    match = _NUMBERED.fullmatch(name)
    if match is None:
        return 0
    digits = match.group(1)
    if len(digits) > len(str(HIGHEST_NUMBER)) or digits == "0":
        raise ValueError(f"a card's number lies between 1 and {HIGHEST_NUMBER}")
    return int(digits)


def is_card(name: str) -> bool:
    """Tell whether a name in the folder is meant as a card: Markdown, visible, printable."""
    if not name.endswith(".md") or name[0] == ".":
        return False
    # What is no UTF-8 can neither be stored nor shown; Python carries it as lone surrogates.
    return name.isascii() or not any("\ud800" <= character <= "\udfff" for character in name)


@cache
def _word() -> re.Pattern[str]:
    """Compiled when a name is composed: the wide ranges cost more than reading a whole folder."""
    return re.compile(r"[a-z0-9\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]+")
