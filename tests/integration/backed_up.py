"""What a backup is taken of, and the commands that take it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.integration.scene import Make, Scene, file


def run_sps(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command on a home as a program, with more variables where they are given."""
    env = {**os.environ, "SPS_HOME": str(home), **more}
    command = [sys.executable, "-m", "sps", *words]
    return subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=100, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def worked(make: Make) -> Scene:
    """A home with a card that landed and one that waits."""
    scene = make()
    scene.add(file("a.txt", "a\n"))
    assert scene.tick().finished
    scene.add(file("b.txt", "b\n"), hold=True, title="Wait for me")
    scene.tick()
    return scene
