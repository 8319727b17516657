"""Path globs: `**` over folders, `*` within one, `?`, `[abc]`, `{a,b}`."""

from __future__ import annotations

import functools
import re

_PART = re.compile(r"\*\*/|\*\*|\*|\?|\[[^\]/]+\]|[{},]|[^*?\[{},]+|.", re.DOTALL)
_SIMPLE = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@functools.cache
def matcher(glob: str) -> re.Pattern[str]:
    """Return a regex to be matched against a whole path with slashes."""
    glob = glob.removeprefix("./").removeprefix("/")
    glob = f"{glob}**" if glob.endswith("/") else glob
    parts: list[str] = []
    depth = 0
    for part in _PART.findall(glob):
        if part == "{" and "}" in glob:
            depth += 1
            parts.append("(?:")
        elif part == "}" and depth:
            depth -= 1
            parts.append(")")
        elif part == "," and depth:
            parts.append("|")
        else:
            parts.append(_SIMPLE.get(part) or _text(part))
    return re.compile("".join(parts) + ")" * depth, re.DOTALL)


def any_match(path: str, globs: tuple[str, ...]) -> bool:
    """Say whether one of the globs names this path."""
    return any(matcher(glob).fullmatch(path) for glob in globs)


def _text(part: str) -> str:
    if len(part) > 2 and part[0] == "[" and part[-1] == "]":
        inner = part[1:-1]
        negated = "^" if inner[0] in "!^" else ""
        body = inner[1:] if negated else inner
        return "[" + negated + re.escape(body).replace(r"\-", "-") + "]" if body else r"\["
    return re.escape(part)
