"""Every shape of front matter that real skills have, in each mode."""

from __future__ import annotations

import pytest

from sps.model.skills.document import ParsedSkill, parse_document
from sps.model.skills.finding import LintSeverity
from sps.model.skills.mode import Mode
from tests.skill_shapes import SHAPES


def parse(what: str, mode: Mode) -> ParsedSkill:
    return parse_document(SHAPES[what].content, folder="demo", mode=mode)


def rules(parsed: ParsedSkill, severity: LintSeverity = LintSeverity.ERROR) -> set[str]:
    return {one.rule for one in parsed.findings if one.severity is severity}


@pytest.mark.parametrize("what", SHAPES)
def test_spec_accepts_or_refuses_with_its_rules(what: str) -> None:
    parsed = parse(what, Mode.SPEC)
    assert rules(parsed) == set(SHAPES[what].spec.split())
    assert parsed.ok == (not SHAPES[what].spec)


@pytest.mark.parametrize("what", SHAPES)
def test_lenient_loads_what_clients_load(what: str) -> None:
    parsed = parse(what, Mode.LENIENT)
    assert rules(parsed) == set(SHAPES[what].lenient.split())
    assert (parsed.document is None) == bool(SHAPES[what].lenient)
    if parsed.document is not None:
        assert rules(parsed, LintSeverity.WARNING) == set(SHAPES[what].warns.split())
        assert parsed.document.name
        assert parsed.document.description


@pytest.mark.parametrize("what", SHAPES)
def test_strict_is_never_softer_than_spec(what: str) -> None:
    shape = SHAPES[what]
    expected = shape.spec if shape.strict is None else shape.strict
    assert rules(parse(what, Mode.STRICT)) >= set(expected.split())
    assert bool(rules(parse(what, Mode.STRICT))) == bool(expected)


@pytest.mark.parametrize("what", SHAPES)
def test_every_finding_says_where(what: str) -> None:
    for mode in Mode:
        for one in parse(what, mode).findings:
            assert one.path == "SKILL.md"
            assert one.line >= 1
            assert one.column >= 1
            assert one.says
