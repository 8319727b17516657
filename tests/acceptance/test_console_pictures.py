"""Every page, and what can be opened on it, on a desk and a phone, in light and dark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

import pytest

from sps.console.front import registry
from sps.console.registry import Surface
from sps.console.routing import Router
from sps.model.access import Role
from tests.acceptance.browser import BROWSER, Browse, Site
from tests.acceptance.console_looks import CHINESE, FOLDER, SCREENS, Screen, Shot, look
from tests.acceptance.gallery import gallery

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [*BROWSER, pytest.mark.timeout(400)]


def _click(*where: str) -> Callable[[Page], None]:
    """Return what clicks on each of these, as far as it is to be seen."""

    def reach(page: Page) -> None:
        for one in where:
            page.locator(f"{one}:visible").first.click()

    return reach


def _peek(page: Page) -> None:
    from playwright.sync_api import expect

    page.locator("#m-2").click()
    page.locator("#menu-peek").click()
    expect(page.locator("#peek-in")).to_contain_text("Greet people")


def _found(page: Page) -> None:
    from playwright.sync_api import expect

    page.locator("[data-palette]:visible").first.click()
    page.locator("#palette input").fill("greet")
    expect(page.locator("#palette [role=option]").first).to_contain_text("Greet")


def _refused(page: Page) -> None:
    page.locator("[name=code]").fill("not-a-code")
    page.get_by_role("button").first.click()
    page.wait_for_load_state()


def _card(seq: int, name: str) -> list[Shot]:
    tabs = ("", "/run", "/changes", "/gates", "/timeline")
    return [Shot(f"{name}-{tab[1:] or 'spec'}", f"/p/demo/c/{seq}{tab}") for tab in tabs]


# Every page, as it is when its address is opened.
PAGES = (
    Shot("needs", "/"),
    Shot("projects", "/projects"),
    Shot("board", "/p/demo/board"),
    Shot("board-move", "/p/demo/c/8/move"),
    Shot("project", "/p/demo"),
    Shot("pipeline", "/p/demo/pipeline"),
    *_card(2, "card"),
    Shot("review", "/review"),
    Shot("workers", "/workers"),
    Shot("skills", "/skills"),
    Shot("skill", "/skills/coding-standards"),
    Shot("skill-update", "/skills/plum/update?project=demo"),
    Shot("logs", "/logs"),
    Shot("logs-daemon", "/logs/daemon"),
    Shot("health", "/health"),
    Shot("settings", "/settings"),
    Shot("notices", "/settings/notices"),
    Shot("api", "/api"),
    Shot("palette", "/palette"),
    Shot("sign-in", "/sign-in", role=None),
)
# What is opened on them, other contents, and what goes wrong.
STATES = (
    Shot("needs-request", "/", _click("#ask-demo-2 summary")),
    Shot("board-menu", "/p/demo/board", _click("#m-2")),
    Shot("board-new", "/p/demo/board", _click("[data-open=new]")),
    Shot("board-picked", "/p/demo/board", _click("#k-8", "#k-9")),
    Shot("board-views", "/p/demo/board?q=label:backend", _click("#views summary")),
    Shot("board-peek", "/p/demo/board", _peek),
    Shot("board-done", "/p/demo/board?done=true"),
    Shot("board-filter", "/p/demo/board?q=label:backend"),
    Shot("board-wrong-filter", "/p/demo/board?q=is:nonsense"),
    Shot("board-empty", "/p/blank/board"),
    Shot("board-crowd", "/p/crowd/board"),
    Shot("board-broken", "/p/broken/board"),
    Shot("board-viewer", "/p/demo/board", role=Role.VIEWER),
    Shot("project-broken", "/p/broken"),
    Shot("pipeline-broken", "/p/broken/pipeline"),
    *_card(1, "landed"),
    *_card(3, "red"),
    Shot("failed-spec", "/p/demo/c/4"),
    Shot("failed-run", "/p/demo/c/4/run"),
    Shot("working-run", "/p/demo/c/5/run"),
    *_card(9, "held"),
    Shot("waiting-spec", "/p/demo/c/11"),
    Shot("dropped-spec", "/p/demo/c/12"),
    Shot("card-edit", "/p/demo/c/8?edit=1"),
    Shot("card-split", "/p/demo/c/8", _click("#card-more > summary")),
    Shot("card-changes-split", "/p/demo/c/2/changes?view=split"),
    Shot("card-timeline-full", "/p/demo/c/2/timeline?full=1"),
    Shot("review-ask", "/review", _click("#ask summary")),
    Shot("skill-new", "/skills/pear"),
    Shot("skills-quarantine", "/skills?state=quarantine"),
    Shot("logs-open", "/logs", _click(".line summary")),
    Shot("logs-nothing", "/logs?text=no-such-word"),
    Shot("palette-open", "/projects", _found),
    Shot("help", "/p/demo/board", lambda page: page.keyboard.press("?")),
    Shot("not-found", "/nowhere", allows="404"),
    Shot("no-card", "/p/demo/c/900", allows="404"),
    Shot("not-allowed", "/skills/plum/update?project=demo", role=Role.VIEWER, allows="403"),
    Shot("no-session", "/projects", role=None, allows="401"),
    Shot("sign-in-refused", "/sign-in", _refused, role=None, allows="422"),
)
# Parts of pages, files, and what only leads elsewhere: there is nothing of ours to look at.
NO_PAGE = {
    "/nav": "a part of every page",
    "/p/{project}/board/{column}": "a part of the board",
    "/p/{project}/c/{seq}/peek": "a part of the board",
    "/p/{project}/pipeline/offer": "a part of the editor",
    "/p/{project}/c/{seq}/run/at": "leads to the run",
    "/p/{project}/c/{seq}/changes/blob": "a file",
    "/p/{project}/c/{seq}/gates/{gate}/log": "plain text",
    "/p/{project}/export": "a file",
    "/logs/download": "a file",
    "/health/report": "a file",
    "/runbooks/{page}": "plain text",
    "/static/{path:path}": "files",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with gallery(tmp_path_factory.mktemp("gallery")) as made:
        yield made


def test_every_page_of_the_registry_is_looked_at() -> None:
    router = Router(registry())
    seen = {router.find("GET", one.path.partition("?")[0])[0].path for one in PAGES}
    pages = {
        one.path for one in registry().routes
        if one.verb == "GET" and one.surface in (Surface.PAGE, Surface.OPEN)
    }  # fmt: skip
    assert seen.isdisjoint(NO_PAGE)
    assert seen | set(NO_PAGE) == pages


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_every_page_fits_and_has_no_barrier(site: Site, browse: Browse, screen: Screen) -> None:
    look(browse, site, PAGES, screen)


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_every_state_fits_and_has_no_barrier(site: Site, browse: Browse, screen: Screen) -> None:
    """On one screen each, for time; on every screen when pictures are taken."""
    own = SCREENS.index(screen)
    some = STATES if FOLDER else STATES[own :: len(SCREENS)]
    look(browse, site, some, screen)
    if screen.phone:
        look(browse, site, [Shot("sheet", "/p/demo/board", _click(".more-nav"))], screen)


@pytest.mark.parametrize("screen", CHINESE, ids=str)
def test_every_page_fits_in_chinese(site: Site, browse: Browse, screen: Screen) -> None:
    look(browse, site, chain(PAGES, STATES if FOLDER else ()), screen)
