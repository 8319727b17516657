"""The size gate names what grew too large, and which exceptions nothing needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import check_size


def _write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _function(lines: int) -> str:
    return "def long():\n" + "    x = 1\n" * (lines - 1)


def test_small_code_passes(tmp_path: Path) -> None:
    _write(tmp_path, "src/a.py", _function(50))
    assert check_size.findings(tmp_path) == []


@pytest.mark.parametrize(
    "name,lines,fails",
    [
        ("src/a.py", 401, True),
        ("src/a.py", 400, False),
        ("scripts/a.py", 401, True),
        ("tests/unit/test_a.py", 600, False),
        ("tests/unit/test_a.py", 601, True),
        ("src/sps/library/skill/a.py", 900, False),
        ("tests/unit/data/a.py", 900, False),
    ],
)
def test_file_limit_is_exact(tmp_path: Path, name: str, lines: int, fails: bool) -> None:
    _write(tmp_path, name, "x = 1\n" * lines)
    assert bool(check_size.findings(tmp_path)) is fails


def test_long_method_is_named_with_its_class(tmp_path: Path) -> None:
    body = "        x = 1\n" * 50
    _write(tmp_path, "src/a.py", f"class Thing:\n    async def work(self):\n{body}")
    assert check_size.findings(tmp_path) == [
        "src/a.py:Thing.work: 51 lines, the limit is 50; split it"
    ]


def test_exception_lifts_the_limit_only_so_far(tmp_path: Path) -> None:
    _write(tmp_path, "src/a.py", _function(60))
    _write(tmp_path, check_size.EXCEPTIONS, "# head\nsrc/a.py:long 60 a table\n")
    assert check_size.findings(tmp_path) == []
    _write(tmp_path, "src/a.py", _function(61))
    assert check_size.findings(tmp_path) == ["src/a.py:long: 61 lines, the limit is 60; split it"]


def test_exception_without_need_or_reason_fails(tmp_path: Path) -> None:
    _write(tmp_path, "src/a.py", _function(10))
    _write(tmp_path, check_size.EXCEPTIONS, "src/a.py:long 60 a table\nsrc/a.py 500\n")
    found = check_size.findings(tmp_path)
    assert len(found) == 2
    assert "wants `path[:function] limit reason`" in found[0]
    assert "src/a.py:long keeps the usual limit" in found[1]
