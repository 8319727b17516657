"""A home in which nothing has happened yet, and one whose database is broken."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sps.services.init_project import init_project
from tests.acceptance.browser import BROWSER, Browse, Site, served
from tests.acceptance.console_looks import CHINESE, FOLDER, SCREENS, Shot, faults, look
from tests.acceptance.installed_cli import Cli, make

pytestmark = [*BROWSER, pytest.mark.timeout(300)]
# Pictures are taken on every screen; without them two that differ in everything are enough.
_SCREENS = (*SCREENS, *CHINESE) if FOLDER else (SCREENS[0], SCREENS[3])
_EMPTY = ("/", "/projects", "/review", "/workers", "/logs", "/logs/daemon", "/health")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    demo = make(tmp_path)
    assert demo("project", "remove", "demo").code == 0
    fresh = Cli(tmp_path / "fresh", demo.repo)
    assert fresh("setup").code == 0
    with served(fresh) as made:
        yield made


def test_pages_of_an_empty_home_fit_and_have_no_barrier(site: Site, browse: Browse) -> None:
    shots = [Shot(f"empty{one.replace('/', '-').rstrip('-')}", one) for one in _EMPTY]
    for screen in _SCREENS:
        look(browse, site, shots, screen)
    pipeline = site.cli.home.parent / "pipeline.yaml"
    init_project(site.world, "calm", repo=str(site.cli.repo), pipeline=pipeline)
    for screen in _SCREENS:
        look(browse, site, [Shot("needs-nothing", "/")], screen)


def test_broken_database_gives_an_error_page_never_an_empty_board(
    site: Site, browse: Browse
) -> None:
    pipeline = site.cli.home.parent / "pipeline.yaml"
    init_project(site.world, "calm", repo=str(site.cli.repo), pipeline=pipeline)
    shot = Shot("database-broken", "/p/calm/board", allows="503")
    pages = [(screen, screen.open(browse)) for screen in _SCREENS]
    _break(site.cli.home / "sps.db")
    found = []
    for screen, page in pages:
        found += faults(page, site, shot, screen)
        assert page.get_by_text("503 · database-broken").is_visible()
        assert page.get_by_text("sps restore").is_visible()
    assert not found, "\n".join(found)


def _break(database: Path) -> None:
    """Damage a database under its running daemon, as a failing disk does."""
    with closing(sqlite3.connect(database)) as base:
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = database.stat().st_size
    with database.open("r+b") as file:
        file.write(b"\xff" * size)
