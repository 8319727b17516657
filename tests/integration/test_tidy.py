"""What nobody needs again is removed, and what an open card needs is not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.flow.tidy import tidy
from sps.services.verify import verify
from tests.integration.scene import Make, file, scenes

pytestmark = pytest.mark.needs("git", "bwrap")
_TREES = "refs/sps/trees"


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with scenes(tmp_path) as build:
        yield build


def test_home_forgets_trees_of_other_machines_once_no_open_card_stands_on_them(make: Make) -> None:
    scene = make()
    scene.add(file("new.txt", "new\n"))
    scene.tick()
    scene.add(file("app.txt", "by the card\n"))
    (scene.repo.path / "app.txt").write_text("by the owner\n")
    scene.tick()
    assert scene.standing(2) == ("landing", "target-dirty")
    trees = {seq: str(scene.card(seq).tree) for seq in (1, 2)}
    fresh = scene.vault("rev-parse", "main^{tree}")
    for name in {*trees.values(), fresh}:
        scene.vault("update-ref", f"{_TREES}/{name}", name)
        os.utime(scene.world.home.vault("p") / _TREES / name, (1, 1))
    scene.vault("update-ref", f"{_TREES}/fresh", fresh)

    def left() -> set[str]:
        return set(scene.vault("for-each-ref", "--format=%(refname)", _TREES).split())

    before = left()
    tidy(scene.world, "p")
    assert left() == before  # a home of one machine has none to forget
    vars(scene.world).update(_url="postgresql://elsewhere")
    tidy(scene.world, "p")
    assert left() == {f"{_TREES}/{trees[2]}", f"{_TREES}/fresh"}
    vars(scene.world).update(_url="")
    assert verify(scene.world).ok
    scene.repo.git("checkout", "-q", "--", ".")
    assert scene.tick().finished
