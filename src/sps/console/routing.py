"""Finding the route of a path."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sps.console.registry import Registry, Route
from sps.model.errors import SpsError

_WORD = re.compile(r"\{(\w+)(:path)?\}")
_PATH_LIMIT = 1000


class Router:
    """Paths without words in a table, the others by pattern, in the order of the registry."""

    def __init__(self, registry: Registry) -> None:
        self._fixed: dict[str, dict[str, Route]] = {}
        self._patterns: list[tuple[re.Pattern[str], dict[str, Route]]] = []
        shapes: dict[str, dict[str, Route]] = {}
        for route in registry.routes:
            if "{" in route.path:
                shapes.setdefault(route.path, {})[route.verb] = route
            else:
                self._fixed.setdefault(route.path, {})[route.verb] = route
        self._patterns = [(_pattern(path), verbs) for path, verbs in shapes.items()]

    def find(self, verb: str, path: str) -> tuple[Route, Mapping[str, str]]:
        """Return the route and the words of its path. Raises `SpsError` with not-found, and
        wrong-verb when something is there for another verb."""
        for verbs, words in self._candidates(path):
            route = verbs.get("GET" if verb == "HEAD" else verb)
            if route is not None:
                return route, words
            raise _wrong_verb(verbs)
        raise _nothing(path)

    def _candidates(self, path: str) -> list[tuple[dict[str, Route], Mapping[str, str]]]:
        if len(path) > _PATH_LIMIT or "\0" in path:
            return []
        fixed = self._fixed.get(path)
        if fixed is not None:
            return [(fixed, {})]
        for pattern, verbs in self._patterns:
            match = pattern.fullmatch(path)
            if match is not None:
                return [(verbs, match.groupdict())]
        return []


def _pattern(path: str) -> re.Pattern[str]:
    parts, end = [], 0
    for word in _WORD.finditer(path):
        parts.append(re.escape(path[end : word.start()]))
        parts.append(f"(?P<{word[1]}>{'.+' if word[2] else '[^/]+'})")
        end = word.end()
    return re.compile("".join(parts) + re.escape(path[end:]), re.DOTALL)


def _nothing(path: str) -> SpsError:
    return SpsError("not-found", f"there is nothing at {path[:80]!r}")


def _wrong_verb(verbs: Mapping[str, Route]) -> SpsError:
    return SpsError("wrong-verb", "this is not done with this verb", hint=", ".join(sorted(verbs)))
