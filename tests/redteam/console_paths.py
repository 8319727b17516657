"""Every way into the console, as a request that reaches it: read from the registry itself."""

from __future__ import annotations

import re

from sps.console.front import registry
from sps.console.registry import SAFE, Route

WORDS = {"seq": "1", "project": "demo", "path": "x/css/base.css", "column": "backlog"}
_WORD = re.compile(r"\{(\w+)(?::path)?\}")


def routes() -> tuple[Route, ...]:
    return registry().routes


def changes() -> tuple[Route, ...]:
    return tuple(route for route in routes() if route.verb not in SAFE)


def address(route: Route, **words: str) -> str:
    """Return a path of a route, its words filled in."""
    known = {**WORDS, **words}
    return _WORD.sub(lambda match: known.get(match[1], "x"), route.path)


def word_names(route: Route) -> list[str]:
    return [match[1] for match in _WORD.finditer(route.path)]


def name(route: Route) -> str:
    return f"{route.verb} {route.path}"
