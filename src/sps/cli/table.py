"""Columns of text for people."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from sps.lib.terminal import clean


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return lines with aligned columns; the last column is as wide as it likes. What the cells
    hold stays on its line."""
    cells = [[clean(_one_line(str(cell))) for cell in row] for row in [head, *rows]]
    widths = [max(_width(row[column]) for row in cells) for column in range(len(head))]
    lines = []
    for row in cells:
        padded = [
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ]
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)


def indented(text: str, by: str = "    ") -> str:
    """Return a text with every line moved to the right."""
    return "\n".join(by + line for line in text.splitlines())


def _one_line(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ").replace("\t", " ")


def _width(text: str) -> int:
    """Return how many cells of a terminal a text takes."""
    if text.isascii():  # thousands of rows are measured
        return len(text)
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF"
        else 1
        for letter in text
    )  # fmt: skip
