"""Code in colours: lines into pieces of one look, and pieces into markup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

Piece = tuple[str, str]  #: its look, empty for none, and its text
Span = tuple[int, int]  #: from this character up to that one
_FAR = 1 << 60

# Lexers are chosen from this list alone: the content is not trusted, and they are not all quick.
_LANGUAGES = {
    "py": "python", "pyi": "python", "js": "javascript", "mjs": "javascript", "cjs": "javascript",
    "jsx": "javascript", "ts": "typescript", "tsx": "typescript", "json": "json", "yaml": "yaml",
    "yml": "yaml", "toml": "toml", "css": "css", "html": "html", "xml": "xml", "sh": "bash",
    "bash": "bash", "rs": "rust", "go": "go", "java": "java", "kt": "kotlin", "c": "c", "h": "c",
    "cc": "cpp", "cpp": "cpp", "hpp": "cpp", "cs": "csharp", "rb": "ruby", "php": "php",
    "sql": "sql", "ini": "ini", "cfg": "ini", "swift": "swift",
}  # fmt: skip


def language(path: str) -> str:
    """Return the language of a file by its ending, empty where we colour none."""
    return _LANGUAGES.get(path.rpartition(".")[2].lower(), "")


@lru_cache(maxsize=32)
def pieces(lines: tuple[str, ...], name: str) -> list[list[Piece]]:
    """Return the pieces of each line, the lines read as one text of a language."""
    made: list[list[Piece]] = [[]]
    for kind, text in _tokens("\n".join(lines), name):
        first, *more = text.split("\n")
        if first:
            made[-1].append((kind, first))
        made += [[(kind, piece)] if piece else [] for piece in more]
    made += [[] for _ in range(len(lines) - len(made))]
    return made[: len(lines)]


def markup(line: Sequence[Piece], marks: Sequence[Span] = ()) -> Markup:
    """Return a line as markup; the stretches `marks`, in order, are set off inside it."""
    if not marks:
        return Markup("".join(_span(kind, text) for kind, text in line))  # noqa: S704 - escaped
    made: list[str] = []
    at = 0
    left = iter([*marks, (_FAR, _FAR)])
    begin, stop = next(left)
    for kind, text in line:
        end = at + len(text)
        while at < end:
            if at >= stop:
                begin, stop = next(left)
            inside = begin <= at
            to = min(end, stop if inside else begin)
            shown = _span(kind, text[len(text) - (end - at) : len(text) - (end - to)])
            made.append(f'<span class="w">{shown}</span>' if inside else shown)
            at = to
    return Markup("".join(made))  # noqa: S704 - escaped


def _span(kind: str, text: str) -> str:
    if not kind or not text:
        return str(escape(text))
    return f'<span class="{kind}">{escape(text)}</span>'


def _tokens(text: str, name: str) -> Iterator[Piece]:
    """Yield stretches of one look."""
    tokens = ((_kind(token), piece) for token, piece in _lexer(name).get_tokens(text))
    for kind, found in groupby(tokens, key=itemgetter(0)):
        yield kind, "".join(piece for _, piece in found)


@cache
def _kind(token: _TokenType) -> str:
    """Return k keyword, s string, m number, c comment, n name of a definition, or nothing."""
    from pygments.token import Comment, Keyword, Name, Number, String

    for kind, name in ((Keyword, "k"), (String, "s"), (Number, "m"), (Comment, "c")):
        if token[: len(kind)] == kind:  # a token is the way to it from the root
            return name
    return "n" if token in (Name.Function, Name.Class, Name.Tag, Name.Decorator) else ""


@lru_cache(maxsize=40)
def _lexer(name: str) -> Lexer:
    from pygments.lexers import get_lexer_by_name

    return get_lexer_by_name(name, stripnl=False, ensurenl=False)
