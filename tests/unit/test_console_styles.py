"""The console's styles can be read: a line for each declaration."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sps.console

FOLDER = Path(sps.console.__file__).parent / "static" / "css"
_QUOTED = re.compile(r'"[^"]*"|/\*.*?\*/', re.DOTALL)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.css")), ids=lambda path: path.name)
def test_a_line_holds_one_declaration_or_one_brace(path: Path) -> None:
    text = _QUOTED.sub('""', path.read_text(encoding="utf-8"))
    packed = [line for line in text.splitlines() if len(re.findall(r"[;{}]", line)) > 1]
    assert packed == []
