"""Hostile bytes into typed values: bounded, typed, unknown fields refused by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from sps.lib.nearest import suggestion
from sps.model.errors import Misuse

BODY_LIMIT = 1024 * 1024
_FIELDS = 200
_UNKNOWN = re.compile(r"unknown field `([^`]*)`")


def form(raw: bytes, kind: type[msgspec.Struct]) -> Any:
    """Decode a form or a query into a type: repeated fields become lists where it wants one, empty
    fields are absent. Raises `Misuse("bad-field")`."""
    try:
        pairs = parse_qsl(
            raw.decode("utf-8"), keep_blank_values=False, strict_parsing=False,
            max_num_fields=_FIELDS, errors="strict",
        )  # fmt: skip
    except (ValueError, UnicodeDecodeError) as err:
        raise Misuse("bad-field", "the form is no UTF-8 or has too many fields") from err
    many = _lists(kind)
    found: dict[str, Any] = {}
    for name, value in pairs:
        if "\0" in name or "\0" in value:
            raise Misuse("bad-field", "a field holds a NUL character")
        if name in many:
            found.setdefault(name, []).append(value)
        elif name in found:
            raise Misuse("bad-field", f'the field "{name[:40]}" stands twice')
        else:
            found[name] = value
    return typed(found, kind, strict=False)


def document(raw: bytes, kind: type[msgspec.Struct]) -> Any:
    """Decode JSON into a type. Raises `Misuse("bad-field")`, `Misuse("bad-json")`."""
    try:
        value = msgspec.json.decode(raw or b"{}")
    except msgspec.DecodeError as err:
        raise Misuse("bad-json", f"the body is no JSON: {err}") from err
    if not isinstance(value, dict):
        raise Misuse("bad-json", "the body is no JSON object")
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


def _lists(kind: type[msgspec.Struct]) -> set[str]:
    return {
        one.encode_name
        for one in msgspec.structs.fields(kind)
        if getattr(one.type, "__origin__", None) in (list, tuple)
    }
