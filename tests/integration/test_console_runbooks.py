"""Every error names the page that explains it, and that page is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.console import runbooks
from tests.integration.console_scene import ConsoleScene, console_scene

INDEX = Path(__file__).parents[2] / "docs" / "runbooks" / "README.md"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleScene]:
    with console_scene(tmp_path_factory.mktemp("runbooks")) as made:
        yield made


def test_a_code_of_the_index_leads_to_its_page_and_any_other_to_the_page_for_all() -> None:
    rows = re.findall(r"^\| (`.+?) \| .*\((.+)\.md\) \|$", INDEX.read_text(), re.MULTILINE)
    assert len(rows) > 20
    for codes, page in rows:
        for code in re.findall(r"`([^`]+)`", codes):
            assert runbooks.address(code) == f"/runbooks/{page}"
    assert runbooks.address("never-heard-of") == "/runbooks/request"


@pytest.mark.parametrize(
    "path,page",
    [("/api/v1/projects/nobody", "request"), ("/api/v1/no/such", "request"),
     ("/api/v1/projects/demo/pipeline/offer", "target-refused")],
)  # fmt: skip
def test_an_error_names_a_page_that_is_there(scene: ConsoleScene, path: str, page: str) -> None:
    client = scene.client()
    said = client.get(path, {"accept": "application/json"}).json
    assert said["runbook"] == f"/runbooks/{page}"
    found = client.get(said["runbook"])
    assert found.headers["content-type"] == "text/plain; charset=utf-8"
    assert "## Mitigation" in found.text


def test_what_a_page_leads_to_is_there_too(scene: ConsoleScene) -> None:
    text = scene.client().get("/runbooks/base-red").text
    (address,) = re.findall(r"\((/[^)]+)\)", text)
    assert address == "/runbooks/environments"
    assert scene.client().get(address).text.startswith("# Projects with dependencies")


def test_a_stranger_is_told_which_page_without_reading_it(scene: ConsoleScene) -> None:
    said = scene.stranger().get("/api/v1/needs").json
    assert said["runbook"] == "/runbooks/console"
    assert scene.stranger().get(said["runbook"]).status == 401


def test_an_error_page_leads_to_it(scene: ConsoleScene) -> None:
    assert 'href="/runbooks/request"' in scene.client().get("/p/nobody/board").text


@pytest.mark.parametrize("name", ["nothing", "..", "%2e%2e", "..%2fREADME", "README.md"])
def test_no_other_file_is_a_page(scene: ConsoleScene, name: str) -> None:
    assert scene.client().get(f"/runbooks/{name}", {"accept": "text/html"}).status == 404
