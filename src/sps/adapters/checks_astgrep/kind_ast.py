"""Checks that match syntax, by ast-grep."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from sps.adapters.checks_astgrep.files import Files
from sps.adapters.checks_astgrep.literals import Need, holder, of_rule
from sps.adapters.checks_astgrep.verdicts import Ours, Verdicts

if TYPE_CHECKING:
    from ast_grep_py import SgNode

Announce = Callable[[str, str], None]
Wants = Callable[[Ours, str], bool]

#: By the end of a path: which entries of a rule file serve, each with the grammar that reads the
#: file then. A rule written for TypeScript names kinds that the grammar of JavaScript lacks.
_JAVASCRIPT = (("javascript", "javascript"), ("typescript", "tsx"))
_BY_ENDING: dict[str, tuple[tuple[str, str], ...]] = {
    ".ts": (("typescript", "typescript"),),
    ".mts": (("typescript", "typescript"),),
    ".cts": (("typescript", "typescript"),),
    ".tsx": (("tsx", "tsx"), ("typescript", "tsx")),
    ".jsx": (("javascript", "javascript"), ("tsx", "tsx"), ("typescript", "tsx")),
    ".js": _JAVASCRIPT,
    ".mjs": _JAVASCRIPT,
    ".cjs": _JAVASCRIPT,
}
_PLAIN = {
    "python": ".py .pyi", "go": ".go", "rust": ".rs", "java": ".java", "kotlin": ".kt .kts",
    "swift": ".swift", "c": ".c .h", "cpp": ".cc .cpp .cxx .hh .hpp .hxx", "csharp": ".cs",
    "ruby": ".rb", "php": ".php", "bash": ".sh .bash", "html": ".html .htm", "css": ".css",
    "json": ".json", "yaml": ".yml .yaml",
}  # fmt: skip
for _language, _endings in _PLAIN.items():
    for _ending in _endings.split():
        _BY_ENDING[_ending] = ((_language, _language),)
_SAID = 300


def entries(path: str) -> tuple[tuple[str, str], ...]:
    """Return the (rule language, grammar) pairs that can read a file, the best first."""
    name = path.rpartition("/")[2]
    dot = name.rfind(".")
    return _BY_ENDING.get(name[dot:].lower(), ()) if dot > 0 else ()


@dataclass(slots=True)
class _Rule:
    ours: Ours
    config: dict[str, Any]
    need: Need
    broken: set[str] = field(default_factory=set)  #: grammars on which it does not work


class AstKind:
    """All syntax checks of a run. Each file is parsed at most once per grammar."""

    def __init__(self, checks: Iterable[Ours], files: Files, verdicts: Verdicts) -> None:
        self._files = files
        self._verdicts = verdicts
        self._rules: dict[str, list[_Rule]] = {}
        self._by_entries: dict[tuple[tuple[str, str], ...], list[tuple[_Rule, str]]] = {}
        for ours in checks:
            for rule in ours.check.rules:
                self._add(ours, rule.language, rule.config)

    def _add(self, ours: Ours, language: str, text: str) -> None:
        try:
            config = msgspec.json.decode(text, type=dict[str, Any])
        except msgspec.DecodeError as err:
            why = f"its rule for {language} cannot be read: {err}"
            self._verdicts.unclear(ours.skill, ours.check.id, why)
            return
        need = of_rule(config.get("rule"), config.get("constraints"))
        self._rules.setdefault(language, []).append(_Rule(ours, config, need))

    def look(self, path: str, wants: Wants, announce: Announce) -> None:
        """Run all rules on a file that want it."""
        chosen = [
            (rule, grammar)
            for rule, grammar in self._serving(entries(path))
            if grammar not in rule.broken and wants(rule.ours, path)
        ]
        text = self._files.text(path) if chosen else None
        if text is None:
            return
        holds = holder(text)
        roots: dict[str, SgNode | None] = {}
        for rule, grammar in chosen:
            self._verdicts.ran(rule.ours)
            if not rule.need.met(holds):
                continue
            announce(rule.ours.check.id, path)
            if grammar not in roots:
                roots[grammar] = _parsed(text, grammar)
            self._match(rule, roots[grammar], grammar, path)

    def _serving(self, pairs: tuple[tuple[str, str], ...]) -> list[tuple[_Rule, str]]:
        """Return the rules for files of a kind: of each check the entry that fits best."""
        if pairs not in self._by_entries:
            found: dict[tuple[str, str], tuple[_Rule, str]] = {}
            for language, grammar in pairs:
                for rule in self._rules.get(language, ()):
                    ours = rule.ours
                    found.setdefault((ours.skill, ours.check.id), (rule, grammar))
            self._by_entries[pairs] = list(found.values())
        return self._by_entries[pairs]

    def _match(self, rule: _Rule, root: SgNode | None, grammar: str, path: str) -> None:
        ours = rule.ours
        if root is None:
            self._verdicts.unclear(ours.skill, ours.check.id, f"{path}: no parser for {grammar}")
            return
        spans, failed = _spans(root, rule.config)
        if failed:
            rule.broken.add(grammar)
            why = f"its rule for {grammar} does not work: {failed}"
            self._verdicts.unclear(ours.skill, ours.check.id, why)
        for first, last in spans:
            self._verdicts.hit(ours, path, first, last)


def _parsed(text: str, grammar: str) -> SgNode | None:
    from ast_grep_py import SgRoot

    try:
        return SgRoot(text, grammar).root()
    except BaseException as err:
        if not _is_of_library(err):
            raise
        return None


def _spans(root: SgNode, config: dict[str, Any]) -> tuple[list[tuple[int, int]], str]:
    """Return first and last line of each outermost match, and why there is none if that failed."""
    try:
        ranges = [node.range() for node in root.find_all(config)]  # type: ignore[call-overload]
    except BaseException as err:
        if not _is_of_library(err):
            raise
        return [], _reason(err)
    ranges.sort(key=lambda one: (one.start.index, -one.end.index))
    found: list[tuple[int, int]] = []
    end = -1
    for one in ranges:
        if one.end.index <= end:
            continue
        end = one.end.index
        last = one.end.line + (1 if one.end.column or one.end.line == one.start.line else 0)
        found.append((one.start.line + 1, last))
    return found, ""


def _is_of_library(err: BaseException) -> bool:
    """Say whether the library raised this about a rule. It panics with a type that is no
    `Exception` and cannot be imported, and it has no error types of its own."""
    kind = type(err)
    if kind.__module__ == "pyo3_runtime" and kind.__name__ == "PanicException":
        return True
    return kind in (Exception, RuntimeError, TypeError, ValueError, KeyError, OverflowError)


def _reason(err: BaseException) -> str:
    said = str(err).partition("Stack backtrace")[0]
    words = " ".join(said.replace("Caused by:", "").split())
    return words[:_SAID] or type(err).__name__
