"""Checklists in the body of a card: `- [ ] thing to do`."""

from __future__ import annotations

import re

import msgspec

from sps.model.errors import Misuse

_ITEM = re.compile(r"^(\s*(?:[-*+]|\d+[.)])\s+\[)([ xX])(\]\s+)(.*?)(\r?\n?)$")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One item. `number` counts from 1."""

    number: int
    done: bool
    text: str


def items(body: str) -> list[Item]:
    """Return the items of a body; what stands in a fenced block is none."""
    return [
        Item(number=number, done=found[2] in "xX", text=found[4])
        for number, (_, found) in enumerate(_found(body), 1)
    ]


def tick(body: str, number: int, *, done: bool) -> str:
    """Return the body with one item ticked or not. Raises `Misuse("unknown-item")`."""
    found = _found(body)
    if not 1 <= number <= len(found):
        has = f"its checklist has {len(found)} items" if found else "it has no checklist"
        raise Misuse("unknown-item", f"the card has no item {number}: {has}")
    line, item = found[number - 1]
    lines = body.splitlines(keepends=True)
    lines[line] = f"{item[1]}{'x' if done else ' '}{item[3]}{item[4]}{item[5]}"
    return "".join(lines)


def _found(body: str) -> list[tuple[int, re.Match[str]]]:
    found: list[tuple[int, re.Match[str]]] = []
    fence = ""
    for index, line in enumerate(body.splitlines(keepends=True)):
        mark = _FENCE.match(line)
        if fence:
            closing = line.strip()
            if mark and closing.startswith(fence) and not closing.strip(fence[0]):
                fence = ""
        elif mark:
            fence = mark[1]
        elif item := _ITEM.match(line):
            found.append((index, item))
    return found
