"""A stop is obeyed in time, also while git hangs at the landing target."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import pytest

from sps.adapters.git_vault import GitVault
from sps.flow import tag
from sps.flow.sweep import sweep
from sps.lib import process, proctree
from sps.lib.reins import Reins
from sps.model.errors import WorkFailed
from sps.model.pipeline import Land
from tests.integration.scene import Scene, until

pytestmark = pytest.mark.needs("git")
_PATIENCE_S = 30.0


def _hanging_git(folder: Path) -> Path:
    """Make a git whose fetch says that it is there, and hangs."""
    program = folder / "git"
    real = 'exec git "$@"'
    script = f'#!/bin/sh\nfor word; do test "$word" = fetch && exec sleep 600; done\n{real}\n'
    program.write_text(script)
    program.chmod(0o755)
    return program


def test_hanging_git_carries_the_tag_of_the_home_and_ends_when_it_is_told(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.repo.commit({"more.txt": "more\n"})
    project = scene.world.store.read(lambda tx: tx.project("p"))
    assert project is not None
    reins = Reins()
    reins.take({tag.VARIABLE: f"{tag.home_prefix(scene.world)}vault/git/target"})
    vault = GitVault(scene.world.home, str(_hanging_git(tmp_path)), reins=reins)
    failures: list[WorkFailed] = []

    def refresh() -> None:
        try:
            vault.refresh(project, Land())
        except WorkFailed as err:
            failures.append(err)

    threads = [threading.Thread(target=refresh) for _ in range(2)]  # the second waits for the lock
    for thread in threads:
        thread.start()
    until(scene.orphans, "the hanging git")
    assert tag.parse(next(iter(scene.orphans().values()))) is None  # no card's process
    reins.stop.set()
    for thread in threads:
        thread.join(_PATIENCE_S)
    assert [err.code for err in failures] == ["git-stopped", "git-stopped"]
    assert scene.orphans() == {}
    scene.close()


def test_git_that_outlived_its_daemon_is_found_by_the_next_sweep(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    mark = f"{tag.home_prefix(scene.world)}vault/git/target"
    env = {"PATH": "/usr/bin:/bin", tag.VARIABLE: mark}
    orphan = process.Background(["sleep", "600"], env=env, log=str(tmp_path / "log"))
    try:
        until(scene.orphans, "the orphan")
        asyncio.run(sweep(scene.world))
        until(lambda: not orphan.alive(), "its end")
    finally:
        orphan.stop(1.0)
    scene.close()


def test_stop_is_over_in_time_although_the_engine_and_git_hang(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sps.daemon import life

    monkeypatch.setattr(life, "STOP_S", 0.5)
    monkeypatch.setattr(life, "_GIT_S", 0.1)
    scene = Scene(tmp_path)
    told: list[bool] = []

    class Stuck:
        async def start(self, workflow: object) -> None: ...

        async def stop(self) -> None:
            told.append(scene.world.reins.stop.is_set())
            await asyncio.sleep(_PATIENCE_S * 4)

    async def one_life() -> None:
        async with life.working(scene.world, Stuck()):  # type: ignore[arg-type]
            pass

    began = time.monotonic()
    asyncio.run(one_life())
    assert time.monotonic() - began < _PATIENCE_S
    assert told == [False]  # git has a moment to end by itself
    assert not scene.world.reins.stop.is_set()  # the next tick of this process may fetch
    assert proctree.tagged(tag.VARIABLE, tag.home_prefix(scene.world)) == {}
    scene.close()
