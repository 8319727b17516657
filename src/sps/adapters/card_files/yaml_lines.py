"""Lines of YAML that a person wrote, with some values changed and everything else kept."""

from __future__ import annotations

import io
import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, SingleQuotedScalarString

_DASH = re.compile(r"^( *)-( +)", re.MULTILINE)
_NO_FOLDING = 1 << 24


def rewrite(lines: str, changes: dict[str, object]) -> str:
    """Return the lines with these keys set; comments, quotes and layout of the rest are kept.

    Lines that the library cannot hold come back as they were: the caller looks at the result.
    """
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = _NO_FOLDING
    dash = _DASH.search(lines)
    if dash:
        offset, gap = len(dash.group(1)), len(dash.group(2))
        yaml.indent(mapping=2, sequence=offset + 1 + gap, offset=offset)
    target = io.StringIO()
    try:
        data: Any = yaml.load(lines)
        if not isinstance(data, CommentedMap):
            return lines
        for key, thing in changes.items():
            _put(data, key, thing)
        yaml.dump(data, target)
    except YAMLError:
        return lines
    return target.getvalue()


def _put(data: CommentedMap, key: str, thing: object) -> None:
    before = data.get(key)
    if isinstance(before, CommentedSeq) and isinstance(thing, tuple):
        _put_items(before, thing)
    elif isinstance(before, DoubleQuotedScalarString | SingleQuotedScalarString) and isinstance(
        thing, str
    ):
        data[key] = type(before)(thing)
    else:
        data[key] = _flow(thing) if isinstance(thing, tuple) else thing


def _flow(things: tuple[object, ...]) -> CommentedSeq:
    items = CommentedSeq(things)
    items.fa.set_flow_style()
    return items


def _put_items(items: CommentedSeq, things: tuple[object, ...]) -> None:
    """Change a list in place: comments stay with the entries that stay."""
    old, new = list(items), list(things)
    head = _same(old, new)
    tail = _same(old[head:][::-1], new[head:][::-1])
    gone, come = old[head : len(old) - tail], new[head : len(new) - tail]
    for index in reversed(range(head + min(len(gone), len(come)), head + len(gone))):
        del items[index]
    for index, thing in enumerate(come, start=head):
        if index - head < len(gone):
            items[index] = thing
        else:
            items.insert(index, thing)


def _same(one: list[Any], other: list[Any]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
