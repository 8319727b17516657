"""What the tests of real agents need: the fetched program, a model, a place to work."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.fetch_agent import NotFetched, cache_folder, fetch
from tests.agents.codex import NAME, under_test
from tests.agents.model import ModelServer
from tests.agents.place import Place, make_place


@pytest.fixture(scope="session")
def codex_program() -> Path:
    """The pinned program. Where it cannot be had the test is skipped loudly, and fails in CI."""
    try:
        return fetch("codex-acp", cache_folder())
    except NotFetched as err:
        if os.environ.get("CI") == "true":
            pytest.fail(f"NOT TESTED: {err}", pytrace=False)
        pytest.skip(f"NOT TESTED: {err}")


@pytest.fixture
def model(tmp_path: Path) -> Iterator[ModelServer]:
    with ModelServer(tmp_path / "model.jsonl") as server:
        yield server


@pytest.fixture
def other_port() -> Iterator[int]:
    """A port of the host that no agent was given."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return make_place(tmp_path)


@pytest.fixture
def codex(place: Place, codex_program: Path, model: ModelServer, other_port: int) -> Place:
    """A project whose agent is Codex with the scripted model."""
    outside = place.root / "outside.txt"
    outside.write_text("nothing for an agent\n")
    env = {
        "OUTER_FILE": str(outside),
        "OUTER_REPOSITORY": str(place.repo),
        "OUTER_PORT": str(other_port),
        "MODEL_PORT": str(model.port),
    }
    registry = place.world.registry
    registry.add(under_test(registry.kind("zed-codex"), codex_program, model.port, env))
    place.join(NAME)
    return place
