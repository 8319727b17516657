"""What linting a whole skill promises."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from sps.model.skills.check import (
    CheckFinding,
    CheckReport,
    CheckSeverity,
    CheckWaiver,
    Inconclusive,
)
from sps.model.skills.checks_file import parse_checks
from sps.model.skills.coverage import coverage
from sps.model.skills.finding import LintFinding, LintSeverity
from sps.model.skills.lint import lint
from sps.model.skills.markdown import headings, links, section, slug
from sps.model.skills.mode import Mode
from sps.model.skills.sarif import lint_sarif, report_sarif
from sps.model.skills.tree import SkillFile, SkillTree, tree_of

LIBRARY = Path(__file__).parents[2] / "src" / "sps" / "library"
FRONT = (
    "---\nname: demo\ndescription: Use when a demo is written.\nlicense: MIT\n"
    'metadata:\n  origin: sps\n  version: "1.0"\n---\n'
)
BODY = "# Demo\n\nRead [the guide](references/guide.md#two-words) when it hangs.\n"
TRIGGERS = "should:\n" + "".join(f"  - write a demo {n}\n" for n in range(8))
TRIGGERS += "should_not:\n" + "".join(f"  - cook a soup {n}\n" for n in range(8))


def skill(body: str = BODY, front: str = FRONT, **changes: str) -> SkillTree:
    files = {
        "SKILL.md": front + body,
        "references/guide.md": "# Guide\n\n## Two words\n\nBack to [the start](../SKILL.md).\n",
        "evals/triggers.yaml": TRIGGERS,
        **changes,
    }
    return tree_of([SkillFile(path=path, content=one.encode()) for path, one in files.items()])


def rules(tree: SkillTree, mode: Mode = Mode.STRICT, *, least: str = "warning") -> list[str]:
    levels = {"info": 0, "warning": 1, "error": 2}
    found = lint(tree, "demo", mode)
    return [one.rule for one in found if levels[one.severity.value] >= levels[least]]


def test_a_good_skill_is_clean_in_every_mode() -> None:
    for mode in Mode:
        assert lint(skill(), "demo", mode) == []


@pytest.mark.parametrize(
    "old, new, rule",
    [
        ("Use when a", "A", "description-start"),
        ("Use when a", "Use " + "x" * 300, "description-long"),
        ("license: MIT\n", "", "license-missing"),
        ("  origin: sps\n", "", "metadata-origin"),
        ('  version: "1.0"\n', "", "metadata-version"),
        ('"1.0"\n', '"1.0"\n  checks: "checks/checks.yaml"\n', "checks-undeclared"),
    ],
)
def test_strict_asks_more_of_the_front_matter(old: str, new: str, rule: str) -> None:
    assert rules(skill(front=FRONT.replace(old, new))) == [rule]
    assert rules(skill(front=FRONT.replace(old, new)), Mode.SPEC) == []


@pytest.mark.parametrize(
    "body, rule",
    [
        ("[x](references/gide.md)", "dead-link"),
        ("[x](references/guide.md#one)", "dead-anchor"),
        ("[x](#nowhere)", "dead-anchor"),
        ("[x](../other/SKILL.md)", "link-outside"),
        ("[x](/etc/passwd)", "link-outside"),
        ("[x](file:///etc/passwd)", "link-outside"),
        ("[x]: references/no.md", "dead-link"),
        ("See `references/no.md`.", "dead-path"),
        ("<!-- hidden -->", "html-comment"),
        ("\n" * 200 + "x", "body-long"),
    ],
)
def test_strict_asks_more_of_the_text(body: str, rule: str) -> None:
    assert rules(skill(f"{BODY}\n{body}\n")) == [rule]


def test_links_in_code_are_no_links() -> None:
    body = BODY + "\n```\n[x](no.md)\n```\n\n`[x](no.md)` and [y](https://example.com/no.md)\n"
    assert rules(skill(body)) == []
    assert rules(skill(body), least="info") == ["external-link"]


def test_a_reference_that_is_never_named_is_found() -> None:
    assert rules(skill(**{"references/extra.md": "# Extra\n"})) == ["orphan-reference"]


def test_a_dead_link_in_a_reference_is_an_error_only_in_the_library() -> None:
    tree = skill(**{"references/guide.md": "# G\n\n## Two words\n\n[x](no.md)\n"})
    assert rules(tree, least="error") == ["dead-link"]
    (one,) = lint(tree, "demo", Mode.LENIENT)
    assert (one.path, one.line, one.column, one.severity.value) == (
        "references/guide.md", 5, 1, "warning")  # fmt: skip


@pytest.mark.parametrize(
    "triggers, rule",
    [
        ("should: [a]\nshould_not: [b]\n", "triggers-few"),
        (TRIGGERS.replace("should_not", "shouldnt"), "triggers-unknown-key"),
        ("should: [\n", "triggers-yaml"),
        ("", "triggers-few"),
        (TRIGGERS.replace("write a demo 3", "{a: b}"), "triggers-type"),
    ],
)
def test_the_trigger_set_has_its_shape(triggers: str, rule: str) -> None:
    assert rule in rules(skill(**{"evals/triggers.yaml": triggers}))


def test_a_skill_without_its_file_or_trigger_set_is_refused() -> None:
    files = dict(skill().files)
    files["skill.md"] = files.pop("SKILL.md")
    (one,) = lint(SkillTree(files=files), "demo", Mode.LENIENT)
    assert one.rule == "no-skill-file"
    assert "'skill.md' has to be called so" in one.says
    files = dict(skill().files)
    del files["evals/triggers.yaml"]
    assert rules(SkillTree(files=files)) == ["triggers-missing"]


def test_firm_sentences_without_a_check_are_listed() -> None:
    body = BODY + "\n- Never guess.\n  Always ask\n  twice. Be kind.\n"
    checks = (
        'version: 1\nchecks:\n  - id: demo-guess\n    says: "Never guess."\n'
        "    anchor: SKILL.md#demo\n    kind: judge\n    severity: warn\n"
    )
    cases = {f"checks/cases/demo-guess/{side}/a.md": "x" for side in ("bad", "good")}
    tree = skill(
        body,
        FRONT.replace('"1.0"\n', '"1.0"\n  checks: checks/checks.yaml\n'),
        **{"checks/checks.yaml": checks, **cases},
    )
    assert rules(tree) == []
    (one,) = lint(tree, "demo", Mode.SPEC)
    assert (one.rule, one.severity, one.line) == ("uncovered-sentence", LintSeverity.INFO, 14)
    assert "Always ask twice." in one.says
    counted = coverage(tree, parse_checks(tree)[0])
    assert (counted.total, counted.covered) == (2, 1)


def test_headings_have_the_slugs_that_code_hosts_give() -> None:
    text = "# A `b` C!\n## Same\n## Same\n```\n# no\n```\n### Größe: 2.0 & more ###\n#no\n"
    assert [(one.slug, one.line) for one in headings(text)] == [
        ("a-b-c", 1), ("same", 2), ("same-1", 3), ("größe-20--more", 7)]  # fmt: skip
    assert slug("[Link](x.md) text") == "link-text"
    assert section("# A\na\n## B\nb\n### C\nc\n## D\nd", "b") == "b\n### C\nc"
    assert [one.target for one in links("![a](b.png) [c [d]](<e f>) [x](a_(b))\n")] == [
        "b.png", "e f", "a_(b)"]  # fmt: skip


def test_lint_findings_become_sarif() -> None:
    found = [
        LintFinding(path="SKILL.md", line=3, column=7, rule="name-long", says="Too long."),
        LintFinding(
            path="a b.md", rule="dead-link", severity=LintSeverity.WARNING, says="Not there."
        ),
    ]
    log = json.loads(msgspec.json.encode(lint_sarif(found, version="1.2", folder="skills/demo")))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    assert [one["id"] for one in run["tool"]["driver"]["rules"]] == ["dead-link", "name-long"]
    first, second = run["results"]
    assert (first["ruleId"], first["level"], first["message"]["text"]) == (
        "name-long", "error", "Too long.")  # fmt: skip
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "skills/demo/SKILL.md"
    assert place["region"] == {"startLine": 3, "startColumn": 7}
    assert second["level"] == "warning"
    uri = second["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "skills/demo/a%20b.md"


def test_a_check_report_becomes_sarif() -> None:
    report = CheckReport(
        findings=(
            CheckFinding(
                check="demo-x", skill="demo", severity=CheckSeverity.BLOCK, path="a.py", line=4,
                says="Be kind.", hint="say please",
            ),
        ),
        waivers=(CheckWaiver(check="demo-y", skill="demo", path="b.py", line=5, reason="legacy"),),
        inconclusive=(Inconclusive(check="demo-z", skill="demo", why="no case"),),
    )  # fmt: skip
    (run,) = json.loads(msgspec.json.encode(report_sarif(report, version="1")))["runs"]
    finding, waived = run["results"]
    assert (finding["level"], finding["message"]["text"]) == ("error", "Be kind. (say please)")
    assert waived["suppressions"] == [{"kind": "inSource", "justification": "legacy"}]
    (call,) = run["invocations"]
    assert call["executionSuccessful"] is False
    assert call["toolExecutionNotifications"][0]["message"]["text"] == "demo: demo-z: no case"


@pytest.mark.parametrize("folder", sorted(one.parent.name for one in LIBRARY.glob("*/SKILL.md")))
def test_a_bundled_skill_fulfils_strict(folder: str) -> None:
    root = LIBRARY / folder
    files = [
        SkillFile(path=one.relative_to(root).as_posix(), content=one.read_bytes())
        for one in root.rglob("*")
        if one.is_file() and "__pycache__" not in one.parts
    ]
    found = lint(tree_of(files), folder, Mode.STRICT)
    assert [one for one in found if one.severity is LintSeverity.ERROR] == []
