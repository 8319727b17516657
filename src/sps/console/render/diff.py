"""A unified difference as Git writes it, into files, hunks and rows with coloured syntax."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

import msgspec
from markupsafe import Markup, escape

from sps.lib.terminal import clean

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

FOLD = 3000  #: a file with more rows is shown only when it is asked for
COLOURED = 6000  #: so many rows of a page get colours
_TEXT = 200_000  #: a hunk of more characters is not coloured
_LINE = 1000  #: a longer line is cut, and a hunk that holds one is not coloured
_HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@(.*)")
_ESCAPE = re.compile(r"\\([abfnrtv\"\\]|[0-7]{3})")
_LETTERS = dict(zip('abfnrtv"\\', '\a\b\f\n\r\t\v"\\', strict=True))

# Lexers are chosen from this list alone: the content is not trusted, and they are not all quick.
_LANGUAGES = {
    "py": "python", "pyi": "python", "js": "javascript", "mjs": "javascript", "cjs": "javascript",
    "jsx": "javascript", "ts": "typescript", "tsx": "typescript", "json": "json", "yaml": "yaml",
    "yml": "yaml", "toml": "toml", "css": "css", "html": "html", "xml": "xml", "sh": "bash",
    "bash": "bash", "rs": "rust", "go": "go", "java": "java", "kt": "kotlin", "c": "c", "h": "c",
    "cc": "cpp", "cpp": "cpp", "hpp": "cpp", "cs": "csharp", "rb": "ruby", "php": "php",
    "sql": "sql", "ini": "ini", "cfg": "ini", "swift": "swift",
}  # fmt: skip


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


class FileDiff(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to one file. `folded`: it has too many rows, `hunks` is empty."""

    id: str
    path: str
    before: str  #: the path it had, where that is another one
    what: str  #: changed, added, deleted, renamed
    added: int
    deleted: int
    binary: bool
    folded: bool
    notes: list[str]
    hunks: list[Hunk]


class _Raw(msgspec.Struct):
    path: str = ""
    before: str = ""
    what: str = "changed"
    binary: bool = False
    notes: list[str] = []
    hunks: list[tuple[str, list[str]]] = []


def files(text: str, *, only: str = "") -> list[FileDiff]:
    """Read a difference. `only` names the file that is wanted unfolded, and then it is the only one
    with rows."""
    left = COLOURED
    found = []
    for number, raw in enumerate(_raw_files(text.split("\n"))):
        count = sum(len(rows) for _, rows in raw.hunks)
        folded = (count > FOLD and only != raw.path) or bool(only and only != raw.path)
        coloured = not folded and count <= left
        left -= count if coloured else 0
        found.append(_file(raw, f"f{number}", folded=folded, coloured=coloured))
    return found


def _file(raw: _Raw, name: str, *, folded: bool, coloured: bool) -> FileDiff:
    marks = [row[:1] for _, rows in raw.hunks for row in rows]
    lexer = _language(raw.path) if coloured else ""
    return FileDiff(
        id=name,
        path=_shown(raw.path),
        before=_shown(raw.before) if raw.before not in ("", raw.path) else "",
        what=raw.what,
        added=marks.count("+"),
        deleted=marks.count("-"),
        binary=raw.binary,
        folded=folded,
        notes=[_shown(note) for note in raw.notes],
        hunks=[] if folded else [_hunk(head, rows, lexer) for head, rows in raw.hunks],
    )


def _raw_files(text: Sequence[str]) -> Iterator[_Raw]:
    at = 0
    while at < len(text):
        if not text[at].startswith("diff --git "):
            at += 1
            continue
        raw = _Raw(notes=[], hunks=[])
        raw.path = raw.before = _of_head(text[at])
        at += 1
        while at < len(text) and not text[at].startswith("diff --git "):
            match = _HUNK.match(text[at])
            if match is None:
                _fact(raw, text[at])
                at += 1
                continue
            head, at = text[at], at + 1
            end = _end(text, at, int(match[2] or 1), int(match[4] or 1))
            raw.hunks.append((head, list(text[at:end])))
            at = end
        yield raw


def _end(text: Sequence[str], at: int, old: int, new: int) -> int:
    """Return where a hunk ends, by its own counts: content may look like a header."""
    while at < len(text):
        mark = text[at][:1]
        if mark == "\\":
            at += 1
            continue
        if old <= 0 and new <= 0:
            return at
        if mark not in ("+", "-", " ", ""):
            return at
        old -= mark != "+"
        new -= mark != "-"
        at += 1
    return at


_FACTS = (
    ("--- ", "before"), ("+++ ", "path"), ("rename from ", "before"), ("rename to ", "path"),
    ("copy from ", "before"), ("copy to ", "path"),
)  # fmt: skip


def _fact(raw: _Raw, line: str) -> None:
    if line.startswith(("Binary files ", "GIT binary patch")):
        raw.binary = True
    elif line.startswith("new file mode "):
        raw.what = "added"
        raw.notes.append(line) if line != "new file mode 100644" else None
    elif line.startswith("deleted file mode "):
        raw.what = "deleted"
    elif line.startswith(("old mode ", "new mode ")):
        raw.notes.append(line)
    for start, name in _FACTS:
        if not line.startswith(start):
            continue
        path = _unquoted(line[len(start) :].rstrip("\t"))
        if start.endswith((" from ", " to ")):
            raw.what = "renamed" if start.startswith("rename") else "copied"
        elif path == "/dev/null":
            return
        else:
            path = path[2:]
        setattr(raw, name, path)


def _of_head(line: str) -> str:
    """Return the path of `diff --git a/X b/X`: all there is for an empty or a binary file."""
    rest = line[len("diff --git ") :]
    if rest.startswith('"'):
        return _unquoted(rest[: rest.find('" ') + 1] if '" ' in rest else rest)[2:]
    half = (len(rest) - 1) // 2
    return rest[half + 3 :] if rest[2:half] == rest[half + 3 :] else rest


def _unquoted(name: str) -> str:
    if len(name) < 2 or not (name.startswith('"') and name.endswith('"')):
        return name

    def plain(found: re.Match[str]) -> str:
        return _LETTERS[found[1]] if found[1] in _LETTERS else chr(int(found[1], 8) & 255)

    read = _ESCAPE.sub(plain, name[1:-1])
    try:
        return read.encode("latin-1").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return read


def _shown(text: str) -> str:
    return clean(text).replace("\n", "\ufffd").replace("\t", " ")


def _hunk(head: str, rows: list[str], language: str) -> Hunk:
    match = _HUNK.match(head)
    assert match is not None
    old, new = int(match[1]), int(match[3])
    sides = _coloured(rows, language)
    made = []
    for row, code in zip(rows, sides, strict=True):
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


def _coloured(rows: list[str], language: str) -> list[Markup]:
    """Return the code of each row. Old and new side are read as texts of their own."""
    plain = [_cut(clean(row[1:].replace("\r", "")).replace("\n", "\ufffd")) for row in rows]
    long = any(len(row) > _LINE for row in plain) or sum(map(len, plain)) > _TEXT
    if not language or long:
        return [escape(row) for row in plain]
    shown: list[Markup] = [escape(row) for row in plain]
    for other in ("+", "-"):  # the old side first, so that shared rows are coloured as new ones
        side = [number for number, row in enumerate(rows) if row[:1] not in (other, "\\")]
        coloured = _tokens(tuple(plain[number] for number in side), language)
        for number, code in zip(side, coloured, strict=True):
            shown[number] = code
    return shown


def _cut(line: str) -> str:
    return line if len(line) <= 4 * _LINE else f"{line[: 4 * _LINE]} \u2026"


@lru_cache(maxsize=32)
def _tokens(lines: tuple[str, ...], language: str) -> list[Markup]:
    made = [""]
    for kind, text in _pieces("\n".join(lines), language):
        first, *more = text.split("\n")
        made[-1] += _span(kind, first)
        made += [_span(kind, piece) for piece in more]
    made += [""] * (len(lines) - len(made))
    return [Markup(line) for line in made[: len(lines)]]  # noqa: S704 - `_span` escapes


def _pieces(text: str, language: str) -> Iterator[tuple[str, str]]:
    """Yield stretches of one look."""
    tokens = ((_kind(name), piece) for name, piece in _lexer(language).get_tokens(text))
    for kind, pieces in groupby(tokens, key=itemgetter(0)):
        yield kind, "".join(piece for _, piece in pieces)


def _span(kind: str, text: str) -> str:
    if not kind or not text:
        return str(escape(text))
    return f'<span class="{kind}">{escape(text)}</span>'


@cache
def _kind(token: _TokenType) -> str:
    """Return k keyword, s string, m number, c comment, n name of a definition, or nothing."""
    from pygments.token import Comment, Keyword, Name, Number, String

    for kind, name in ((Keyword, "k"), (String, "s"), (Number, "m"), (Comment, "c")):
        if token[: len(kind)] == kind:  # a token is the way to it from the root
            return name
    return "n" if token in (Name.Function, Name.Class, Name.Tag, Name.Decorator) else ""


def _language(path: str) -> str:
    return _LANGUAGES.get(path.rpartition(".")[2].lower(), "")


@lru_cache(maxsize=40)
def _lexer(language: str) -> Lexer:
    from pygments.lexers import get_lexer_by_name

    return get_lexer_by_name(language, stripnl=False, ensurenl=False)
