"""The pages that come with the program: what a code means, and how things are done."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import msgspec

import sps
from sps.lib.nearest import suggestion
from sps.model.errors import Misuse

_CODES = re.compile(r"^\| (?P<codes>`.+?) \| \[[^\]]*\]\((?P<page>[a-z-]+)\.md\) \|$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\(([^)#:]+?)/?(?:#[^)]*)?\)")
_INDEX = "runbooks"


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page in Markdown. `name` is what it is asked for by."""

    name: str
    title: str
    text: str


def page_about(code: str) -> str | None:
    """Return the name of the page about a code, None when it has none of its own."""
    return _codes().get(code)


def pages() -> list[Page]:
    """Return all pages as they are written, by name; decisions, which have numbers, last."""
    files = _files()
    return [_read(name, files[name]) for name in sorted(files, key=lambda n: (n[0].isdigit(), n))]


def page(word: str, link: Callable[[str], str]) -> Page:
    """Return the page of that name, or about that code. Where it leads to another page, that is
    named by `link`. Raises `Misuse("unknown-page")`."""
    files = _files()
    name = word if word in files else page_about(word) or ""
    if name not in files:
        says = f"there is no page about {word[:80]!r}{suggestion(word, (*files, *_codes()))}"
        raise Misuse("unknown-page", says, hint="sps help")
    found = _read(name, files[name])
    return msgspec.structs.replace(found, text=_linked(found.text, files[name], link))


def _linked(text: str, file: Path, link: Callable[[str], str]) -> str:
    names = {str(path): name for name, path in _files().items()}

    def told(match: re.Match[str]) -> str:
        target = os.path.normpath(file.parent / match[2])
        name = names.get(target) or names.get(os.path.join(target, "README.md"))
        return f"{match[1]} ({link(name)})" if name else match[0]

    return _LINK.sub(told, text)


def _read(name: str, file: Path) -> Page:
    text = file.read_text(encoding="utf-8")
    return Page(name=name, title=text.partition("\n")[0].lstrip("# "), text=text)


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    index = _files().get(_INDEX)
    text = index.read_text(encoding="utf-8") if index else ""
    return {
        code: row["page"] for row in _CODES.finditer(text)
        for code in re.findall(r"`([^`]+)`", row["codes"])
    }  # fmt: skip


@lru_cache(maxsize=1)
def _files() -> dict[str, Path]:
    """Return the file of each page: inside the package, or in a checkout beside `src`."""
    package = Path(sps.__file__).parent
    for top in (package, package.parent.parent):
        index = top / "docs" / "runbooks" / "README.md"
        if index.is_file():
            files = [*top.glob("docs/*.md"), *top.glob("docs/*/*.md")]
            found = {file.stem: file for file in files if file.stem != "README"}
            return found | {_INDEX: index, "security": top / "SECURITY.md"}
    return {}
