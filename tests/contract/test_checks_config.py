"""Checks of configuration files: what they assert, at which line, and what they survive."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.check_runs import look, places, put
from tests.check_skill import SkillMaker


@pytest.fixture
def maker(tmp_path: Path) -> SkillMaker:
    return SkillMaker(tmp_path / "skills")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    return folder


def config(path: str, must: str, *, form: str = "yaml", more: str = "") -> str:
    head = f"config:\n  globs: ['**/*.{form}']\n  format: {form}\n"
    return f"{head}  path: '{path}'\n  must: {must}\n{more}"


WORKFLOW = """\
x: &base
  timeout: 5
jobs:
  one:
    timeout: 3
    steps:
      - uses: a@v1
      - run: b
  two:
    steps: [{uses: c@main}]
  three:
    <<: *base
"""


@pytest.mark.parametrize(
    "rule, lines",
    [
        (config("jobs.*.timeout", "present"), [9]),
        (config("jobs.two.steps", "absent"), [10]),
        (config("jobs.*.timeout", "matches", more="  text: '^3$'\n"), [12]),
        (config("jobs.*.steps.*.uses", "never", more="  text: '@(main|master)'\n"), [10]),
        (config("permissions", "present"), [1]),
        (config("jobs.*.timeout", "present",
                more="  where: {path: 'jobs.*.steps', must: absent}\n"), []),
        (config("jobs.*.steps.*.uses", "present",
                more="  where: {path: 'jobs.*.steps.*.run', must: absent}\n"), []),
        (config("jobs.*.steps.*.uses", "present"), [8]),
    ],
)  # fmt: skip
def test_yaml_assertions_stand_at_their_line(
    maker: SkillMaker, root: Path, rule: str, lines: list[int]
) -> None:
    maker.check("config", rule)
    put(root, "a.yaml", WORKFLOW)
    report = look(root, maker)
    assert ([one.line for one in report.findings], report.inconclusive) == (lines, ())


TOML = """\
# about
[project]
name = "x"
tags = [
  "a",
  "b [c]",
]

[tool."ruff.x"]
line = 100  # [no]
text = '''
[not.a.table]
'''
inner = {deep = true}

[[many]]
name = "one"
[[many]]
other = 1
"""


@pytest.mark.parametrize(
    "rule, lines",
    [
        (config('tool."ruff.x".line', "matches", form="toml", more="  text: '^80$'\n"), [10]),
        (config("project.tags.*", "never", form="toml", more="  text: '^b'\n"), [4]),
        (config('tool."ruff.x".inner.deep', "never", form="toml", more="  text: 'true'\n"), [14]),
        (config("not.a.table", "absent", form="toml"), []),
        (config("many.*.name", "present", form="toml"), [18]),
        (config("project.license", "present", form="toml"), [1]),
    ],
)
def test_toml_assertions_stand_at_their_line(
    maker: SkillMaker, root: Path, rule: str, lines: list[int]
) -> None:
    maker.check("config", rule)
    put(root, "a.toml", TOML)
    report = look(root, maker)
    assert ([one.line for one in report.findings], report.inconclusive) == (lines, ())


def test_json_with_comments_tabs_and_trailing_commas(maker: SkillMaker, root: Path) -> None:
    rule = config("compilerOptions.strict", "matches", form="json", more="  text: '^true$'\n")
    maker.check("config", rule)
    put(root, "a.json", '{\n\t// why\n\t"compilerOptions": {\n\t\t"strict": false,\n\t},\n}\n')
    assert places(look(root, maker)) == [("a.json", 4)]


LINES = """
config:
  globs: ['**/Dockerfile']
  format: lines
  forbid: '^FROM .*:latest'
  within: '^FROM'
  unless: 'scratch'
"""


def test_forbidden_lines(maker: SkillMaker, root: Path) -> None:
    maker.check("config", LINES)
    put(root, "Dockerfile", "FROM a:1\nFROM b:latest\nFROM scratch:latest\n")
    assert places(look(root, maker)) == [("Dockerfile", 2)]


def test_required_line_is_missed_where_the_file_shows_its_need(
    maker: SkillMaker, root: Path
) -> None:
    rule = "config:\n  globs: ['**/*.sh']\n  format: lines\n  require: '^set -e'\n  within: '^rm '"
    maker.check("config", rule)
    put(root, "a.sh", "x\nrm y\n")
    put(root, "b.sh", "set -eu\nrm y\n")
    put(root, "c.sh", "x\n")
    assert places(look(root, maker)) == [("a.sh", 2)]


def test_broken_configuration_is_inconclusive_but_a_template_is_none(
    maker: SkillMaker, root: Path
) -> None:
    maker.check("config", config("a", "present"))
    put(root, "chart.yaml", "{{ if x }}\nb: 1\n{{ end }}\n")
    assert look(root, maker).ok
    put(root, "a.yaml", "b: [1\n")
    report = look(root, maker)
    assert [one.why.partition(":")[0] for one in report.inconclusive] == ["a.yaml"]
    assert not report.ok


def test_bombs_of_aliases_and_depth_end(maker: SkillMaker, root: Path) -> None:
    maker.check("config", config("a.*.*.*.*.*.*.*", "present"))
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * 9) + "]" for n in range(1, 12)]
    put(root, "a.yaml", "\n".join([*rows, "a: *a11", ""]))
    put(root, "b.yaml", "a: " + "[" * 5000 + "]" * 5000)
    report = look(root, maker)
    assert [one.why for one in report.inconclusive] == [
        "a.yaml: too many places", "b.yaml: nested more than 60 levels deep",
    ]  # fmt: skip
