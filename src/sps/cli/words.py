"""Longer texts that a command is given: as an argument, from a file, or through a pipe."""

from __future__ import annotations

import sys

from sps.model.errors import Misuse

_LIMIT = 1024 * 1024


def body_of(argument: str | None, file: str | None) -> str:
    """Return the body of a card from its argument or its file; empty without both."""
    return text_of(argument, file) or ""


def text_of(argument: str | None, file: str | None) -> str | None:
    """Return a text given as an argument or in a file (`-` is stdin), None without both.

    Raises `Misuse` with two-texts, no-input, unreadable-file, too-large or invalid-utf-8.
    """
    if file is None:
        return argument
    if argument is not None:
        raise Misuse("two-texts", "there is a text as an argument and one in --file: give one")
    content = _stdin() if file == "-" else _file(file)
    if len(content) > _LIMIT:
        raise Misuse("too-large", f"{_named(file)} has more than {_LIMIT} bytes", where=file)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as err:
        says = f"{_named(file)} is no UTF-8: byte {err.start} is the first that is wrong"
        raise Misuse("invalid-utf-8", says, where=file) from err


def _stdin() -> bytes:
    if sys.stdin is None or sys.stdin.isatty():
        raise Misuse(
            "no-input", "stdin is a terminal, not a text",
            hint="sps card add PROJECT TITLE --file - < body.md",
        )  # fmt: skip
    return sys.stdin.buffer.read(_LIMIT + 1)


def _file(name: str) -> bytes:
    try:
        with open(name, "rb") as file:
            return file.read(_LIMIT + 1)
    except OSError as err:
        says = f"{name} cannot be read: {err.strerror}"
        raise Misuse("unreadable-file", says, where=name) from err


def _named(file: str) -> str:
    return "stdin" if file == "-" else file
