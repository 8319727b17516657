"""What the pages promise about themselves: every code explained, every decision whole."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import click
import pytest

from sps.cli.main import root
from sps.model.errors import Misuse
from sps.model.run import Outcome
from sps.services import manual
from sps.services.advice import ADVICE

ROOT = Path(__file__).parents[2]
RUNBOOKS = ROOT / "docs" / "runbooks"
PAGES = sorted(page for page in RUNBOOKS.glob("*.md") if page.name != "README.md")
DECISIONS = sorted((ROOT / "docs" / "adr").glob("*.md"))
CODE = re.compile(r"[a-z]+(-[a-z]+)*\Z")
NAMES = {"Trouble": 0, "Misuse": 0, "Absent": 0, "Held": 0, "WorkFailed": 0, "halt": 2}
RUNBOOK = ["What it means", "Immediate checks", "Common causes", "Mitigation"]
DECISION = [
    "Status",
    "Context",
    "Decision",
    "Alternatives",
    "What breaks first, and what the user sees",
    "Rollback",
    "How we will know",
]


def codes_of(tree: ast.Module) -> set[str]:
    """Collect the reason codes a module can give: by keyword, by position, by constant."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in ("reason", "code"):
            found |= texts(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            place = NAMES.get(node.func.id)
            if place is not None and len(node.args) > place:
                found |= texts(node.args[place])
        elif isinstance(node, ast.Assign) and constant(node.targets[0]):
            found |= {text for text in texts(node.value) if "-" in text}
    return {code for code in found if CODE.match(code)}


def constant(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id.isupper()


def texts(node: ast.expr) -> set[str]:
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def explained() -> set[str]:
    index = (RUNBOOKS / "README.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in index.splitlines() if line.startswith("| `")]
    return {code for row in rows for code in re.findall(r"`([^`]+)`", row)}


def headings(page: Path) -> list[str]:
    return re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)


def test_every_page_can_be_asked_for_and_leads_only_to_pages_that_can() -> None:
    names = {one.name for one in manual.pages()}
    assert {page.stem for page in PAGES} | {"environments", "cards", "security"} <= names
    for one in manual.pages():
        text = manual.page(one.name, lambda name: f"sps help {name}").text
        assert set(re.findall(r"sps help ([a-z0-9-]+)\)", text)) <= names
        local = [to for to in re.findall(r"\]\(([^)]+)\)", text) if ":" not in to and to[0] != "#"]
        assert local in ([], ["adr/"]), one.name


def test_a_code_is_as_good_as_the_name_of_its_page() -> None:
    for code in explained():
        assert "## Mitigation" in manual.page(code, str).text
    with pytest.raises(Misuse, match='did you mean "base-red"'):
        manual.page("base-rad", str)


def test_every_reason_code_of_the_flow_has_a_runbook() -> None:
    used: set[str] = set()
    package = ROOT / "src" / "sps"
    for path in [*(package / "flow").rglob("*.py"), package / "model" / "reason.py"]:
        used |= codes_of(ast.parse(path.read_text(encoding="utf-8")))
    assert {"gate-failed", "base-red", "target-dirty", "cycle", "secret", "budget"} <= used
    assert used - explained() == set()


def test_every_way_a_session_ends_has_a_runbook() -> None:
    ways = {outcome.value for outcome in Outcome} - {Outcome.ENDED.value}
    assert ways - explained() == set()


def test_every_reason_with_advice_has_a_runbook() -> None:
    assert ADVICE.keys() - explained() == set()


def test_index_names_every_runbook_once_and_no_other() -> None:
    index = (RUNBOOKS / "README.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"\]\(([^)]+)\)", index)) == [page.name for page in PAGES]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_runbook_has_its_four_parts(page: Path) -> None:
    assert headings(page) == RUNBOOK


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_decision_is_whole_and_weighs_alternatives(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert headings(page) == DECISION
    assert re.search(r"^Date: \d{4}-\d\d-\d\d$", text, re.MULTILINE)
    weighed = text.partition("## Alternatives")[2].partition("\n## ")[0]
    assert len(re.findall(r"^- ", weighed, re.MULTILINE)) >= 2
    assert len(text.split()) <= 1000, "one page"


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_map_for_agents_fits_on_a_screen_or_two() -> None:
    assert len((ROOT / "AGENTS.md").read_text(encoding="utf-8").splitlines()) <= 80


@pytest.mark.parametrize(
    "page",
    sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]),
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert [link for link in local if not (page.parent / link).exists()] == []


@pytest.mark.parametrize(
    "page",
    sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]),
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_commands_that_a_page_names_exist(page: Path) -> None:
    context = click.Context(root)
    known = set(root.list_commands(context))
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"(?:`|^)(?:\.venv/bin/)?sps ([a-z]+)(?: ([a-z]+))?", text, re.MULTILINE)
    unknown = {first for first, _ in named} - known
    for first, second in named:
        command = root.get_command(context, first) if second and first in known else None
        if isinstance(command, click.Group) and second not in command.list_commands(context):
            unknown.add(f"{first} {second}")
    assert unknown == set()


def test_the_readme_leads_from_install_through_login_to_a_card_and_back_out() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    steps = ["make install", "make uninstall", "sps agent login", "sps project init", "sps tick"]
    assert [text.index(step) for step in steps] == sorted(text.index(step) for step in steps)
    assert "`zed-codex`" in text
