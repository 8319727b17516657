"""Writing to the two streams: results to stdout, everything else to stderr."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from sps.lib.terminal import clean


class Gone(Exception):
    """Whoever read our output has gone away. Nobody is left to be told."""


def prepare() -> None:
    """Let no character be an error, whatever the terminal's encoding is."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def out(text: str) -> None:
    """Write a result for people: escape sequences in data do nothing. Raises `Gone`."""
    _write(sys.stdout, clean(text) + "\n")


def err(text: str) -> None:
    """Write progress, a warning or an error for people. Raises `Gone`."""
    _write(sys.stderr, clean(text) + "\n")


def document(encoded: bytes) -> None:
    """Write one JSON document, always UTF-8. Raises `Gone`."""
    _write(sys.stdout, encoded.decode("utf-8", "replace") + "\n")


def headline(code: str, message: str) -> str:
    """Return the first line of an error; red on a terminal that has not asked for no colour."""
    plain = clean(f"error[{code}]: {message}")
    if not _colours(sys.stderr):
        return plain
    head, _, rest = plain.partition(":")
    return f"\x1b[1;31m{head}\x1b[0m:{rest}"


def painted(text: str, style: str) -> str:
    """Return a text that is safe to show, on a colour terminal with a style such as `1;31`; it
    goes out by `plain`."""
    safe = clean(text)
    return f"\x1b[{style}m{safe}\x1b[0m" if _colours(sys.stdout) else safe


def _colours(stream: TextIO) -> bool:
    asked_not = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return stream.isatty() and not asked_not


def plain(text: str) -> None:
    """Write a text of our own as it is. Raises `Gone`."""
    _write(sys.stdout, text + "\n")


def fault(head: str, more: list[str]) -> None:
    """Write an error: its headline and what belongs to it. Raises `Gone`."""
    _write(sys.stderr, "\n".join([head, *(clean(line) for line in more)]) + "\n")


def interactive() -> bool:
    """Whether a person can be asked."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError as end:
        # The interpreter flushes once more at its end; that must find somebody who listens.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        raise Gone from end
