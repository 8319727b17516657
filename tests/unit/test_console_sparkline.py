"""The small pictures of numbers."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from sps.console.render.sparkline import sparkline

_VALUES = st.lists(st.none() | st.floats(0, 1e12), max_size=40)


@given(_VALUES, st.text())
def test_only_bars_come_out_and_all_stay_inside(values: list[float | None], title: str) -> None:
    drawn = str(sparkline(values, title))
    assert set(re.findall(r"<(\w+)", drawn)) <= {"svg", "rect"}
    assert drawn.count("<rect") == len(values)
    for y, height in re.findall(r'y="([\d.]+)" width="[\d.]+" height="([\d.]+)"', drawn):
        assert 0 <= float(y) <= 36
        assert abs(float(y) + float(height) - 36) < 0.02


def test_a_title_is_only_text() -> None:
    assert "&#34;&gt;&lt;script&gt;" in sparkline([1.0], '"><script>')


def test_a_day_with_anything_is_seen_and_one_without_is_not_mistaken() -> None:
    drawn = str(sparkline([None, 0.0, 0.001, 1000.0], "t"))
    assert drawn.count('class="none"') == 2
    assert drawn.count('class="day"') == 2
