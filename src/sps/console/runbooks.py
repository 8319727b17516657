"""The page that explains a code: what it means, what to look at, what to do."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import sps

PREFIX = "/runbooks/"
_OTHER = "request"
_INDEX = "README.md"
_ROW = re.compile(r"^\| (?P<codes>`.+?) \| \[[^\]]*\]\((?P<page>[a-z-]+)\.md\) \|$", re.MULTILINE)


def address(code: str) -> str:
    """Return the path of the page about a code; every code has one."""
    return PREFIX + _pages().get(code, _OTHER)


def page_of(code: str) -> str | None:
    """Return the file of the page about a code; None without a page of its own."""
    folder, page = _folder(), _pages().get(code)
    return str(folder / f"{page}.md") if folder and page else None


def text(page: str) -> str | None:
    """Return a page in Markdown; None when there is no such page."""
    folder = _folder()
    known = {file.stem: file for file in folder.glob("*.md")} if folder else {}
    return known[page].read_text(encoding="utf-8") if page in known else None


@lru_cache(maxsize=1)
def _pages() -> dict[str, str]:
    folder = _folder()
    if folder is None:
        return {}
    index = (folder / _INDEX).read_text(encoding="utf-8")
    return {
        code: row["page"] for row in _ROW.finditer(index)
        for code in re.findall(r"`([^`]+)`", row["codes"])
    }  # fmt: skip


@lru_cache(maxsize=1)
def _folder() -> Path | None:
    """Return where the pages lie: inside the package, or in a checkout beside `src`."""
    package = Path(sps.__file__).parent
    for folder in (package / "runbooks", package.parent.parent / "docs" / "runbooks"):
        if (folder / _INDEX).is_file():
            return folder
    return None
