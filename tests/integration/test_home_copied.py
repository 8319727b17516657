"""A copy of a home does not work beside the one it was made of; a home that was moved goes on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sps.bootstrap import open_world
from sps.daemon.life import take_lock
from sps.lib.lock import holder
from sps.model.errors import Held


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that was worked on."""
    root = tmp_path / "home"
    _work(root, create=True)
    return root


def _work(root: Path, *, create: bool = False) -> None:
    world = open_world(root, create=create)
    try:
        take_lock(world, "tick").release()
    finally:
        world.store.close()


def test_a_copy_is_refused_while_the_other_is_there_and_both_are_named(
    home: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(home, copy)
    with pytest.raises(Held) as refused:
        _work(copy)
    assert refused.value.code == "home-copied"
    assert str(home) in str(refused.value)
    assert str(copy) in str(refused.value)
    assert refused.value.hint == f"SPS_HOME={home} sps status"
    assert holder(copy / "daemon.lock") is None
    _work(home)


def test_a_copy_of_a_home_that_is_gone_takes_its_place(home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(home, copy)
    home.rename(tmp_path / "old")
    _work(copy)
    shutil.rmtree(tmp_path / "old")
    _work(copy)


def test_a_home_that_was_moved_goes_on_also_where_another_one_lies_now(
    home: Path, tmp_path: Path
) -> None:
    moved = home.rename(tmp_path / "moved")
    _work(home, create=True)
    _work(moved)
    _work(home)


def test_a_home_reached_by_another_way_is_no_copy(home: Path, tmp_path: Path) -> None:
    way = tmp_path / "way"
    way.symlink_to(home)
    _work(way)
    _work(home)
