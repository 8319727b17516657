"""What a card's text may hold, whoever wrote it: checked before writing and after reading."""

from __future__ import annotations

import re

import msgspec

from sps.adapters.card_files.file_name import HIGHEST_NUMBER
from sps.model.agent_choice import agents_complaint, effort_complaint, model_complaint
from sps.model.card import BODY_LIMIT, LIST_LIMIT, TITLE_LIMIT, CardText

PRIORITY_LIMIT = 100
# With them those that turn the direction of text, so that it reads as something else.
_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_NAMED = (
    ("agent", "bad-agent", agents_complaint),
    ("model", "bad-model", model_complaint),
    ("effort", "bad-effort", effort_complaint),
)
_SKILL = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_LABEL = re.compile(r"[^\W_][\w.:/+@-]{0,63}")
_SCOPE_LIMIT = 1000
_COMMAND_LIMIT = 4096


class Complaint(msgspec.Struct, frozen=True):
    """What is wrong, in which field and, for a list, at which index (else -1)."""

    field: str
    index: int
    code: str
    message: str


def complaint(text: CardText) -> Complaint | None:
    """Return the first thing that is out of bounds, None when all is well."""
    return _title(text) or _lists(text) or _scalars(text) or _body(text)


def _title(text: CardText) -> Complaint | None:
    if not text.title.strip():
        return Complaint("title", -1, "missing-title", "the title is empty")
    if len(text.title) > TITLE_LIMIT:
        says = f"the title has {len(text.title)} characters, at most {TITLE_LIMIT} are allowed"
        return Complaint("title", -1, "bad-title", says)
    if _CONTROL.search(text.title):
        return Complaint(
            "title",
            -1,
            "bad-title",
            "the title holds characters that control a terminal or turn the direction of text",
        )
    return None


def _lists(text: CardText) -> Complaint | None:
    for field in ("skills", "labels", "after", "scope", "accept"):
        values: tuple[str | int, ...] = getattr(text, field)
        if len(values) > LIST_LIMIT:
            says = f"{field} has {len(values)} entries, at most {LIST_LIMIT} are allowed"
            return Complaint(field, LIST_LIMIT, "too-many", says)
        for index, value in enumerate(values):
            wrong = _entry(field, value)
            if wrong:
                return Complaint(field, index, *wrong)
    return None


def _entry(field: str, value: str | int) -> tuple[str, str] | None:
    if isinstance(value, int):
        if 1 <= value <= HIGHEST_NUMBER:
            return None
        return "bad-number", f"after names cards by their numbers, from 1 up, found {value}"
    if field == "skills" and not _SKILL.fullmatch(value):
        return (
            "bad-skill",
            f"{value!r} is no skill name: small letters, digits, hyphens, at most 64",
        )
    if field == "labels" and not _LABEL.fullmatch(value):
        says = f"{value!r} is no label: letters, digits and . _ : / + @ -, at most 64, no spaces"
        return "bad-label", says
    if field == "scope" and not _is_line(value):
        return "bad-scope", f"a scope is a pattern of 1 to {_SCOPE_LIMIT} printable characters"
    if field == "accept" and not _is_command(value):
        return (
            "bad-accept",
            f"a command has 1 to {_COMMAND_LIMIT} characters, no control characters",
        )
    return None


def _is_line(value: str) -> bool:
    return bool(value.strip()) and len(value) <= _SCOPE_LIMIT and not _CONTROL.search(value)


def _is_command(value: str) -> bool:
    line = value.replace("\n", " ").replace("\t", " ")
    return bool(line.strip()) and len(value) <= _COMMAND_LIMIT and not _CONTROL.search(line)


def _scalars(text: CardText) -> Complaint | None:
    if abs(text.priority) > PRIORITY_LIMIT:
        says = (
            f"priority lies between -{PRIORITY_LIMIT} and {PRIORITY_LIMIT}, found {text.priority}"
        )
        return Complaint("priority", -1, "bad-number", says)
    for field, code, complaint in _NAMED:
        value = getattr(text, field)
        wrong = None if value is None else complaint(value)
        if wrong is not None:
            return Complaint(field, -1, code, wrong)
    return None


def _body(text: CardText) -> Complaint | None:
    if "\0" in text.body:
        return Complaint("body", -1, "nul-byte", "the body holds a NUL byte")
    try:
        size = len(text.body.encode())
    except UnicodeEncodeError:
        return Complaint("body", -1, "invalid-utf-8", "the body cannot be written as UTF-8")
    if size > BODY_LIMIT:
        says = f"the body has {size} bytes, at most {BODY_LIMIT} are allowed"
        return Complaint("body", -1, "too-large", says)
    return None
