"""Terminal output into markup: colours become classes, everything else that a terminal would obey
is gone."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

from sps.lib.terminal import clean

_SGR = re.compile(r"\x1b\[([0-9;:]{0,64})m")
_REST = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|\x1b[PX^_][^\x1b\n]*(?:\x1b\\)?"
    r"|\x1b[@-Z\\-_]|\x9b[0-?]*[ -/]*[@-~]"
)
_NAMES = ("k", "r", "g", "y", "b", "m", "c", "w")
_PIECE = re.compile(r"\x1b\[[0-9;:]{0,64}m|.", re.DOTALL)


@dataclass(frozen=True)
class _Look:
    """How text is shown; names are those of the style sheet."""

    colour: str = ""
    ground: str = ""
    bold: bool = False
    faint: bool = False
    under: bool = False

    @property
    def classes(self) -> str:
        words = [f"f{self.colour}"] * bool(self.colour) + [f"g{self.ground}"] * bool(self.ground)
        words += ["bo"] * self.bold + ["fa"] * self.faint + ["un"] * self.under
        return " ".join(words)


def terminal(text: str) -> Markup:
    """Render a piece of output."""
    return Markup("\n").join(lines(text))


def lines(text: str) -> list[Markup]:
    """Render output line by line. A line that was written over shows what stood there last."""
    look = _Look()
    shown = []
    for line in text.replace("\r\n", "\n").split("\n"):
        made, look = _line(_last(line), look)
        shown.append(made)
    return shown


def _last(line: str) -> str:
    """Return what a terminal would show of a line with carriage returns and backspaces, roughly."""
    whole = line.rstrip("\r")
    if "\r" in whole:
        head, _, tail = whole.rpartition("\r")
        whole = "".join(found[0] for found in _SGR.finditer(head)) + tail
    return whole if "\x08" not in whole else _erased(whole)


def _erased(line: str) -> str:
    """Let each backspace take away the character before it, colours aside."""
    kept: list[str] = []
    for piece in _PIECE.findall(line):
        if piece != "\x08":
            kept.append(piece)
        elif kept and not kept[-1].startswith("\x1b"):
            kept.pop()
    return "".join(kept)


def _line(line: str, look: _Look) -> tuple[Markup, _Look]:
    parts: list[Markup] = []
    at = 0
    for found in _SGR.finditer(line):
        parts.append(_span(line[at : found.start()], look))
        look = _looked(look, found[1])
        at = found.end()
    parts.append(_span(line[at:], look))
    return Markup("").join(parts), look


def _span(text: str, look: _Look) -> Markup:
    plain = clean(_REST.sub("", text))
    if not plain:
        return Markup("")
    classes = look.classes
    if not classes:
        return escape(plain)
    return Markup('<span class="{}">{}</span>').format(classes, plain)


def _looked(look: _Look, codes: str) -> _Look:
    numbers = [int(code) if code.isdigit() and len(code) < 4 else 0
               for code in codes.replace(":", ";").split(";")]  # fmt: skip
    at = 0
    while at < len(numbers):
        code = numbers[at]
        if code in (38, 48):
            name, used = _extended(numbers[at + 1 :])
            look = replace(look, colour=name) if code == 38 else replace(look, ground=name)
            at += used
        else:
            look = _one(look, code)
        at += 1
    return look


def _one(look: _Look, code: int) -> _Look:
    if code == 0:
        return _Look()
    if code in (1, 2, 22):
        return replace(look, bold=code == 1 or (code == 2 and look.bold), faint=code == 2)
    if code in (4, 24):
        return replace(look, under=code == 4)
    if code in (39, 49):
        return replace(look, colour="") if code == 39 else replace(look, ground="")
    if 30 <= code <= 37 or 90 <= code <= 97:
        return replace(look, colour=_NAMES[code % 10])
    if 40 <= code <= 47 or 100 <= code <= 107:
        return replace(look, ground=_NAMES[code % 10])
    return look


def _extended(rest: list[int]) -> tuple[str, int]:
    """Return the nearest of our eight colours and how many numbers it took."""
    if rest[:1] == [5] and len(rest) > 1:
        number = rest[1]
        if number < 16:
            return _NAMES[number % 8], 2
        if number >= 232:
            return ("w" if number > 243 else "k"), 2
        cube = min(number, 231) - 16
        return _nearest(cube // 36 * 51, cube // 6 % 6 * 51, cube % 6 * 51), 2
    if rest[:1] == [2] and len(rest) > 3:
        return _nearest(rest[1], rest[2], rest[3]), 4
    return "", len(rest)


def _nearest(red: int, green: int, blue: int) -> str:
    bits = (red > 110) + (green > 110) * 2 + (blue > 110) * 4
    return _NAMES[bits]
