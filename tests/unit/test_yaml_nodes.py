"""Strict YAML: the same answers from the compiled parser and from the other one."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sps.lib.front_matter import NoFrontMatter, split
from sps.lib.yaml_nodes import BrokenYaml, Mapping, Node, Scalar, Sequence, found, parse


@pytest.fixture(params=["compiled", "plain"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "plain":
        monkeypatch.delattr(yaml, "CSafeLoader")
    return str(request.param)


def values(node: Node | None) -> object:
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Sequence):
        return [values(item) for item in node.items]
    return {key.text: values(item) for key, item in node} if isinstance(node, Mapping) else None


TEXT = "a: x\nb: [1, 'é登']\nc:\n  - one # first\n  - |\n    y\n\n# end\nd: {e: {}}\n"


def test_nodes_know_where_they_stand(parser: str) -> None:
    root = parse(TEXT)
    assert values(root) == {"a": "x", "b": ["1", "é登"], "c": ["one", "y\n"], "d": {"e": {}}}
    assert isinstance(root, Mapping)
    spans = {key.text: TEXT[node.start : node.end] for key, node in root}
    assert spans["a"] == "x"
    assert spans["b"] == "[1, 'é登']"
    assert spans["c"].rstrip() == "- one # first\n  - |\n    y"
    assert spans["d"] == "{e: {}}"
    assert [(key.line, key.column) for key, _ in root] == [(1, 1), (2, 1), (3, 1), (9, 1)]


@pytest.mark.parametrize(
    "text,code,line,column",
    [
        ("a: &x 1", "yaml-alias", 1, 4),
        ("a: *x", "yaml-alias", 1, 4),
        ("a: !!str 1", "yaml-tag", 1, 4),
        ("a: ! 1", "yaml-tag", 1, 4),
        ("--- !!map {a: b}", "yaml-tag", 1, 5),
        ("a: 1\na: 2", "duplicate-key", 2, 1),
        ('a: 1\n"a": 2', "duplicate-key", 2, 1),
        ("{a: 1}: b", "bad-key", 1, 1),
        ("a: 1\n---\nb: 2", "second-document", 2, 1),
        ("[" * 21 + "]" * 21, "too-deep", 1, 21),
        ("[" * 100_000, "too-deep", 1, 21),
        ("{b: " * 3000, "too-deep", 1, 81),
        ("a: b\n  c: d\n", "invalid-yaml", 2, 4),
        ("a: \x00", "invalid-yaml", 1, 4),
        ("é: \ud800", "invalid-yaml", 1, 4),
    ],
)
def test_what_is_not_allowed_has_a_place(
    parser: str, text: str, code: str, line: int, column: int
) -> None:
    with pytest.raises(BrokenYaml) as caught:
        parse(text)
    assert (caught.value.code, caught.value.line, caught.value.column) == (code, line, column)


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "--- # x\n..."])
def test_nothing_is_nothing(parser: str, text: str) -> None:
    root = parse(text)
    assert root is None or (isinstance(root, Scalar) and root.is_null)


@pytest.mark.parametrize(
    "text,says",
    [
        ("~", "nothing"),
        ("True", "the truth value True"),
        ("12", "the number 12"),
        ("-1.5e3", "the number -1.5e3"),
        ("'12'", "the text '12'"),
        ("no", "the text 'no'"),
        ("2026-01-31", "the text '2026-01-31'"),
        ("1:30", "the text '1:30'"),
        ("[]", "a list"),
        ("{}", "a mapping"),
    ],
)
def test_what_stands_there_can_be_said(parser: str, text: str, says: str) -> None:
    root = parse(text)
    assert root is not None
    assert found(root) == says


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.sampled_from("ab1:-?[]{},'\"\\|>&*!%@`# \n\t\ré登\x85\u2028\ufeff\x00~.")))
def test_any_text_gets_an_answer(parser: str, text: str) -> None:
    try:
        says = repr(values(parse(text)))
    except BrokenYaml as err:
        says = err.message
    assert says


@given(text=st.text(st.sampled_from("-\r\n \ufeffab:")))
def test_a_split_file_is_whole(text: str) -> None:
    try:
        parts = split(text)
    except NoFrontMatter:
        return
    assert parts.head + parts.yaml + parts.foot + parts.body == text
    assert parts.head.lstrip("\ufeff").startswith("---")
    assert parts.foot.startswith("---")
