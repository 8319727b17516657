"""The table of attacks is true: complete, and about tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

RING = Path(__file__).parents[1] / "redteam"
_ROW = re.compile(r"^\| A(\d+) \| ([^|]+) \| (.+) \|$", re.MULTILINE)
ROWS = {int(n): (what, tests) for n, what, tests in _ROW.findall((RING / "README.md").read_text())}
_TEST = re.compile(r"^(?:async )?def (test_\w+)\(", re.MULTILINE)
# These carry their numbers in the table, the others in the names of their tests.
_BY_TABLE = ("test_console_", "test_skill_", "test_environment_")


def names_in(path: Path) -> list[str]:
    return _TEST.findall(path.read_text(encoding="utf-8"))


def numbers_of(name: str) -> set[int]:
    head = re.match(r"test((?:_a\d+)+)_", name)
    return {int(n) for n in re.findall(r"_a(\d+)", head[1])} if head else set()


def test_every_attack_of_the_threat_model_is_in_the_table() -> None:
    assert list(ROWS) == list(range(1, 48))


@pytest.mark.parametrize("number", ROWS)
def test_every_test_that_the_table_names_exists(number: int) -> None:
    _, cell = ROWS[number]
    named = re.findall(r"`([^`]+)`", cell)
    assert named or cell.startswith("none: ")
    for one in named:
        file, _, test = one.partition("::")
        names = names_in(RING / file)
        if test:
            assert test in names, one
        elif not file.startswith("../"):
            assert any(number in numbers_of(name) for name in names), f"A{number} in {file}"


@pytest.mark.parametrize("number", [3, 41])
def test_attacks_on_the_wire_of_the_console_name_their_controls(number: int) -> None:
    attacks, _, controls = ROWS[number][1].partition("; controls ")
    assert "test_console_controls.py::test_without_" in controls
    assert "test_console_controls.py" not in attacks


MAIN = [path for path in sorted(RING.glob("test_*.py")) if not path.name.startswith(_BY_TABLE)]


@pytest.mark.parametrize("path", MAIN, ids=lambda path: path.stem)
def test_every_attack_on_the_main_job_has_its_number_and_its_row(path: Path) -> None:
    for name in names_in(path):
        numbers = numbers_of(name)
        assert numbers, f"{path.name}::{name} has no number of an attack (test_a12_...)"
        for number in numbers:
            assert path.name in ROWS[number][1], f"{path.name} is not in the row of A{number}"


def test_every_file_with_controls_shows_them() -> None:
    """A file of attacks on the main job says somewhere what happens without the defence."""
    for path in MAIN:
        text = path.read_text(encoding="utf-8").casefold()
        beside = path.with_name(f"{path.stem}_control.py")
        assert "control" in text or "unboxed" in text or beside.exists(), path.name
