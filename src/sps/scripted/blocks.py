"""The blocks of a card that the agent carries out, and when each of them applies."""

from __future__ import annotations

import re

from sps.scripted.errors import BadBlockError
from sps.scripted.fences import find_fences

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sps.scripted.card import Card

_FILTERS = ("stage", "attempt")
_KEYS: dict[str, tuple[str, ...]] = {
    "file": ("path", *_FILTERS),
    "patch": _FILTERS,
    "sh": _FILTERS,
    "sleep": _FILTERS,
    "say": _FILTERS,
    "fail": _FILTERS,
    "verdict": _FILTERS,
}
_PAIR = re.compile(r'([A-Za-z_][A-Za-z0-9_-]*)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))(?:\s+|\Z)')
_ESCAPE = re.compile(r"\\(.)")
_ATTEMPT = re.compile(r"([1-9][0-9]{0,8})(\+?)")


class Block:
    """One block: its word, attributes, content, and its line in the card's body (from 1)."""

    __slots__ = ("attributes", "content", "line", "word")

    def __init__(self, word: str, attributes: dict[str, str], content: str, line: int) -> None:
        self.word = word
        self.attributes = attributes
        self.content = content
        self.line = line

    def applies_to(self, card: Card) -> bool:
        """Whether the block is meant for the stage and the attempt that the card is in."""
        stage = self.attributes.get("stage")
        if stage is not None and stage != card.stage:
            return False
        in_review = card.kind == "review"
        if self.word == "verdict" and not in_review:
            return False
        if self.word != "verdict" and in_review and stage is None:
            return False
        return self._covers(card.attempt)

    def _covers(self, attempt: int) -> bool:
        wanted = _ATTEMPT.fullmatch(self.attributes.get("attempt", "1+"))
        if wanted is None:
            return False
        first = int(wanted[1])
        return attempt >= first if wanted[2] else attempt == first


def read_blocks(body: str) -> list[Block]:
    """The agent's blocks of a card's body in order; code in other languages is ordinary text.

    Raises BadBlockError for an attribute that is unknown, missing, repeated or malformed.
    """
    blocks = []
    for fence in find_fences(body):
        word, _, rest = fence.info.replace("\t", " ").partition(" ")
        if word in _KEYS:
            attributes = _attributes(word, rest.strip(), fence.line)
            blocks.append(Block(word, attributes, fence.content, fence.line))
    return blocks


def read_pairs(text: str) -> dict[str, str] | None:
    """`key=value` pairs, values possibly in double quotes; None when malformed or repeated."""
    pairs: dict[str, str] = {}
    at = 0
    while at < len(text):
        pair = _PAIR.match(text, at)
        if pair is None or pair[1] in pairs:
            return None
        pairs[pair[1]] = pair[3] if pair[2] is None else _ESCAPE.sub(r"\1", pair[2])
        at = pair.end()
    return pairs


def _attributes(word: str, text: str, line: int) -> dict[str, str]:
    pairs = read_pairs(text)
    if pairs is None:
        raise BadBlockError(line, f"{word}: expected each key once, as key=value, got: {text[:80]}")
    for key, value in pairs.items():
        if key not in _KEYS[word]:
            known = ", ".join(_KEYS[word])
            raise BadBlockError(line, f"{word}: unknown attribute {key!r} (known: {known})")
        if not value:
            raise BadBlockError(line, f"{word}: attribute {key!r} is empty")
    if word == "file" and "path" not in pairs:
        raise BadBlockError(line, "file: attribute 'path' is missing")
    if not _ATTEMPT.fullmatch(pairs.get("attempt", "1")):
        raise BadBlockError(line, f"{word}: attempt is N or N+, got {pairs['attempt']!r}")
    return pairs
