"""Changing a card file that people write in: what does not change stays to the byte.

Only the lines of a changed key are touched, and those go through a YAML library that keeps
comments, quotes and layout. The result is read again before it counts.
"""

from __future__ import annotations

import re

import msgspec

from sps.adapters.card_files import document, fields, yaml_lines
from sps.adapters.card_files.document import Document
from sps.adapters.card_files.rendering import value
from sps.lib import yaml_nodes
from sps.lib.yaml_nodes import BrokenYaml, Mapping, Node, Scalar, Sequence
from sps.model.card import CardText
from sps.model.errors import Misuse
from sps.ports.files import CardFileBroken

_COMMENT = re.compile(r"(?:^|(?<=\s))#[^\n]*", re.MULTILINE)


def changed(old: Document, text: CardText, name: str) -> bytes:
    """Return the new content of the file. Raises `Misuse("unwritable-card")`."""
    changes = {
        field: getattr(text, field)
        for field in CardText.__struct_fields__
        if field != "body" and getattr(text, field) != getattr(old.text, field)
    }
    front = _front(old, changes)
    content = (old.parts.head + front + old.parts.foot + text.body).encode()
    if _says(content, text, old, name):
        return content
    says = f"{name} is written in a way that cannot be changed safely"
    raise Misuse("unwritable-card", says, hint=f"edit {name} by hand", where=name)


def _says(content: bytes, text: CardText, old: Document, name: str) -> bool:
    try:
        new = document.parse(content, name)
    except CardFileBroken:
        return False
    kept = {key.text for key, _ in old.root} <= {key.text for key, _ in new.root}
    return kept and new.text == text


def _front(old: Document, changes: dict[str, object]) -> str:
    front = old.parts.yaml
    newline = "\r\n" if old.parts.head.endswith("\r\n") else "\n"
    if old.root.flow or any(key.column != 1 for key, _ in old.root):
        return yaml_lines.rewrite(front, changes).replace("\n", newline)
    for key, node in reversed(old.root.pairs):
        if key.text in changes:
            end = _end_of_lines(front, key, node)
            lines = front[key.start : end].replace("\r\n", "\n")
            lines = _lines(lines, key.text, changes[key.text]).replace("\n", newline)
            front = front[: key.start] + lines + front[end:]
    there = {key.text for key, _ in old.root}
    added = [f"{field}: {value(thing)}" for field, thing in changes.items() if field not in there]
    return front + "".join(line + newline for line in added)


def _end_of_lines(front: str, key: Scalar, node: Node) -> int:
    end = max(key.end, node.end)
    # A block of literal text ends for the parser after its last line break.
    while end > key.end and front[end - 1] in "\r\n":
        end -= 1
    newline = front.find("\n", end)
    return len(front) if newline < 0 else newline + 1


def _lines(lines: str, field: str, thing: object) -> str:
    """Return the lines of one key with another value; its comments stay in any case."""
    comments = _comments(lines)
    with_layout = yaml_lines.rewrite(lines, {field: thing})
    if _value(with_layout, field) == (True, thing) and _comments(with_layout) == comments:
        return with_layout
    return "".join(f"{line}\n" for line in [f"{field}: {value(thing)}", *comments])


def _value(lines: str, field: str) -> tuple[bool, object]:
    try:
        root = yaml_nodes.parse(lines)
        values = fields.read(root) if isinstance(root, Mapping) else None
    except BrokenYaml:
        return False, None
    if values is None:
        return False, None
    default = next(one.default for one in msgspec.structs.fields(CardText) if one.name == field)
    return True, values.get(field, default)


def _comments(lines: str) -> list[str]:
    """Return the comments in their order: what looks like one outside of every value."""
    root = yaml_nodes.parse(lines)
    rest = lines
    for start, end in _spans(root) if root else ():
        rest = rest[:start] + re.sub(r"[^\n]", "_", rest[start:end]) + rest[end:]
    return [found.group().rstrip() for found in _COMMENT.finditer(rest)]


def _spans(node: Node) -> list[tuple[int, int]]:
    if isinstance(node, Scalar):
        return [(node.start, node.end)]
    if isinstance(node, Sequence):
        return [span for item in node.items for span in _spans(item)]
    return [span for key, item in node for span in [(key.start, key.end), *_spans(item)]]
