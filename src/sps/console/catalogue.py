"""The words of the console in another language. English is the key: a missing word is English."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "words"


def say(language: str, text: str, /, **names: object) -> str:
    """Return a text in a language, its `{names}` filled in."""
    said = words(language).get(text, text)
    return said.format(**names) if names else said


@cache
def words(language: str) -> dict[str, str]:
    """Return all words of a language by their English ones."""
    found: dict[str, str] = {}
    for path in sorted((_FOLDER / language).glob("*.json")):
        found |= json.loads(path.read_text(encoding="utf-8"))
    return found


@cache
def sentences(language: str) -> dict[str, str]:
    """Return what services say, by its English with `{names}` for what changes."""
    path = _FOLDER / language / "services.json"
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {english: other for english, other in found.items() if "{" in english}
