"""Writing a new card file. No YAML library: a JSON scalar is a YAML scalar."""

from __future__ import annotations

import re

import msgspec

from sps.model.card import CardText

#: What JSON may carry as it is but YAML may not.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def render(text: CardText) -> str:
    """Return the whole file: the title, every other field that was set, the body as it is."""
    lines = ["---", f"title: {value(text.title)}"]
    for field in msgspec.structs.fields(CardText):
        if field.name in {"title", "body"} or getattr(text, field.name) == field.default:
            continue
        lines.append(f"{field.name}: {value(getattr(text, field.name))}")
    return "\n".join(lines) + "\n---\n" + text.body


def value(thing: object) -> str:
    """Return a value in the part of YAML that is JSON, on one line."""
    if isinstance(thing, tuple):
        return f"[{', '.join(value(item) for item in thing)}]"
    written = msgspec.json.encode(thing).decode()
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found.group()):04x}", written)
