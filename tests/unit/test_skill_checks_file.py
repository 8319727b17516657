"""What reading checks/checks.yaml promises."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sps.model.skills.check import CheckKind, CheckSeverity
from sps.model.skills.checks_file import CHECKS, colliding_ids, parse_checks
from sps.model.skills.config_path import split_path, star_prefix
from sps.model.skills.declared import Check, ConfigFormat, Must, When
from sps.model.skills.finding import LintFinding
from sps.model.skills.tree import SkillFile, SkillTree, tree_of

LIBRARY = Path(__file__).parents[2] / "src" / "sps" / "library"
MAIN = b"---\nname: demo\ndescription: Use it.\n---\n# Demo\n\nBe kind.\n"
GUIDE = b"""# Guide

## Timeouts

- Give every outbound
  call a `timeout`.

### Why

It hangs.

## Other

Say it here.
"""
AST = """
  - id: demo-timeout
    says: "Give every outbound call a timeout."
    anchor: references/guide.md#timeouts
    kind: ast
    severity: block
    languages: [python, typescript]
    hint: "pass timeout="
    waiver: never
    applies:
      globs: ["**/*.py"]
      not: ["gen/**"]
      tests: true
      requires:
        - {glob: "**/*.py", text: "import httpx"}
    satisfied_by:
      - {glob: "**/*.py", text: "Client\\\\(timeout="}
"""
PRESENCE = """
  - id: demo-health
    says: "It hangs."
    anchor: references/guide.md#timeouts
    kind: presence
    severity: warn
    presence:
      marker: [{glob: "**/*.py", text: "FastAPI\\\\("}]
      wants: [{glob: "**/*.py", text: "/health"}]
"""
CONFIG = """
  - id: demo-ci
    says: "Say it here."
    anchor: references/guide.md#other
    kind: config
    severity: info
    when: repo
    config:
      globs: [".github/workflows/*.yml"]
      format: yaml
      path: "jobs.*.timeout-minutes"
      must: present
      where: {path: "jobs.*.uses", must: absent}
"""
LINES = """
  - id: demo-from
    says: "Say it here."
    anchor: references/guide.md#other
    kind: config
    severity: warn
    config:
      globs: ["**/Dockerfile"]
      format: lines
      forbid: "^FROM .*:latest"
      unless: "scratch"
"""
REST = """
  - id: demo-run
    says: "Be kind."
    anchor: SKILL.md#demo
    kind: command
    severity: warn
    command: {run: "make lint", timeout: 30}
  - id: demo-judge
    says: "Be kind."
    anchor: SKILL.md#demo
    kind: judge
    severity: warn
"""
CASES = [
    *(f"demo-timeout/{side}/{name}" for side in ("bad", "good")
      for name in ("a.py", "b.py", "a.ts", "b.ts")),
    *(f"{key}/{side}/one/app.py" for key in ("demo-health", "demo-ci", "demo-from", "demo-run")
      for side in ("bad", "good")),
    "demo-judge/bad/a.md",
    "demo-judge/good/a.md",
]  # fmt: skip
RULES = b"""python:
  rule: {pattern: f($$$A)}
  constraints:
    A: {regex: x}
typescript:
  rule:
    pattern: g()
tsx:
  rule: {pattern: g()}
"""


def tree(checks: str, *, rules: bytes = RULES, drop: str = "") -> SkillTree:
    files = {
        "SKILL.md": MAIN,
        "references/guide.md": GUIDE,
        CHECKS: f"version: 1\nchecks:{checks}".encode(),
        "checks/rules/demo-timeout.yml": rules,
        **{f"checks/cases/{path}": b"x = 1\n" for path in CASES},
    }
    return tree_of(
        [SkillFile(path=path, content=content) for path, content in files.items() if path != drop]
    )


def rules(findings: tuple[LintFinding, ...]) -> list[str]:
    return [one.rule for one in findings]


def by_id(checks: tuple[Check, ...]) -> dict[str, Check]:
    return {one.id: one for one in checks}


def test_every_kind_is_read_with_its_defaults() -> None:
    checks, findings = parse_checks(tree(AST + PRESENCE + CONFIG + LINES + REST))
    assert findings == ()
    found = by_id(checks)
    assert [one.kind for one in checks] == [
        CheckKind.AST, CheckKind.PRESENCE, CheckKind.CONFIG, CheckKind.CONFIG, CheckKind.COMMAND,
        CheckKind.JUDGE,
    ]  # fmt: skip
    ast = found["demo-timeout"]
    assert (ast.severity, ast.when, ast.waivable) == (
        CheckSeverity.BLOCK, When.ADDED_LINES, False)  # fmt: skip
    assert ast.applies.globs == ("**/*.py",)
    assert ast.applies.excluded == ("gen/**",)
    assert ast.applies.tests
    assert ast.applies.requires[0].text == "import httpx"
    assert ast.satisfied_by[0].text == r"Client\(timeout="
    assert [one.language for one in ast.rules] == ["python", "typescript", "tsx"]
    assert json.loads(ast.rules[0].config) == {
        "rule": {"pattern": "f($$$A)"}, "constraints": {"A": {"regex": "x"}}}  # fmt: skip
    assert [one.name for one in ast.bad] == ["a.py", "a.ts", "b.py", "b.ts"]
    assert found["demo-health"].when is When.CHANGED_FILES
    assert found["demo-health"].bad[0].files == ("checks/cases/demo-health/bad/one/app.py",)
    config = found["demo-ci"].config
    assert config is not None
    assert (config.path, config.must) == (("jobs", None, "timeout-minutes"), Must.PRESENT)
    assert config.where is not None
    assert config.where.path == ("jobs", None, "uses")
    assert found["demo-ci"].when is When.REPO
    lines = found["demo-from"].config
    assert lines is not None
    assert (lines.format, lines.forbid, lines.unless) == (
        ConfigFormat.LINES, "^FROM .*:latest", "scratch")  # fmt: skip
    command = found["demo-run"].command
    assert command is not None
    assert (command.run, command.timeout) == ("make lint", 30)


def test_a_skill_without_the_file_has_no_checks() -> None:
    assert parse_checks(tree(AST, drop=CHECKS)) == ((), ())


def test_all_mistakes_come_at_once_with_their_places() -> None:
    wrong = """
  - id: Other-x
    says: ""
    anchor: guide
    kind: asd
    severity: blok
  - id: demo-a
    says: "Be kind."
    anchor: SKILL.md#demo
    kind: judge
    severity: warn
    sayz: x
    languages: [python]
"""
    checks, findings = parse_checks(tree(wrong))
    assert checks == ()
    assert [(one.line, one.column, one.rule) for one in findings] == [
        (3, 9, "checks-id"), (4, 11, "checks-type"), (5, 13, "checks-anchor"),
        (6, 11, "checks-choice"), (7, 15, "checks-choice"), (13, 5, "checks-unknown-key"),
        (14, 16, "checks-unknown-key"),
    ]  # fmt: skip
    assert 'did you mean "block"?' in findings[4].says
    assert 'did you mean "says"?' in findings[5].says


@pytest.mark.parametrize(
    "old, new, rule",
    [
        ("a timeout.", "a time limit.", "checks-says"),
        ("#timeouts", "#timeout", "checks-anchor"),
        ("guide.md", "guides.md", "checks-anchor"),
        ("demo-timeout", "other-timeout", "checks-id"),
        ("[python, typescript]", "[python, typescript, go]", "checks-rule-file"),
        ("[python, typescript]", "[python, typescript, go]", "checks-cases"),
        ("[python, typescript]", "[pyton]", "checks-language"),
        ("[python, typescript]", "[]", "checks-type"),
        ("[python, typescript]", "python", "checks-type"),
        ("import httpx", "import (", "checks-regex"),
        ("import httpx", "x" * 601, "checks-regex"),
        ("gen/**", "/gen/**", "checks-glob"),
        ("gen/**", "../**", "checks-glob"),
        ("gen/**", "a**b", "checks-glob"),
        ("tests: true", "tests: maybe", "checks-type"),
        ("waiver: never", "waiver: sometimes", "checks-choice"),
        ("severity: block", "severity: 1", "checks-choice"),
        ("    languages: [python, typescript]\n", "", "checks-missing"),
        ("    severity: block\n", "", "checks-missing"),
    ],
)
def test_a_mistake_in_an_ast_check_is_found(old: str, new: str, rule: str) -> None:
    assert old in AST
    _, findings = parse_checks(tree(AST.replace(old, new)))
    assert rule in rules(findings), findings


@pytest.mark.parametrize(
    "old, new, rule",
    [
        ("jobs.*.timeout-minutes", "jobs..x", "checks-path"),
        ("jobs.*.timeout-minutes", "jobs.**", "checks-path"),
        ('"jobs.*.uses"', '"steps.*.uses"', "checks-path"),
        ("must: present", "must: matches", "checks-missing"),
        ("must: present", "must: present\n      text: x", "checks-unknown-key"),
        ("must: present", "must: exist", "checks-choice"),
        ("must: present", "must: present\n      forbid: x", "checks-unknown-key"),
        ("format: yaml", "format: lines", "checks-unknown-key"),
        ("format: yaml", "format: ini", "checks-choice"),
        ('      path: "jobs.*.timeout-minutes"\n', "", "checks-missing"),
        ("kind: config", "kind: presence", "checks-missing"),
    ],
)
def test_a_mistake_in_a_config_check_is_found(old: str, new: str, rule: str) -> None:
    assert old in CONFIG
    _, findings = parse_checks(tree(CONFIG.replace(old, new)))
    assert rule in rules(findings), findings


@pytest.mark.parametrize(
    "rule_file",
    [b"python:\n  pattern: x\n", b"- x\n", b"python: x\n", b"a: [\n", b"pyton:\n  rule: {}\n",
     b"python:\n  rule: {}\n  transform: {}\ntypescript:\n  rule: {}\n"],
)  # fmt: skip
def test_a_wrong_rule_file_is_found(rule_file: bytes) -> None:
    _, findings = parse_checks(tree(AST, rules=rule_file))
    assert set(rules(findings)) <= {"checks-rule-file", "checks-yaml"}
    assert findings


def test_a_check_whose_evidence_is_missing_stays_and_is_reported() -> None:
    checks, findings = parse_checks(tree(AST, drop="checks/rules/demo-timeout.yml"))
    assert [one.rules for one in checks] == [()]
    assert rules(findings) == ["checks-rule-file"]
    _, findings = parse_checks(tree(AST, drop="checks/cases/demo-timeout/bad/a.py"))
    assert rules(findings) == ["checks-cases"]
    _, findings = parse_checks(tree(PRESENCE, drop="checks/cases/demo-health/good/one/app.py"))
    assert rules(findings) == ["checks-cases"]


def test_the_same_id_twice_is_a_mistake_in_a_skill_and_over_skills() -> None:
    checks, findings = parse_checks(tree(PRESENCE + PRESENCE))
    assert "checks-id" in rules(findings)
    assert colliding_ids({"a": checks[:1], "b": checks[:1]}) == {"demo-health": ("a", "b")}
    assert colliding_ids({"a": checks}) == {}


@pytest.mark.parametrize(
    "content", [b"", b"x", b"version: 2\nchecks: []\n", b"\xff", b"a: &x b\n", b"checks: {}\n"]
)
def test_a_broken_file_gives_findings(content: bytes) -> None:
    broken = SkillFile(path=CHECKS, content=content)
    checks, findings = parse_checks(tree_of([SkillFile(path="SKILL.md", content=MAIN), broken]))
    assert checks == ()
    assert findings


def test_config_paths() -> None:
    assert split_path('tool."ruff.x".*') == ("tool", "ruff.x", None)
    assert split_path('"a\\"b"') == ('a"b',)
    assert star_prefix(("a", None, "b", None, "c")) == ("a", None, "b", None)
    for wrong in ("", ".", "a.", ".a", "a..b", "a b", '"a'):
        with pytest.raises(ValueError, match="character"):
            split_path(wrong)


@pytest.mark.parametrize(
    "skill", sorted(one.parents[1].name for one in LIBRARY.glob(f"*/{CHECKS}"))
)
def test_the_checks_of_a_bundled_skill_are_whole(skill: str) -> None:
    root = LIBRARY / skill
    files = [
        SkillFile(path=one.relative_to(root).as_posix(), content=one.read_bytes())
        for one in root.rglob("*")
        if one.is_file() and "__pycache__" not in one.parts
    ]
    checks, findings = parse_checks(tree_of(files))
    assert checks
    assert findings == ()


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=300), st.sampled_from([CHECKS, "checks/rules/demo-timeout.yml", "SKILL.md"])
)
def test_no_bytes_break_the_reader(content: bytes, path: str) -> None:
    files = dict(tree(AST).files)
    files[path] = SkillFile(path=path, content=content)
    parse_checks(SkillTree(files=files))
