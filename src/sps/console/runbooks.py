"""The page that explains a code: what it means, what to look at, what to do."""

from __future__ import annotations

from sps.services import manual

PREFIX = "/runbooks/"
_OTHER = "request"


def address(code: str) -> str:
    """Return the path of the page about a code; every code has one."""
    return PREFIX + (manual.page_about(code) or _OTHER)


def text(name: str) -> str:
    """Return a page in Markdown, with the paths of the pages it leads to. Raises
    `Misuse("unknown-page")`."""
    return manual.page(name, lambda other: PREFIX + other).text
