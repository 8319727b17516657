"""Checks that match syntax, by ast-grep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from sps.adapters.checks_astgrep.batch import Batch, batches, local
from sps.adapters.checks_astgrep.files import Files
from sps.adapters.checks_astgrep.literals import holder, of_rule
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
_FEW = 6
_CHUNK = 100  # files whose texts are held together


def entries(path: str) -> tuple[tuple[str, str], ...]:
    """Return the (rule language, grammar) pairs that can read a file, the best first."""
    name = path.rpartition("/")[2]
    dot = name.rfind(".")
    return _BY_ENDING.get(name[dot:].lower(), ()) if dot > 0 else ()


class _Rule:
    """One rule for one language."""

    def __init__(self, ours: Ours, config: dict[str, Any]) -> None:
        self.ours = ours
        self.config = config
        self.need = of_rule(config.get("rule"), config.get("constraints"))
        self.local = local(config)
        self.broken: set[str] = set()  #: grammars on which it does not work

    def lines(self, root: SgNode) -> list[tuple[int, int]] | None:
        """Return first and last line of each match, None when the rule does not work."""
        spans, failed = _spans(root, self.config)
        return None if failed else spans


class _Task(NamedTuple):
    """A file and the rules, with their grammars, that have to be run on it."""

    path: str
    text: str
    rules: list[tuple[_Rule, str]]


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
        self._rules.setdefault(language, []).append(_Rule(ours, config))

    def look(self, paths: Iterable[str], wants: Wants, announce: Announce) -> None:
        """Run all rules on the files that want them."""
        for some in _chunks(paths):
            tasks = [self._task(path, wants) for path in some]
            quiet = self._quiet([task for task in tasks if task.rules], announce)
            for task in tasks:
                self._run(task, quiet, announce)

    def _task(self, path: str, wants: Wants) -> _Task:
        chosen = [
            (rule, grammar)
            for rule, grammar in self._serving(entries(path))
            if grammar not in rule.broken and wants(rule.ours, path)
        ]
        text = self._files.text(path) if chosen else None
        if text is None:
            return _Task(path, "", [])
        holds = holder(text)
        for rule, _ in chosen:
            self._verdicts.ran(rule.ours)
        return _Task(path, text, [pair for pair in chosen if pair[0].need.met(holds)])

    def _quiet(self, tasks: list[_Task], announce: Announce) -> set[tuple[int, str]]:
        """Return which rule, by its identity, has certainly nothing to say about which file."""
        by_grammar: dict[str, list[_Task]] = {}
        for task in tasks:
            for grammar in {grammar for _, grammar in task.rules}:
                by_grammar.setdefault(grammar, []).append(task)
        found: set[tuple[int, str]] = set()
        for grammar, mine in by_grammar.items():
            texts = {task.path: task.text for task in mine}
            for files in batches(list(texts.items()), grammar):
                announce("many-checks", f"{files[0][0]} and {len(files) - 1} more")
                batch = Batch(files, grammar, _parsed)
                for rule in _worth_it(mine, {path for path, _ in files}, grammar):
                    announce(rule.ours.check.id, f"{files[0][0]} and {len(files) - 1} more")
                    found |= {(id(rule), path) for path in batch.quiet(rule.lines)}
        return found

    def _run(self, task: _Task, quiet: set[tuple[int, str]], announce: Announce) -> None:
        roots: dict[str, SgNode | None] = {}
        for rule, grammar in task.rules:
            if (id(rule), task.path) in quiet or grammar in rule.broken:
                continue
            announce(rule.ours.check.id, task.path)
            if grammar not in roots:
                roots[grammar] = _parsed(task.text, grammar)
            self._match(rule, roots[grammar], grammar, task.path)

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


def _chunks(paths: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(paths)
    while some := list(islice(rest, _CHUNK)):
        yield some


def _worth_it(tasks: list[_Task], paths: set[str], grammar: str) -> list[_Rule]:
    """Return the rules that so many of these files need that looking at all of them is less."""
    rules = {id(rule): rule for task in tasks for rule, its in task.rules if its == grammar}
    needed = Counter(id(rule) for task in tasks if task.path in paths for rule, _ in task.rules)
    return [rule for key, rule in rules.items() if rule.local and needed[key] >= _FEW]


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
