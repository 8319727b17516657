"""What the tests of real agents need: the fetched program, a model, a place to work."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.fetch_agent import NotFetched, cache_folder, fetch
from tests.agents.codex import registry
from tests.agents.model import ModelServer
from tests.agents.place import Place, make_place

GATE = {"greeting": "test ! -e greeting.txt || grep -q hello greeting.txt"}


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
def codex(tmp_path: Path, codex_program: Path, model: ModelServer) -> Place:
    """A project whose agent is Codex with the scripted model."""
    text = registry(codex_program, model.port, env={})
    return make_place(tmp_path, agent="codex-under-test", gates=GATE, registry=text)
