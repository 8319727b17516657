"""Texts as they are: PostgreSQL refuses the character NUL, which output of programs may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg.types.string import StrDumper, TextLoader

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.abc import Buffer

# A character for private use marks what stands for something else: it stands for itself when it
# comes twice, and for NUL in front of a zero.
_MARK = "\uf8ff"
_PLAIN, _NUL = f"{_MARK}{_MARK}", f"{_MARK}0"


def packed(text: str) -> str:
    """Return a text without NUL that `unpacked` turns back."""
    if "\0" not in text and _MARK not in text:
        return text
    return text.replace(_MARK, _PLAIN).replace("\0", _NUL)


def unpacked(text: str) -> str:
    """Return what was packed."""
    if _MARK not in text:
        return text
    head, *rest = text.split(_MARK)
    parts, own = [head], False
    for piece in rest:
        if own:  # the second of two marks: what follows is plain
            parts.append(piece)
            own = False
        elif piece.startswith("0"):
            parts.append("\0" + piece[1:])
        else:
            parts.append(_MARK)
            own = not piece
            if piece:  # a mark alone, written by nobody of us
                parts.append(piece)
    return "".join(parts)


class _Dumper(StrDumper):
    def dump(self, obj: str) -> Buffer | None:
        return super().dump(packed(obj))


class _Loader(TextLoader):
    def load(self, data: Buffer) -> bytes | str:
        found = super().load(data)
        return unpacked(found) if isinstance(found, str) else found


def keep_texts(connection: Connection) -> None:
    """Let every text of a connection go out and come back as it is."""
    connection.adapters.register_dumper(str, _Dumper)
    connection.adapters.register_loader("text", _Loader)
