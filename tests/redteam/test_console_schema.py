"""Schemathesis over the API document, against a real socket: no defect, and no answer whose status,
kind, headers or shape the document does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sps.console import rate
from sps.console.front import registry
from sps.console.openapi import described
from sps.model.access import GrantKind, Role
from sps.model.card import CardState
from sps.services import access
from tests.fakes.skill_bench import git
from tests.fakes.small_world import card_in, small_world
from tests.redteam.console_paths import WORDS
from tests.redteam.console_socket import served

pytestmark = pytest.mark.needs("git")
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_headers_conformance, response_schema_conformance,
]  # fmt: skip
EXAMPLES = 6
PIPELINE = "version: 1\nagent: scripted\nstages: [{name: develop}]\n"
DOCUMENT = described(registry())
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
# A stream never ends; what it says is looked at elsewhere.
_WORD = re.compile(r"\{(\w+)\}")
OPERATIONS = [
    found.ok() for found in SCHEMA.get_all_operations() if not found.ok().path.endswith("/events")
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """A console that never asks to wait, and the headers of an administrator's program."""
    world = small_world(tmp_path_factory.mktemp("schema") / "home")
    for state in (CardState.PLANNING, CardState.RUNNING, CardState.NEEDS_HUMAN):
        card_in(world, state)
    world.pipeline_files.install("demo", PIPELINE)
    project = world.store.read(lambda tx: tx.project("demo"))
    assert project is not None
    repo = Path(project.repo)
    repo.mkdir(parents=True)
    git(repo, "init", "-q", "-b", project.branch)
    (repo / "README.md").write_text("demo\n")
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "start")
    world.vault.create(project)
    secret, _ = access.grant(world, GrantKind.TOKEN, Role.ADMIN, "schemathesis")
    with pytest.MonkeyPatch.context() as patch:
        for bucket in ("_READS", "_WRITES"):
            patch.setattr(rate, bucket, (1e6, 1e6))
        with served(world) as port:
            yield f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {secret}"}
    world.store.close()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=str)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.label)
def test_every_answer_is_one_that_the_document_knows(
    site: tuple[str, dict[str, str]], operation: Any, mode: GenerationMode
) -> None:
    url, headers = site
    words = {word: WORDS[word] for word in _WORD.findall(operation.path) if word in WORDS}
    anywhere = operation.as_strategy(generation_mode=mode)
    # Half of them go to what is there: any other name ends at the first look for it.
    there = operation.as_strategy(generation_mode=mode, path_parameters=words)

    @settings(
        max_examples=EXAMPLES,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    @given(case=st.one_of(anywhere, there) if words else anywhere)
    def sent(case: Any) -> None:
        case.call_and_validate(base_url=url, headers=headers, checks=CHECKS, timeout=20)

    sent()


def test_an_answer_that_the_document_does_not_know_is_found(
    site: tuple[str, dict[str, str]],
) -> None:
    """The control: the same check, with a document that promises less than the console says."""
    from copy import deepcopy

    from schemathesis.core.failures import FailureGroup

    url, headers = site
    less = deepcopy(DOCUMENT)
    del less["paths"]["/api/v1/projects/{project}/board"]["get"]["responses"]["404"]
    poorer = schemathesis.openapi.from_dict(less)["/api/v1/projects/{project}/board"]["GET"]
    case = poorer.Case(path_parameters={"project": "nobody"})
    with pytest.raises(FailureGroup):
        case.call_and_validate(base_url=url, headers=headers, checks=CHECKS, timeout=20)
