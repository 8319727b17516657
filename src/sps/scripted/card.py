"""The card inside a prompt: the text between two marker lines that carry the same nonce."""

from __future__ import annotations

import re

from sps.scripted.blocks import read_pairs
from sps.scripted.fences import split_lines

_OPENING = re.compile(r"<<<SPS-CARD (?P<nonce>[0-9a-fA-F]+) (?P<pairs>.+)")
_ATTEMPT = re.compile(r"[1-9][0-9]{0,8}")


class Card:
    """What a prompt asks for: body, stage name ("" without one), kind and attempt (from 1)."""

    __slots__ = ("attempt", "body", "kind", "stage")

    def __init__(self, body: str, *, stage: str = "", kind: str = "work", attempt: int = 1) -> None:
        self.body = body
        self.stage = stage
        self.kind = kind
        self.attempt = attempt


def read_card(prompt: str) -> Card:
    """The first marked card of the prompt; the whole prompt as a work card when none is marked."""
    lines = split_lines(prompt)
    bare = [line.strip() for line in lines]
    for at, line in enumerate(bare):
        opening = _OPENING.fullmatch(line)
        pairs = read_pairs(opening["pairs"]) if opening else None
        if opening is None or pairs is None or not _is_complete(pairs):
            continue
        closing = f"SPS-CARD {opening['nonce']}>>>"
        if closing not in bare[at + 1 :]:
            continue
        body = "".join(lines[at + 1 : bare.index(closing, at + 1)])
        return Card(body, stage=pairs["stage"], kind=pairs["kind"], attempt=int(pairs["attempt"]))
    return Card(prompt)


def _is_complete(pairs: dict[str, str]) -> bool:
    return (
        "stage" in pairs
        and pairs.get("kind") in ("work", "review")
        and _ATTEMPT.fullmatch(pairs.get("attempt", "")) is not None
    )
