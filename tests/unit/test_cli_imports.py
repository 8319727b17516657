"""What the quick commands import: a budget is kept by what is left out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.small_world import small_world

HEAVY = {
    "acp", "asyncio", "dbos", "httpx", "importlib.metadata", "jinja2", "psycopg", "pydantic",
    "ruamel", "sqlalchemy", "starlette", "uvicorn", "watchfiles", "yaml",
}  # fmt: skip
# The last one is what msgspec asks for.
LIBRARIES = {"click", "msgspec", "typing_extensions"}  # the last: msgspec's need
SERVICES = {
    "sps.services",
    "sps.services.add_card",
    "sps.services.card_view",
    "sps.services.ingest",
    "sps.services.lookup",
}
DUMP = """\
import json, sys
sys.argv = json.loads(sys.argv[1])
before = set(sys.modules)
from sps.entry import main
code = main()
sys.stderr.write(json.dumps([code, sorted(set(sys.modules) - before)]))
"""


def imported(*words: str, home: Path) -> set[str]:
    """Run a command in a fresh interpreter and return the modules it imported."""
    done = subprocess.run(
        [sys.executable, "-c", DUMP, json.dumps(["sps", *words])],
        env={"SPS_HOME": str(home), "PATH": os.environ["PATH"]},
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    code, modules = json.loads(done.stderr)
    assert code == 0, done.stdout
    return set(modules)


def foreign(modules: set[str]) -> set[str]:
    """Return the top packages that neither Python nor we brought."""
    tops = {name.partition(".")[0] for name in modules}
    return {top for top in tops if top not in sys.stdlib_module_names and top != "sps"}


def heavy(modules: set[str]) -> set[str]:
    return {name for name in modules if name in HEAVY or name.partition(".")[0] in HEAVY}


def test_version_imports_nothing_but_itself(tmp_path: Path) -> None:
    modules = imported("--version", home=tmp_path)
    assert {name for name in modules if name.startswith("sps")} == {"sps", "sps.entry"}
    assert foreign(modules) == set()


@pytest.mark.parametrize("words", [("card", "add", "demo", "Title", "Body"), ("card", "add", "-h")])
def test_card_add_imports_only_what_it_needs(tmp_path: Path, words: tuple[str, ...]) -> None:
    small_world(tmp_path / "home").store.close()
    modules = imported(*words, home=tmp_path / "home")
    assert heavy(modules) == set()
    assert foreign(modules) <= LIBRARIES


def test_card_add_imports_no_other_service_and_no_other_adapter(tmp_path: Path) -> None:
    small_world(tmp_path / "home").store.close()
    modules = imported("card", "add", "demo", "Title", "Body", home=tmp_path / "home")
    assert {name for name in modules if name.startswith("sps.services")} == SERVICES
    adapters = {name.split(".")[2] for name in modules if name.startswith("sps.adapters.")}
    assert adapters == {
        "card_files", "store_sqlite", "store_tables", "system_clock", "wake_socket",
    }  # fmt: skip
    layers = {name.split(".")[1] for name in modules if name.startswith("sps.")}
    assert not layers & {"daemon", "console", "scripted"}


@pytest.mark.parametrize(
    "words", [("--help",), ("card", "list", "demo"), ("status",), ("why", "demo", "1")]
)
def test_looking_needs_no_engine_and_no_web(tmp_path: Path, words: tuple[str, ...]) -> None:
    world = small_world(tmp_path / "home")
    from sps.model.card import CardText
    from sps.services.add_card import add_card

    add_card(world, "demo", CardText(title="One"))
    world.store.close()
    modules = imported(*words, home=tmp_path / "home")
    tops = {name.partition(".")[0] for name in heavy(modules)}
    assert tops <= {"yaml", "asyncio"}
