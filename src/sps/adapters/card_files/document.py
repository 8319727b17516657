"""Reading a card file: from bytes to a card's text, or to the place of what is wrong."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from sps.adapters.card_files import fields
from sps.adapters.card_files.bounds import complaint
from sps.lib import yaml_nodes
from sps.lib.front_matter import NoFrontMatter, Split, split
from sps.lib.yaml_nodes import BrokenYaml, Mapping
from sps.model.card import BODY_LIMIT, CardText
from sps.ports.files import CardFileBroken
from sps.ports.store import FileError

FRONT_LIMIT = 64 * 1024
FILE_LIMIT = BODY_LIMIT + FRONT_LIMIT


@dataclass(frozen=True, slots=True)
class Document:
    """A card file that was understood. `root` holds the marks into `parts.yaml`."""

    parts: Split
    root: Mapping
    text: CardText


def broken(name: str, code: str, message: str, at: tuple[int, int] = (1, 1)) -> CardFileBroken:
    """Return the error for a place in a card file."""
    error = FileError(file=name, line=at[0], column=at[1], code=code, message=message)
    return CardFileBroken(error)


def parse(content: bytes, name: str) -> Document:
    """Understand a card file. Raises `CardFileBroken`."""
    parts = _split(_decode(content, name), name)
    if len(parts.yaml) > FRONT_LIMIT:
        says = f"the front matter has more than {FRONT_LIMIT} characters"
        raise broken(name, "too-large", says)
    try:
        root = yaml_nodes.parse(parts.yaml)
        if root is None:
            raise BrokenYaml(
                "missing-title", "the front matter is empty: give a title", line=1, column=1
            )
        if not isinstance(root, Mapping):
            says = f"the front matter holds keys and values, found {yaml_nodes.found(root)}"
            raise BrokenYaml("unknown-type", says, line=root.line, column=root.column)
        values = fields.read(root)
    except BrokenYaml as err:
        # The YAML begins in the second line of the file.
        raise broken(name, err.code, err.message, (err.line + 1, err.column)) from err
    return Document(parts, root, _text(values, parts, root, name))


def _text(values: dict[str, object], parts: Split, root: Mapping, name: str) -> CardText:
    if "title" not in values:
        raise broken(name, "missing-title", "there is no title: add the line title: ...", (2, 1))
    text = msgspec.convert({**values, "body": parts.body}, CardText)
    wrong = complaint(text)
    if wrong is None:
        return text
    if wrong.field == "body":
        before = parts.head + parts.yaml + parts.foot
        raise broken(name, wrong.code, wrong.message, (before.count("\n") + 1, 1))
    line, column = fields.place(root, wrong.field, wrong.index)
    raise broken(name, wrong.code, wrong.message, (line + 1, column))


def _decode(content: bytes, name: str) -> str:
    try:
        text = content.decode()
    except UnicodeDecodeError as err:
        says = f"byte {err.start} (0x{content[err.start]:02x}) is no UTF-8; save the file as UTF-8"
        raise broken(name, "invalid-utf-8", says, _place(content[: err.start].decode())) from err
    nul = text.find("\0")
    if nul >= 0:
        raise broken(name, "nul-byte", "a NUL byte: this is no text file", _place(text[:nul]))
    return text


def _place(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _split(text: str, name: str) -> Split:
    try:
        return split(text)
    except NoFrontMatter as err:
        if err.opened:
            says = "the front matter is never closed: add a line --- below it"
            raise broken(name, "no-front-matter", says, _place(text)) from err
        says = "no front matter: begin the file with the lines ---, title: ..., ---"
        raise broken(name, "no-front-matter", says) from err
