"""`spec` mode says what the reference validator says, except for the differences that
`docs/skill-format.md` lists."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from skills_ref.validator import validate

from sps.model.skills.document import parse_document
from sps.model.skills.mode import Mode
from tests.skill_shapes import SHAPES

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "src" / "sps" / "library"
PAGE = ROOT / "docs" / "skill-format.md"


def reference(folder: Path, content: bytes) -> bool:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "SKILL.md").write_bytes(content)
    try:
        return not validate(folder)
    except (UnicodeDecodeError, AttributeError):  # it fails on bytes that are no text
        return False


def ours(content: bytes, folder: str = "demo") -> bool:
    return parse_document(content, folder=folder, mode=Mode.SPEC).ok


@pytest.mark.parametrize("what", SHAPES)
def test_a_shape_gets_the_same_verdict_unless_listed(tmp_path: Path, what: str) -> None:
    shape = SHAPES[what]
    same = ours(shape.content) == reference(tmp_path / "demo", shape.content)
    assert same == (not shape.differs)


def test_every_difference_is_on_the_page_and_shown_by_a_shape() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `~")}
    assert {one.removeprefix("~") for one in rows} - {"ascii"} == {
        shape.differs for shape in SHAPES.values() if shape.differs
    }


@pytest.mark.parametrize("name", ["caf\u00e9", "d\u0435mo", "\u540d\u524d", "\uff41bc"])
def test_letters_outside_of_ascii_are_refused_in_names(tmp_path: Path, name: str) -> None:
    content = f"---\nname: {name}\ndescription: x\n---\n".encode()
    assert reference(tmp_path / name, content)
    assert not ours(content, name)


@pytest.mark.parametrize("skill", sorted(one.parent.name for one in LIBRARY.glob("*/SKILL.md")))
def test_the_reference_validator_accepts_the_bundled_skill(skill: str) -> None:
    assert validate(LIBRARY / skill) == []


VALUES = [
    "demo", '"demo"', "a: b", "[a]", "{}", "|\n  x", ">-\n  x", "&a x", "*a", "!!str x", "@x", "%x",
    "", "true", "12", "x # y", '"x', "- y", "\u00e9", "x\ty", '"a\tb"', "x\n  y", "x\n y",
    "\n  k: v", "\n  k: v\n  l: w", "\n  k: v\n  k: w", "? x", "a:", "|", ">", '"a" b', "\x07",
    "x\n# c", "|2\n    x", "'a\n\n  b'",
]  # fmt: skip
KEYS = ["name", "description", "license", "compatibility", "foo", '"name"', "name "]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(VALUES)), max_size=2),
    name=st.sampled_from(["demo", "demo", "demo", *VALUES]),
)
def test_made_up_front_matter_gets_the_same_verdict(
    tmp_path: Path, rows: list[tuple[str, str]], name: str
) -> None:
    front = [f"name: {name}", "description: x y", *(f"{key}: {value}" for key, value in rows)]
    content = ("---\n" + "\n".join(front) + "\n---\nbody\n").encode()
    parsed = parse_document(content, folder="demo", mode=Mode.SPEC)
    if any(one.rule == "field-type" for one in parsed.findings):
        return  # the difference `types`
    assert parsed.ok == reference(tmp_path / "demo", content), content
