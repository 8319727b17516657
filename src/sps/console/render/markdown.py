"""Markdown of cards and skills into markup of a closed list of tags."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from sps.lib.terminal import clean

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore

LIMIT = 64 * 1024  #: longer texts are shown as they are written
TAGS = frozenset(
    {
        "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
        "li", "ol", "p", "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
    }
)  # fmt: skip
_BOX = re.compile(r"\[([ xX])\]\s")
_BOXES = {" ": "\u2610", "x": "\u2611", "X": "\u2611"}
_LINKS = ("http://", "https://", "mailto:")


@lru_cache(maxsize=128)
def markdown(text: str) -> Markup:
    """Render a text: no markup of its own, no images, links that take nothing along."""
    shown = clean(text)
    if len(shown) > LIMIT:
        return Markup("<pre>{}</pre>").format(shown)
    try:
        made = _parser().render(shown)
    except RecursionError:  # nested deeper than any text that a person writes
        return Markup("<pre>{}</pre>").format(shown)
    return Markup(_cleaned(made))  # noqa: S704 - nothing but our closed list is left in it


def _cleaned(made: str) -> str:
    import nh3

    return nh3.clean(
        made,
        tags=set(TAGS),
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel="noreferrer nofollow",
        strip_comments=True,
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Keep no link into this console: what an agent writes must not act here."""
    if tag == "a" and name == "href":
        return value if value.lower().startswith(_LINKS) else None
    return value


def _boxes(state: StateCore) -> None:
    """Draw the boxes of a checklist."""
    for number, token in enumerate(state.tokens[2:], 2):
        if token.type != "inline" or state.tokens[number - 2].type != "list_item_open":
            continue
        first = token.children[0] if token.children else None
        found = _BOX.match(first.content) if first is not None and first.type == "text" else None
        if first is not None and found is not None:
            first.content = f"{_BOXES[found[1]]} {first.content[found.end() :]}"


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark", {"html": False, "maxNesting": 20})
    made.core.ruler.after("inline", "boxes", _boxes)
    return made.enable(["table", "strikethrough"]).disable(["image", "html_block", "html_inline"])
