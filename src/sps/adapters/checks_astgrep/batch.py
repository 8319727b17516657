"""Finding out for many files at once that a rule has nothing to say.

Most of the time of a rule goes into compiling it, anew for each file. Files laid end to end cost
one compilation: those without a match there need no look of their own. That is right only where
the files keep apart: each is followed by a statement that has to come out of the parser as one of
the top level, files with mistakes are left aside, and so are rules that can see beyond their file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ast_grep_py import SgNode

Spans = list[tuple[int, int]]

_NAME = "sps_file_ends_here"
_ENDS = {
    "python": f"{_NAME}",
    "typescript": f"{_NAME};",
    "tsx": f"{_NAME};",
    "javascript": f"{_NAME};",
    "go": f"var {_NAME} int",
}
_SIZE = 300_000  # characters of a batch
_FILE = 60_000
_LEAST = 4
_ROOTS = ("module", "program", "source_file")
_NAMED = ("range", "matches", "utils")
_BESIDE = ("follows", "precedes", "nthChild")


def local(config: Mapping[str, object]) -> bool:
    """Say whether a rule matches the same nodes of a file whatever stands before and after it."""
    return _anchored(config.get("rule")) and _stays(config)


def _anchored(rule: object) -> bool:
    """Say whether a rule cannot match the root of a file."""
    if not isinstance(rule, Mapping):
        return False
    kind, every, some = rule.get("kind"), rule.get("all"), rule.get("any")
    if isinstance(kind, str):
        return kind.isidentifier() and kind not in _ROOTS
    if isinstance(rule.get("pattern"), str):
        return True
    if isinstance(every, list) and any(_anchored(one) for one in every):
        return True
    return isinstance(some, list) and bool(some) and all(_anchored(one) for one in some)


def _stays(rule: object, *, deep: bool = False) -> bool:
    """Say whether a rule looks at nothing beyond the file. `deep` nodes lie below another node of
    their file, so that the nodes beside them are of that file too."""
    if isinstance(rule, list):
        return all(_stays(one, deep=deep) for one in rule)
    if not isinstance(rule, Mapping):
        return True
    for key, value in rule.items():
        if key in _NAMED or (key in _BESIDE and not deep):
            return False
        if key == "kind" and value in _ROOTS:
            return False
        if key == "inside" and not _anchored(value):
            return False
        if key == "stopBy" and _only_kinds(value):
            continue
        if not _stays(value, deep=key == "has" or (deep and key != "inside")):
            return False
    return True


def _only_kinds(rule: object) -> bool:
    """Say whether a rule asks for nothing but kinds: that of the root stops where all ends."""
    if isinstance(rule, list):
        return all(_only_kinds(one) for one in rule)
    if not isinstance(rule, Mapping):
        return isinstance(rule, str)
    return all(key == "kind" or (key == "any" and _only_kinds(one)) for key, one in rule.items())


class Batch:
    """Some files of a grammar, parsed as one."""

    def __init__(
        self,
        files: Sequence[tuple[str, str]],
        grammar: str,
        parse: Callable[[str, str], SgNode | None],
    ) -> None:
        """`files` are paths with their texts."""
        parts: list[str] = []
        self._ranges: list[tuple[str, int, int]] = []  # path, first and last line
        line = 1
        for path, text in files:
            parts += [text, "\n\n", _ENDS[grammar], "\n\n"]
            last = line + text.count("\n") + 2
            self._ranges.append((path, line, last))
            line = last + 2
        root = parse("".join(parts), grammar)
        self._root = root if root is not None and self._apart(root, _ENDS[grammar]) else None
        self._unsound: set[str] = set()
        if self._root is not None:
            errors = [node.range() for node in self._root.find_all(kind="ERROR")]
            self._unsound = self._touched(
                [(one.start.line + 1, one.end.line + 1) for one in errors]
            )

    def quiet(self, find: Callable[[SgNode], Spans | None]) -> set[str]:
        """Return the files for which it is certain that `find` gives no lines."""
        spans = None if self._root is None else find(self._root)
        if spans is None:
            return set()
        everything = {path for path, _, _ in self._ranges}
        return everything - self._touched(spans) - self._unsound

    def _apart(self, root: SgNode, end: str) -> bool:
        """Say whether each end of a file stands where it belongs, at the top level."""
        found = {
            node.range().start.line + 1
            for node in root.children()
            if node.range().start.column == 0 and node.text().startswith(end.rstrip(";"))
        }
        return all(last in found for _, _, last in self._ranges)

    def _touched(self, spans: Spans) -> set[str]:
        return {
            path
            for path, first, last in self._ranges
            if any(low <= last and first <= high for low, high in spans)
        }


def batches(files: Sequence[tuple[str, str]], grammar: str) -> list[list[tuple[str, str]]]:
    """Divide files into batches; what is too large, or too few to be worth it, is left out."""
    if grammar not in _ENDS:
        return []
    found: list[list[tuple[str, str]]] = [[]]
    size = 0
    for path, text in files:
        if len(text) > _FILE:
            continue
        if size + len(text) > _SIZE:
            found.append([])
            size = 0
        found[-1].append((path, text))
        size += len(text)
    return [one for one in found if len(one) >= _LEAST]
