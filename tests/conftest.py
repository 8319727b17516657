"""What holds for every ring of tests."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.fakes.postgres_server import Server

# A slow machine is no bug: properties are bounded by their number of examples, not by the clock.
settings.register_profile("sps", deadline=None, print_blob=True)
settings.load_profile("sps")

# Being installed is not enough for these: a kernel may refuse what they do.
_PROBES = {"bwrap": ("--ro-bind", "/", "/", "--unshare-all", "--die-with-parent", "true")}


@functools.cache
def missing_reason(tool: str) -> str | None:
    """Why a test cannot use this program here; None when it can."""
    if tool == "postgres":
        from tests.fakes import postgres_server

        return postgres_server.missing()
    # Neither a program of our own environment nor a server of the system need be on PATH.
    places = f"{Path(sys.executable).parent}:/usr/sbin"
    path = shutil.which(tool) or shutil.which(tool, path=places)
    if path is None:
        return f"{tool} is not installed"
    if tool not in _PROBES:
        return None
    probe = subprocess.run(
        [path, *_PROBES[tool]], capture_output=True, text=True, timeout=30, check=False
    )
    if probe.returncode == 0:
        return None
    return f"{tool} does not work here: {probe.stderr.strip()[:200]}"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test without its programs is skipped loudly on a desk, and fails in CI."""
    for marker in item.iter_markers("needs"):
        for tool in marker.args:
            reason = missing_reason(tool)
            if reason is None:
                continue
            if os.environ.get("CI") == "true":
                pytest.fail(f"NOT TESTED: {reason}, and CI must have it", pytrace=False)
            pytest.skip(f"NOT TESTED: {reason}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One PostgreSQL server for all tests that ask for it."""
    from tests.fakes import postgres_server

    with postgres_server.server() as running:
        yield running
