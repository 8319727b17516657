"""A difference into files, hunks and rows, with coloured syntax and changed words set off."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import msgspec
from markupsafe import Markup

from sps.console.render import syntax, word_diff
from sps.console.render.patch import HUNK, FilePatch, patches
from sps.lib.terminal import clean

FOLD = 3000  #: a file with more rows is shown only when it is asked for
MOST = 6000  #: so many rows has a page; the files after that are folded
MANY = 300  #: so many files has a page; the others are on the pages after it
COLOURED = 120_000  #: so many characters of a page get colours, which cost most of its time
_LINE = 1000  #: a longer line is cut, and a hunk that holds one is not coloured
_PICTURES = frozenset({"png", "jpg", "jpeg", "gif", "webp", "avif", "bmp", "ico"})


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line. `kind`: a added, d deleted, c as before, n a remark of Git. Number 0: not there."""

    kind: str
    old: int
    new: int
    code: Markup
    place: str = ""  #: its name in a link: R12 of the new side, L12 of the old


class Hunk(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of rows, and Git's words about where it is."""

    head: str
    rows: list[Row]

    @property
    def top(self) -> bool:
        """Whether it begins where the file begins: no line before it is left out."""
        return not self.rows or max(self.rows[0].old, self.rows[0].new) <= 1

    @property
    def pairs(self) -> list[tuple[Row | None, Row | None]]:
        """The rows side by side: old left, new right, what replaces a line beside it."""
        return pairs(self.rows)


class FileDiff(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to one file. `folded`: it has too many rows, `hunks` is empty. `content` names
    what it holds now, so that who has seen it can tell whether it is still the same."""

    id: str
    path: str
    before: str  #: the path it had, where that is another one
    what: str  #: changed, added, deleted, renamed, copied
    added: int
    deleted: int
    binary: bool
    folded: bool
    notes: list[str]
    hunks: list[Hunk]
    content: str = ""
    raw: str = ""  #: the path as it is, for asking about it

    @property
    def picture(self) -> bool:
        """Whether its name is that of an image."""
        return self.path.rpartition(".")[2].lower() in _PICTURES


def files(text: str, *, only: str = "", most: int = MOST, start: int = 0) -> list[FileDiff]:
    """Read a difference. `only` names the file that is wanted unfolded, and then it is the only one
    with rows. `most` bounds the rows of all files together; the first always has its own. `start`:
    the page begins with this file, and only files of the page have rows."""
    left, paint = most, COLOURED
    found = []
    for number, patch in enumerate(patches(text.split("\n"))):
        count = patch.rows
        if only:
            folded = only != patch.path
        else:
            here = start <= number < start + MANY
            folded = not here or count > FOLD or (count > left and number > start)
        size = 0 if folded else sum(len(row) for _, rows in patch.hunks for row in rows)
        language = syntax.language(patch.path) if size <= paint else ""
        left, paint = left - (0 if folded else count), paint - (size if language else 0)
        found.append(_file(patch, f"f{number}", language, folded=folded))
    return found


def pairs(rows: Sequence[Row]) -> list[tuple[Row | None, Row | None]]:
    """Put rows side by side."""
    made: list[tuple[Row | None, Row | None]] = []
    old: list[Row] = []
    new: list[Row] = []

    def close() -> None:
        for number in range(max(len(old), len(new))):
            left = old[number] if number < len(old) else None
            made.append((left, new[number] if number < len(new) else None))
        old.clear()
        new.clear()

    for row in rows:
        if row.kind == "d":
            if new:
                close()
            old.append(row)
        elif row.kind == "a":
            new.append(row)
        else:
            close()
            made.append((row, row))
    close()
    return made


def _file(patch: FilePatch, name: str, language: str, *, folded: bool) -> FileDiff:
    marks = [row[:1] for _, rows in patch.hunks for row in rows]
    return FileDiff(
        id=name,
        path=_shown(patch.path),
        raw=patch.path,
        before=_shown(patch.before) if patch.before not in ("", patch.path) else "",
        what=patch.what,
        added=marks.count("+"),
        deleted=marks.count("-"),
        binary=patch.binary,
        folded=folded,
        notes=[_shown(note) for note in patch.notes],
        hunks=[] if folded else [_hunk(head, rows, language) for head, rows in patch.hunks],
        content=patch.blobs[1],
    )


def _shown(text: str) -> str:
    return clean(text).replace("\n", "\ufffd").replace("\t", " ")


def _hunk(head: str, rows: list[str], language: str) -> Hunk:
    match = HUNK.match(head)
    assert match is not None
    old, new = int(match[1]), int(match[3])
    made = []
    for row, code in zip(rows, _codes(rows, language), strict=True):
        mark = row[:1] or " "
        if mark == "\\":
            made.append(Row(kind="n", old=0, new=0, code=code))
            continue
        there, here = mark != "+", mark != "-"
        made.append(
            Row(
                kind={"+": "a", "-": "d"}.get(mark, "c"), old=old if there else 0,
                new=new if here else 0, code=code, place=f"R{new}" if here else f"L{old}",
            )
        )  # fmt: skip
        old, new = old + there, new + here
    return Hunk(head=_shown(match[5].strip()), rows=made)


def _codes(rows: list[str], language: str) -> list[Markup]:
    """Return the code of each row."""
    plain = [_cut(clean(row[1:].replace("\r", "")).replace("\n", "\ufffd")) for row in rows]
    marks = _marks(rows, plain)
    return [
        syntax.markup(line, marks.get(number, ()))
        for number, line in enumerate(_coloured(rows, plain, language))
    ]


def _coloured(rows: list[str], plain: list[str], language: str) -> list[list[syntax.Piece]]:
    """Return the pieces of each row. Old and new side are read as texts of their own."""
    shown: list[list[syntax.Piece]] = [[("", row)] for row in plain]
    if not language or any(len(row) > _LINE for row in plain):
        return shown
    for other in ("+", "-"):  # the old side first, so that shared rows are coloured as new ones
        side = [number for number, row in enumerate(rows) if row[:1] not in (other, "\\")]
        coloured = syntax.pieces(tuple(plain[number] for number in side), language)
        for number, line in zip(side, coloured, strict=True):
            shown[number] = line
    return shown


def _marks(rows: list[str], plain: list[str]) -> dict[int, list[word_diff.Span]]:
    """Return which stretches of which rows differ from the row that they replace, or that replaces
    them."""
    found: dict[int, list[word_diff.Span]] = {}
    before: list[int] = []
    numbered = [number for number, row in enumerate(rows) if row[:1] != "\\"]
    for mark, group in groupby(numbered, key=lambda number: rows[number][:1]):
        block = list(group)
        if mark == "+":
            for old, new in zip(before, block, strict=False):
                if max(len(plain[old]), len(plain[new])) <= _LINE:
                    found[old], found[new] = word_diff.changed(plain[old], plain[new])
        before = block if mark == "-" else []
    return found


def _cut(line: str) -> str:
    return line if len(line) <= 4 * _LINE else f"{line[: 4 * _LINE]} \u2026"
