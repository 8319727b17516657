"""The small sentences in files of sps-cli: `card_enters 'X'`, `move_card X`, `label X`."""

from __future__ import annotations

import re

from sps.adapters.pipeline_files.section import Section
from sps.lib.nearest import nearest
from sps.lib.yaml_nodes import Mapping

_QUOTED = re.compile(r"'([^']+)'|\"([^\"]+)\"")


def sentence(section: Section, key: str, verb: str) -> str | None:
    """Return X of `verb X`, `verb 'X'` or a bare X; also below `action` of a mapping."""
    if isinstance(section.at(key), Mapping):
        inner = section.section(key, ("action",))
        return None if inner is None else sentence(inner, "action", verb)
    text = section.text(key)
    return None if text is None else _object(section, key, verb, text.strip())


def _object(section: Section, key: str, verb: str, text: str) -> str | None:
    first, _, rest = text.partition(" ")
    if first == verb:
        text = rest.strip()
    elif rest and nearest(first, [verb]):
        section.wrong(key, "unknown-action", f'there is no "{first}"; did you mean "{verb}"?')
        return None
    match = _QUOTED.fullmatch(text)
    name = (match[1] or match[2]) if match else text
    if not name or name == verb:
        section.wrong(key, "missing-value", f"{verb} needs a name behind it")
        return None
    return name.strip()
