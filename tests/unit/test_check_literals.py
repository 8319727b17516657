"""Leaving a check out because a file lacks its words must never lose a match."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sps.adapters.checks_astgrep.batch import local
from sps.adapters.checks_astgrep.globs import any_match
from sps.adapters.checks_astgrep.literals import holder, of_regex, of_rule

REGEXES = [
    r"requests\.(get|post)\(", r"(?i)\bset\s+enable_(seqscan|sort)\s*=", r"^(?:ab|cd)+ef?$",
    r"a{0,2}bc{2}d*e", r"x(yz)?(uv)*(wk)+", r"[abc]def[^x]gh", r"FastAPI\(|Flask\(", r"\x27%\w+",
    r"(?i)(password|secret)s?\b", r"one.two", r"(foo|)bar", r"(?P<name>lit)eral", r"a\\b\.c",
    r"foo(?=bar)\w+", r"(?i:AB)cd", r"ab|", r"(ab){0}cd", r"k\d{2,3}end", r"\bif\b.*\bthen\b",
    r"a|b",
]  # fmt: skip


@pytest.mark.parametrize("regex", REGEXES)
@given(data=st.data())
@settings(max_examples=60)
def test_text_that_matches_has_every_needed_word(regex: str, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(re.compile(regex, re.MULTILINE)))
    assert of_regex(regex).met(holder(text))


@pytest.mark.parametrize(
    "regex, text",
    [(r"requests\.(get|post)\(", "requests.head()"), (r"(?i)FOO\s", "fob"), (r"ab(c|d)ef", "ab"),
     (r"Fast(API)\(", "Fast("), (r"\x27%\w", "%'")],
)  # fmt: skip
def test_text_without_the_words_is_left_out(regex: str, text: str) -> None:
    assert not of_regex(regex).met(holder(text))


@pytest.mark.parametrize("regex", ["(", "a**", r"\pL+", "(?x) a b", "a" * 3000, "((((" * 20, ""])
def test_what_is_not_understood_demands_nothing(regex: str) -> None:
    assert of_regex(regex).nothing


def test_rules_demand_what_their_parts_demand() -> None:
    rule = {"any": [{"pattern": "requests.$M($$$A)"}, {"kind": "call", "regex": "^urlopen"}]}
    need = of_rule(rule, {"M": {"regex": "^(get|post)$"}})
    assert need.met(holder("requests.post(x)"))
    assert need.met(holder("urlopen(x)"))
    assert not need.met(holder("requests.head(x)"))
    assert of_rule({**rule, "not": {"pattern": "never.there()"}}).met(holder("urlopen(x)"))
    assert of_rule({"any": [{"kind": "call"}, {"pattern": "x.y()"}]}).nothing
    assert of_rule({"pattern": {"context": "a.b", "selector": "c"}}).nothing


@pytest.mark.parametrize("folded", ["ſecret", "SECRET", "secret"])
def test_folding_is_no_narrower_than_the_engine(folded: str) -> None:
    assert of_regex("(?i)secret").met(holder(folded))


def test_prefilter_agrees_with_the_engine_on_samples() -> None:
    from ast_grep_py import SgRoot

    rule = json.loads('{"pattern": "fetch($A, mode=\\"x y\\")"}')
    code = 'fetch(1, mode="x y")\n'
    assert SgRoot(code, "python").root().find_all({"rule": rule})
    assert of_rule(rule).met(holder(code))


@pytest.mark.parametrize(
    "glob, path, matches",
    [
        ("**/*.py", "a.py", True), ("**/*.py", "x/y/a.py", True), ("*.py", "x/a.py", False),
        ("src/**", "src/a/b.py", True), ("src/**", "srcs/a", False),
        ("**/tests/**", "tests/a", True),
        (".github/workflows/*.yml", ".github/workflows/ci.yml", True), ("a?c", "abc", True),
        ("a[bc]d", "acd", True), ("a[!b]d", "abd", False), ("*.{js,ts}", "a.ts", True),
        ("Dockerfile*", "Dockerfile.dev", True), ("a.b", "axb", False), ("**/a/**/b", "a/b", True),
    ],
)  # fmt: skip
def test_globs(glob: str, path: str, matches: bool) -> None:
    assert any_match(path, (glob,)) is matches


@pytest.mark.parametrize(
    "rule, is_local",
    [
        ({"kind": "call", "has": {"nthChild": 1, "follows": {"kind": "x"}}}, True),
        ({"pattern": "f($A)", "inside": {"kind": "block", "stopBy": {"kind": "module"}}}, True),
        ({"any": [{"kind": "a"}, {"all": [{"regex": "x"}, {"pattern": "y"}]}]}, True),
        ({"kind": "call", "follows": {"kind": "x"}}, False),
        ({"kind": "call", "has": {"inside": {"kind": "x", "nthChild": 2}}}, False),
        ({"kind": "call", "inside": {"has": {"kind": "x"}}}, False),
        ({"kind": "call", "inside": {"kind": "module"}}, False),
        ({"kind": "module", "has": {"kind": "x"}}, False),
        ({"regex": "x"}, False),
        ({"kind": "call", "matches": "other"}, False),
        ({"any": [{"kind": "a"}, {"regex": "x"}]}, False),
    ],
)
def test_only_rules_that_stay_in_their_file_are_run_on_many(
    rule: dict[str, object], is_local: bool
) -> None:
    assert local({"rule": rule}) is is_local
