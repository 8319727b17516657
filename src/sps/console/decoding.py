"""Hostile bytes into typed values: bounded, typed, unknown fields refused by name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from types import UnionType
from typing import Any, Union, get_args, get_origin
from urllib.parse import parse_qsl

import msgspec

from sps.lib.nearest import suggestion
from sps.model.errors import Misuse

BODY_LIMIT = 1024 * 1024
_FIELDS = 200
_UNKNOWN = re.compile(r"unknown field `([^`]*)`")
Fields = list[tuple[str, str]]


def form(raw: bytes, kind: type[msgspec.Struct]) -> Any:
    """Decode a form or a query into a type: repeated fields become lists where it wants one, empty
    fields are absent. Raises `Misuse("bad-field")`."""
    return shaped(fields(raw), kind)


def fields(raw: bytes) -> Fields:
    """Return the fields of a form or a query, empty ones left out. Raises `Misuse("bad-field")`."""
    try:
        pairs = parse_qsl(
            raw.decode("utf-8"), keep_blank_values=False, strict_parsing=False,
            max_num_fields=_FIELDS, errors="strict",
        )  # fmt: skip
    except (ValueError, UnicodeDecodeError) as err:
        raise Misuse("bad-field", "the form is no UTF-8 or has too many fields") from err
    if any("\0" in name or "\0" in value for name, value in pairs):
        raise Misuse("bad-field", "a field holds a NUL character")
    return pairs


def shaped(pairs: Fields, kind: type[msgspec.Struct]) -> Any:
    """Convert the fields of a form into a type. Raises `Misuse("bad-field")`."""
    many = _lists(kind)
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in many:
            found.setdefault(name, []).append(value)
        elif name in found:
            raise _double(name)
        else:
            found[name] = value
    return typed(found, kind, strict=False)


def document(raw: bytes, kind: type[msgspec.Struct]) -> Any:
    """Decode JSON into a type. Raises `Misuse("bad-field")`, `Misuse("bad-json")`."""
    try:
        value = json.loads(raw.decode("utf-8") or "{}", object_pairs_hook=_single)
        value = msgspec.json.decode(raw or b"{}")  # which is the stricter one about the text
    except (ValueError, RecursionError, msgspec.DecodeError) as err:
        raise Misuse("bad-json", f"the body is no JSON: {str(err)[:200]}") from err
    if not isinstance(value, dict):
        raise Misuse("bad-json", "the body is no JSON object")
    if b"\\u0000" in raw and _holds_nul(value):
        raise Misuse("bad-field", "a field holds a NUL character")
    return typed(value, kind, strict=True)


def typed(found: Mapping[str, Any], kind: type[msgspec.Struct], *, strict: bool) -> Any:
    """Convert fields into a type. Raises `Misuse("bad-field")` with the nearest name."""
    names = [one.encode_name for one in msgspec.structs.fields(kind)]
    for name in found:
        if name not in names:
            near = suggestion(name[:80], names)
            raise Misuse("bad-field", f'there is no field "{name[:80]}"{near}')
    try:
        return msgspec.convert(dict(found), kind, strict=strict)
    except msgspec.ValidationError as err:
        inner = _UNKNOWN.search(str(err))
        near = suggestion(inner[1], names) if inner else ""
        raise Misuse("bad-field", f"{str(err)[:300]}{near}") from err


def _single(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _double(name)
        found[name] = value
    return found


def _double(name: str) -> Misuse:
    return Misuse("bad-field", f'the field "{name[:40]}" stands twice')


def _holds_nul(value: Any) -> bool:
    match value:
        case str():
            return "\0" in value
        case dict():
            return any("\0" in name or _holds_nul(one) for name, one in value.items())
        case list():
            return any(map(_holds_nul, value))
    return False


def _lists(kind: type[msgspec.Struct]) -> set[str]:
    """Return the fields that hold several values, also where they may be absent."""
    return {one.encode_name for one in msgspec.structs.fields(kind) if _is_list(one.type)}


def _is_list(kind: Any) -> bool:
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return any(map(_is_list, get_args(kind)))
    return origin in (list, tuple)
