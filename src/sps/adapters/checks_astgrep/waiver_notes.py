"""Comments that look as if they took a finding back, and do not."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from itertools import islice

from sps.adapters.checks_astgrep.files import Files
from sps.adapters.checks_astgrep.verdicts import waivers
from sps.model.skills.check import WaiverNote

_MOST = 100
_NAME = 64
#: Text about waivers puts one in quotes or begins it with a capital letter, as in a manual.
_MARK = re.compile(r"(?<![\w`'\"])skill-ok:[ \t]*+(?![A-Z])([^\s:,]*)")


def waiver_notes(files: Files, known: Container[str]) -> tuple[WaiverNote, ...]:
    """Return the waivers on added lines without a reason, or for none of the `known` checks."""
    return tuple(islice(_notes(files, known), _MOST))


def _notes(files: Files, known: Container[str]) -> Iterator[WaiverNote]:
    for path, ranges in sorted(files.added.items()):
        if "skill-ok:" not in (files.text(path) or ""):
            continue
        lines = files.lines(path)
        for first, last in ranges:
            for number in range(max(first, 1), min(last, len(lines)) + 1):
                yield from _of_line(path, number, lines[number - 1], known)


def _of_line(path: str, number: int, line: str, known: Container[str]) -> Iterator[WaiverNote]:
    good = {check for check, reason in waivers(line) if reason}
    for match in _MARK.finditer(line):
        name = match[1][:_NAME]
        if name in known and name in good:
            continue
        says = (
            "skill-ok without a reason does nothing"
            if name in known
            else f"skill-ok names no known check: {name!r}"
            if name
            else "skill-ok without a check and a reason does nothing"
        )
        yield WaiverNote(path=path, line=number, check=name, known=name in known, says=says)
