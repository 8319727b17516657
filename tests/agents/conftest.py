"""What the tests of real agents need: the fetched programs, a model, a place to work."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from scripts.fetch_agent import NotFetched, cache_folder, fetch
from tests.agents.model import ModelServer
from tests.agents.place import Place, make_place
from tests.agents.subjects import SUBJECTS, Subject


@cache
def _program(name: str) -> Path | str:
    """Return a pinned program, or why it cannot be had; asked once for all tests."""
    try:
        return fetch(name, cache_folder())
    except NotFetched as err:
        return str(err)


def _fetched(subject: Subject) -> dict[str, Path]:
    """The pinned programs. Where one cannot be had the test is skipped loudly, and fails in CI."""
    found = {name: _program(name) for name in subject.programs}
    missing = [why for why in found.values() if isinstance(why, str)]
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"NOT TESTED: {missing[0]}", pytrace=False)
    if missing:
        pytest.skip(f"NOT TESTED: {missing[0]}")
    return {name: path for name, path in found.items() if isinstance(path, Path)}


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
def place(tmp_path: Path) -> Iterator[Place]:
    made = make_place(tmp_path)
    yield made
    made.world.store.close()


@pytest.fixture(params=SUBJECTS, ids=lambda subject: subject.entry)
def subject(request: pytest.FixtureRequest) -> Subject:
    return request.param


@pytest.fixture
def agent(place: Place, subject: Subject, model: ModelServer, other_port: int) -> Place:
    """A project whose agent is the one under test, with the scripted model."""
    programs = _fetched(subject)
    outside = place.root / "outside.txt"
    outside.write_text("nothing for an agent\n")
    env = {
        "OUTER_FILE": str(outside),
        "OUTER_REPOSITORY": str(place.repo),
        "OUTER_PORT": str(other_port),
        "MODEL_PORT": str(model.port),
    }
    registry = place.world.registry
    registry.add(subject.kind(registry.kind(subject.entry), programs, model.port, env))
    place.join(subject.name)
    return place
