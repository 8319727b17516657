"""The kill matrix enumerates its points from the code, so it cannot forget one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kill.__main__ import plans
from tests.kill.points import kill_points
from tests.kill.scene import OWNER_COMMITS


def test_the_boundaries_of_landing_and_salvage_are_kill_points() -> None:
    points = kill_points()
    for name in ("land-after-intent", "land-after-commit", "land-after-record", "land-after-push"):
        assert name in points
    assert len([point for point in points if point.startswith("collect-")]) >= 5


def test_a_point_without_a_literal_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text("from sps.lib.killpoint import reach\nreach(name)\n")
    with pytest.raises(ValueError, match="literal"):
        kill_points(tmp_path)


def test_the_plans_hold_every_single_every_inner_pair_and_the_drawn_ones() -> None:
    points = ["collect-a", "land-a", "land-b", "sweep-a", "work-a"]
    chosen = plans(points, 3, seed=1, whole=False)
    assert {plan[-1] for plan in chosen[:5]} == set(points)
    assert ("land-a", "land-b") in chosen
    assert ("collect-a", "sweep-a") in chosen
    assert ("land-a", OWNER_COMMITS, "land-b") in chosen
    assert len(chosen) == 5 + 4 + 4 + 4 + 3
    assert chosen == plans(points, 3, seed=1, whole=False)


def test_the_whole_matrix_is_every_pair() -> None:
    points = ["a", "b", "c"]
    assert len(plans(points, 0, seed=1, whole=True)) == 3 + 9
