"""A refused landing is tried less and less often, and at once when something about it changes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from itertools import pairwise
from pathlib import Path

import pytest

from sps.daemon.dispatcher import SCAN_S, Dispatcher
from sps.daemon.life import working
from sps.lib.times import rfc3339
from sps.ports.engine import Engine
from sps.services.why import why
from tests.fakes.clock import FakeClock
from tests.integration.scene import PIPELINE, Make, Scene, file, own_logging, scenes
from tests.vault_place import naive

pytestmark = pytest.mark.needs("git", "bwrap")


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with scenes(tmp_path, PIPELINE + "land: {to: origin}\n") as build:
        yield build


def refused(make: Make) -> tuple[Scene, Path]:
    """Return a scene with a card that its remote does not take, and the hook that refuses it."""
    scene = make()
    remote = scene.folder / "remote.git"
    naive("clone", "-q", "--bare", str(scene.repo.path), str(remote), cwd=scene.folder)
    scene.repo.git("remote", "add", "origin", str(remote))
    hook = remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho protected >&2\nexit 1\n")
    hook.chmod(0o755)
    scene.add(file("new.txt", "new\n"))
    scene.tick()
    assert scene.standing(1) == ("landing", "target-refused")
    return scene, hook


class Life:
    """A process whose time the test decides."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.clock = FakeClock(scene.card(1).updated_at)
        vars(scene.world).update(clock=self.clock)
        self._engine: Engine = scene.world.engine()

    async def pass_(self, dispatcher: Dispatcher, seconds: float) -> int:
        """Let this time pass, then one turn; return how often the landing was tried in it."""
        before = self.scene.verbs(1).count("resume")
        await self.clock.advance(seconds)
        await dispatcher.turn()
        for launch in self._engine.running():
            await self._engine.wait(launch)
        return self.scene.verbs(1).count("resume") - before

    def waits_s(self) -> float:
        """Return in how many seconds the landing is tried next."""
        return (self.scene.card(1).not_before - self.clock.now()) / 1000

    def lives(self) -> AbstractAsyncContextManager[Dispatcher]:
        return working(self.scene.world, self._engine)


def test_refused_landing_waits_longer_each_time_and_why_says_until_when(make: Make) -> None:
    scene, hook = refused(make)
    life = Life(scene)
    tried: list[float] = []

    async def scenario() -> None:
        async with life.lives() as dispatcher:
            for number in range(120):
                if await life.pass_(dispatcher, SCAN_S if number else 0):
                    tried.append(life.clock.steady())
                    later = scene.card(1).not_before
                    assert f"Next try: {rfc3339(later)}." in why(scene.world, "p", 1).why
            hook.unlink()
            assert await life.pass_(dispatcher, life.waits_s() - 0.5) == 0
            assert await life.pass_(dispatcher, 0.6) == 1

    with own_logging():
        asyncio.run(scenario())
    gaps = [after - before for before, after in pairwise(tried)]
    assert tried[0] == 0  # a fresh process asks at once
    assert len(tried) < 16  # of twenty minutes, in which 120 scans were made
    assert gaps[0] <= 2 * SCAN_S
    assert max(gaps[:4]) < max(gaps[4:]) <= 300 + SCAN_S
    assert scene.states() == {1: "done"}
    assert len(scene.events(1)) < 80


def test_change_of_what_refused_it_has_the_landing_tried_at_the_next_scan(make: Make) -> None:
    scene, _ = refused(make)
    life = Life(scene)

    def edit() -> None:
        path = scene.path(1)
        path.write_text(path.read_text() + "\nOne more word.\n")

    def configure() -> None:
        scene.repo.git("config", "core.sshCommand", "ssh -4")

    def pipeline() -> None:
        text = PIPELINE + "land: {to: origin, mode: squash}\n"
        scene.world.pipeline_files.install("p", text)

    async def scenario() -> None:
        async with life.lives() as dispatcher:
            await life.pass_(dispatcher, 0)
            for change in (edit, configure, pipeline):
                for _ in range(60):
                    if life.waits_s() > 3 * SCAN_S:
                        break
                    await life.pass_(dispatcher, SCAN_S)
                assert await life.pass_(dispatcher, SCAN_S) == 0
                change()
                assert await life.pass_(dispatcher, SCAN_S) == 1, change
                assert life.waits_s() <= SCAN_S  # from here on it begins anew

    with own_logging():
        asyncio.run(scenario())
    assert scene.states() == {1: "landing"}
