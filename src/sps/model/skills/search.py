"""Finding skills by words: names and descriptions, ranked the BM25 way."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

_WORD = re.compile(r"[^\W_]+")
_STOP = frozenset(
    (
        "a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "how", "i", "in",
        "into", "is", "it", "my", "of", "on", "or", "that", "the",
        "this", "to", "use", "used", "using", "what",
        "when", "where", "which", "with", "you", "your",
    )
)  # fmt: skip
_SATURATION = 1.2
_LENGTH = 0.75
_NAME_WEIGHT = 4.0
_PART_OF_WORD = 0.4
_EXACT_NAME = 10.0
_TERMS_LIMIT = 16


def rank(query: str, records: Sequence[tuple[str, str]]) -> list[tuple[int, float]]:
    """Return index and score of each (name, description) that has a word of the query, the best
    first; equals stand in the order given. Words match from their beginning, so `test` finds
    `testing`. A query without words finds nothing."""
    terms = _terms(query)
    if not terms or not records:
        return []
    texts = [(name.lower(), about.lower()) for name, about in records]
    average = sum(len(name) + len(about) for name, about in texts) / len(texts) or 1.0
    scores: dict[int, float] = {}
    for term in terms:
        hits = _hits(term, texts)
        rarity = math.log(1 + (len(texts) - len(hits) + 0.5) / (len(hits) + 0.5))
        for index, weight in hits.items():
            length = (len(texts[index][0]) + len(texts[index][1])) / average
            norm = weight + _SATURATION * (1 - _LENGTH + _LENGTH * length)
            score = rarity * weight * (_SATURATION + 1) / norm
            scores[index] = scores.get(index, 0.0) + score
    wanted = "-".join(_WORD.findall(query.lower()))
    for index in scores:
        if texts[index][0] == wanted:
            scores[index] += _EXACT_NAME
    return sorted(scores.items(), key=lambda row: (-row[1], row[0]))


def _terms(query: str) -> list[str]:
    words = list(dict.fromkeys(_WORD.findall(query.lower()[:1000])))
    telling = [one for one in words if one not in _STOP] or words
    return [_stem(one) for one in telling[:_TERMS_LIMIT]]


def _stem(word: str) -> str:
    """Return a word without the ending of a plural: it is then found with and without it."""
    plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if plural else word


def _hits(term: str, texts: list[tuple[str, str]]) -> dict[int, float]:
    """Return how much of a term each text has. How often it stands in a text does not count: in a
    few sentences that says little."""
    start = r"(?<![a-z0-9])" if term.isascii() else ""
    word = start + re.escape(term)
    whole, part = re.compile(rf"{word}s?(?![a-z0-9])").search, re.compile(word).search
    hits: dict[int, float] = {}
    for index, (name, about) in enumerate(texts):
        weight = 0.0
        if term in name:
            weight += _NAME_WEIGHT * (1.0 if whole(name) else _PART_OF_WORD if part(name) else 0.0)
        if term in about:
            weight += 1.0 if whole(about) else _PART_OF_WORD if part(about) else 0.0
        if weight:
            hits[index] = weight
    return hits
