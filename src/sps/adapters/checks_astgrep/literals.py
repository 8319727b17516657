"""What a text must hold so that a regex or a rule can match in it at all.

A check whose words a file lacks need not be run on that file. Whatever is not understood demands
nothing, so that leaving out is always right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_SHORTEST = 2  #: shorter words are everywhere
_CLASSES = "wWdDsS<>"  #: the last two are word ends in Rust and themselves in Python
_ZERO_WIDTH = "bBAzZ"
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_FLAGS = re.compile(r"\?([imsx]*):|\?([imsx]+)\)")
_LOOK = re.compile(r"\?<?[=!]")
_NAME = re.compile(r"\?P?<[A-Za-z_]\w*>")
_HEX = re.compile(r"([0-9A-Fa-f]{2})")
_COUNT = re.compile(r"\{(\d+)(?:,\d*)?\}")
_LONGEST = 2000

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]+")
_META = re.compile(r"\$+[A-Z_][A-Z0-9_]*|\$+")
_CAPTURED = re.compile(r"(?<!\$)\$([A-Z][A-Z0-9_]*)")
#: Kinds whose text holds a word in every grammar that has them.
_KIND_WORDS = {
    "except_clause": "except", "catch_clause": "catch", "decorator": "@", "await": "await",
    "with_statement": "with", "raise_statement": "raise", "assert_statement": "assert",
    "import_from_statement": "import", "import_statement": "import", "go_statement": "go",
    "class_definition": "class", "await_expression": "await", "defer_statement": "defer",
    "try_statement": "try", "throw_statement": "throw", "dictionary_splat": "**",
    "template_substitution": "${", "as_expression": "as", "true": "rue", "false": "alse",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Need:
    """A condition on a text: a word of it, all of some conditions, or any of them."""

    word: str = ""
    folded: bool = False  #: the word counts in any case
    all: tuple[Need, ...] = ()
    any: tuple[Need, ...] = ()

    def met(self, holds: Callable[[str, bool], bool]) -> bool:
        """Say whether a text fulfils it; `holds` tells whether it has a word."""
        if self.word:
            return holds(self.word, self.folded)
        if self.any:
            return any(one.met(holds) for one in self.any)
        return all(one.met(holds) for one in self.all)

    @property
    def nothing(self) -> bool:
        """Whether every text fulfils it."""
        return not (self.word or self.all or self.any)


NOTHING = Need()


def holder(text: str) -> Callable[[str, bool], bool]:
    """Return what tells whether this text has a word; each word is looked up once."""
    known: dict[tuple[str, bool], bool] = {}
    lowered: list[str] = []

    def holds(word: str, folded: bool) -> bool:
        key = (word, folded)
        if key not in known:
            if folded and not lowered:
                # The long s of old prints is an s in any case, but is not lowered to one.
                lowered.append(text.lower().replace("ſ", "s"))
            known[key] = word in (lowered[0] if folded else text)
        return known[key]

    return holds


def of_regex(pattern: str) -> Need:
    """Return what every text must hold in which this regex finds something."""
    if len(pattern) > _LONGEST:
        return NOTHING
    try:
        return _Reader(pattern).whole()
    except _Unclear:
        return NOTHING


def of_rule(rule: object, constraints: object = None) -> Need:
    """Return what a file must hold in which this ast-grep rule matches."""
    known = constraints if isinstance(constraints, Mapping) else {}
    return _rule(rule, known, 0)


def _rule(rule: object, constraints: Mapping[object, object], depth: int) -> Need:
    if not isinstance(rule, Mapping) or depth > 40:
        return NOTHING
    needs: list[Need] = []
    for key, value in rule.items():
        if key == "regex" and isinstance(value, str):
            needs.append(of_regex(value))
        elif key == "kind" and isinstance(value, str) and value in _KIND_WORDS:
            needs.append(Need(word=_KIND_WORDS[value]))
        elif key == "pattern" and isinstance(value, str):
            needs.append(_pattern(value, constraints, depth))
        elif key in ("has", "inside", "follows", "precedes"):
            needs.append(_rule(value, constraints, depth + 1))
        elif key == "all" and isinstance(value, list):
            needs += [_rule(one, constraints, depth + 1) for one in value]
        elif key == "any" and isinstance(value, list):
            needs.append(_either([_rule(one, constraints, depth + 1) for one in value]))
    return _both(needs)


def _pattern(pattern: str, constraints: Mapping[object, object], depth: int) -> Need:
    plain = _META.sub(" ", pattern)
    needs = [Need(word=word) for word in dict.fromkeys(_WORD.findall(plain))]
    names = dict.fromkeys(_CAPTURED.findall(pattern))
    needs += [_rule(constraints.get(name), {}, depth + 1) for name in names]
    return _both(needs)


def _both(needs: list[Need]) -> Need:
    real = [one for one in needs if not one.nothing]
    if len(real) == 1:
        return real[0]
    return Need(all=tuple(real)) if real else NOTHING


def _either(needs: list[Need]) -> Need:
    if not needs or any(one.nothing for one in needs):
        return NOTHING
    return needs[0] if len(needs) == 1 else Need(any=tuple(needs))


class _Unclear(Exception):
    """Something that this reader does not know."""


class _Reader:
    """Reads the part of regex syntax that Rust and Python share."""

    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0
        self._folded = False
        self._depth = 0

    def whole(self) -> Need:
        need = self._alternatives()
        if self._at != len(self._text):
            raise _Unclear
        return need

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _next(self) -> str:
        char = self._peek()
        self._at += 1
        return char

    def _alternatives(self) -> Need:
        self._depth += 1
        if self._depth > 30:
            raise _Unclear
        branches = [self._sequence()]
        while self._peek() == "|":
            self._next()
            branches.append(self._sequence())
        self._depth -= 1
        return _either(branches)

    def _sequence(self) -> Need:
        needs: list[Need] = []
        run = ""
        while (char := self._peek()) and char not in "|)":
            atom = self._atom()  # a literal, what a group needs, or None for nothing fixed
            count = self._quantifier()
            if isinstance(atom, str) and count == "":
                run += atom
                continue
            if isinstance(atom, str) and count == "+":
                needs += [self._word(run + atom)]
                run = atom
                continue
            needs.append(self._word(run))
            run = ""
            if isinstance(atom, Need) and count in ("", "+"):
                needs.append(atom)
        needs.append(self._word(run))
        return _both(needs)

    def _word(self, run: str) -> Need:
        if len(run) < _SHORTEST or (self._folded and not run.isascii()):
            return NOTHING
        return Need(word=run.lower() if self._folded else run, folded=self._folded)

    def _quantifier(self) -> str:
        """Return '' for once, '+' for at least once, '*' for perhaps never."""
        char = self._peek()
        found = ""
        if char and char in "*?":
            self._next()
            found = "*"
        elif char == "+":
            self._next()
            found = "+"
        elif char == "{" and (count := _COUNT.match(self._text, self._at)):
            self._at = count.end()
            found = "+" if int(count[1]) else "*"
        elif char == "{" and re.match(r"\{,\d*\}", self._text[self._at :]):
            raise _Unclear
        if found and self._peek() in ("?", "+"):
            self._next()
        return found

    def _atom(self) -> str | Need | None:
        char = self._next()
        if char == "\\":
            return self._escape()
        if char == "[":
            self._set()
            return None
        if char == "(":
            return self._group()
        if char in "^$":
            return ""
        if char == ".":
            return None
        if char in "*+?":
            raise _Unclear
        return char

    def _escape(self) -> str | None:
        char = self._next()
        if char in _ESCAPES:
            return _ESCAPES[char]
        if char and char in _ZERO_WIDTH:
            return ""
        if char and char in _CLASSES:
            return None
        if char == "x" and (code := _HEX.match(self._text, self._at)):
            self._at = code.end()
            return chr(int(code[1], 16))
        if not char or char.isalnum():
            raise _Unclear
        return char

    def _set(self) -> None:
        if self._peek() == "^":
            self._next()
        if self._peek() == "]":
            self._next()
        while (char := self._next()) != "]":
            if char == "\\":
                self._next()
            if not char or char == "[" or (char == "&" and self._peek() == "&"):
                raise _Unclear

    def _group(self) -> Need:
        before = self._folded
        look = _LOOK.match(self._text, self._at)
        if look:
            self._at = look.end()
            self._close(before)
            return NOTHING
        if self._peek() == "?":
            flags = _FLAGS.match(self._text, self._at)
            name = _NAME.match(self._text, self._at)
            if not flags and not name:
                raise _Unclear
            found = flags or name
            assert found is not None
            self._at = found.end()
            words = (flags[1] or flags[2] or "") if flags else ""
            if "x" in words:
                raise _Unclear
            self._folded = self._folded or "i" in words
            if flags and flags[2] is not None:
                return NOTHING
        return self._close(before)

    def _close(self, folded: bool) -> Need:
        need = self._alternatives()
        if self._next() != ")":
            raise _Unclear
        self._folded = folded
        return need
