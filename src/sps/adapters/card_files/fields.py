"""From YAML nodes to the fields of a card, with the place of every complaint."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from sps.lib.yaml_nodes import BrokenYaml, Mapping, Node, Scalar, Sequence, found
from sps.model.card import CardText


def read(root: Mapping) -> dict[str, object]:
    """Return the fields that the front matter sets, of the right types but not yet bounded.

    Unknown keys are left alone; a key without a value counts as not there. Raises `BrokenYaml`.
    """
    values: dict[str, object] = {}
    for key, node in root:
        take = _TAKERS.get(key.text)
        if take is not None and not (isinstance(node, Scalar) and node.is_null):
            values[key.text] = take(key.text, node)
    return values


def place(root: Mapping, field: str, index: int) -> tuple[int, int]:
    """Return line and column of a field's value, or of one entry of it."""
    for key, node in root:
        if key.text == field:
            inner = isinstance(node, Sequence) and 0 <= index < len(node.items)
            at = node.items[index] if isinstance(node, Sequence) and inner else node
            return at.line, at.column
    return 1, 1


def _text(key: str, node: Node) -> str:
    value = node.as_text() if isinstance(node, Scalar) else None
    if value is None:
        quotes = "; put it in quotes to make it text" if isinstance(node, Scalar) else ""
        raise _wrong(key, node, "text", quotes)
    return value


def _integer(key: str, node: Node) -> int:
    value = node.as_int() if isinstance(node, Scalar) else None
    if value is None:
        raise _wrong(key, node, "a whole number", "", code="bad-number")
    return value


def _flag(key: str, node: Node) -> bool:
    value = node.as_bool() if isinstance(node, Scalar) else None
    if value is None:
        raise _wrong(key, node, "true or false", "")
    return value


def _texts(key: str, node: Node) -> tuple[str, ...]:
    return tuple(_text(key, item) for item in _items(key, node, "texts"))


def _integers(key: str, node: Node) -> tuple[int, ...]:
    return tuple(_integer(key, item) for item in _items(key, node, "card numbers"))


def _items(key: str, node: Node, of: str) -> tuple[Node, ...]:
    if not isinstance(node, Sequence):
        brackets = f"; write [{node.text}]" if isinstance(node, Scalar) else ""
        raise _wrong(key, node, f"a list of {of}", brackets)
    return node.items


def _wrong(
    key: str, node: Node, expected: str, advice: str, *, code: str = "unknown-type"
) -> BrokenYaml:
    message = f"{key}: expected {expected}, found {found(node)}{advice}"
    return BrokenYaml(code, message, line=node.line, column=node.column)


def _joined(key: str, node: Node) -> str:
    """Take a text, or those of a list with commas between."""
    return ", ".join(_texts(key, node)) if isinstance(node, Sequence) else _text(key, node)


_BY_TYPE: dict[object, Callable[[str, Node], object]] = {
    str: _text,
    str | None: _text,
    int: _integer,
    bool: _flag,
    tuple[str, ...]: _texts,
    tuple[int, ...]: _integers,
}
_TAKERS = {
    field.name: _BY_TYPE[field.type]
    for field in msgspec.structs.fields(CardText)
    if field.name != "body"
} | {"agent": _joined}
