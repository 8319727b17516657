"""The words of the console in another language. English is the key: a missing word is English."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from sps.services.telling import Speak

_FOLDER = Path(__file__).parent / "words"


def say(language: str, text: str, /, **words: object) -> str:
    """Return a text in a language, its `{names}` filled in."""
    said = _words(language).get(text, text)
    return said.format(**words) if words else said


def speaker(language: str) -> Speak:
    """Return what says the phrases of events in a language."""
    return lambda phrase: say(language, phrase.text, **phrase.words)


@cache
def _words(language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted((_FOLDER / language).glob("*.json")):
        found |= json.loads(path.read_text(encoding="utf-8"))
    return found
