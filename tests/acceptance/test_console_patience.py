"""Impatient people, ended sessions, consoles that went away: nothing twice, nothing lost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from sps.model.access import GrantKind
from sps.services import access
from sps.services.change_project import ProjectChanges, set_project
from tests.acceptance.browser import (
    BROWSER,
    PATIENCE_S,
    Site,
    allow,
    live,
    sign_in,
    until,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = BROWSER
BOARD = "/p/demo/board"
expect.set_options(timeout=PATIENCE_S * 1000)
_AWAY = "ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET|503"


def _focus(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.textContent"))


def test_enter_twice_before_the_answer_makes_one_card(site: Site, page: Page) -> None:
    page.goto(site.url(BOARD))
    live(page)
    with page.expect_request("**/cards") as asked:
        page.locator("#compose-planning summary").click()
        page.keyboard.type("Only once")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
    assert asked.value.method == "POST"
    expect(page.locator("#col-planning .card")).to_have_count(1)
    expect(page.locator("#title-planning")).to_have_value("")
    page.keyboard.type("And another")
    page.keyboard.press("Enter")
    expect(page.locator("#col-planning .card")).to_have_count(2)
    titles = page.locator("#col-planning h4").all_inner_texts()
    assert titles == ["Only once", "And another"]


def test_second_move_waits_until_the_card_has_arrived(site: Site, page: Page) -> None:
    site.add("First")
    set_project(site.world, "demo", ProjectChanges(pause=True))
    page.goto(site.url(BOARD))
    live(page)
    held: list[Route] = []
    page.route("**/cards/1/move", lambda route: held.append(route), times=1)
    page.locator("#a-1").focus()
    page.keyboard.press("r")
    expect(page.locator("#col-ready #c-1[aria-busy]")).to_have_count(1)
    page.keyboard.press("s")
    held[0].continue_()
    expect(page.locator("#col-planning #c-1:not([aria-busy])")).to_have_count(1)
    expect(page.locator(".toast")).to_have_count(2)
    until(site, 1, lambda card: card.state.value == "planning" and card.version > 1)
    assert _focus(page) == "a-1"


def test_filter_shows_what_was_asked_for_last(site: Site, page: Page) -> None:
    site.add("Apple")
    site.add("Pear")
    page.goto(site.url(BOARD))
    live(page)
    held: list[Route] = []
    page.route("**/board?q=apple", lambda route: held.append(route), times=1)
    page.locator("#q").fill("apple")
    page.wait_for_timeout(400)  # longer than the field waits for more letters
    page.locator("#q").fill("pear")
    expect(page.locator("#c-1")).to_have_count(0)
    with page.expect_response("**/board?q=apple"):
        held[0].continue_()
    page.locator("#a-2").focus()
    expect(page.locator("#c-2")).to_have_count(1)
    assert page.url.endswith("q=pear")


def test_session_that_ended_keeps_what_was_typed_and_says_how_to_go_on(
    site: Site, page: Page
) -> None:
    allow(page, "401")
    site.add("First")
    page.goto(site.url("/p/demo/c/1"))
    live(page)
    page.locator("#say-text").fill("Typed for an hour")
    access.revoke_all(site.world, GrantKind.SESSION)
    page.locator("#say button").click()
    expect(page.locator(".toast")).to_contain_text("signed out")
    expect(page.locator("#live")).to_have_text("Signed out")
    expect(page.locator("#live-enter")).to_be_visible()
    expect(page.locator("#say-text")).to_have_value("Typed for an hour")
    sign_in(page, site)
    page.locator("#say button").click()
    expect(page.locator("#say-text")).to_have_value("")
    expect(page.get_by_text("Typed for an hour")).to_be_visible()


def test_console_that_is_away_keeps_what_was_typed_and_offers_to_try_again(
    site: Site, page: Page
) -> None:
    allow(page, _AWAY)
    site.add("First")
    page.clock.install()
    page.goto(site.url("/p/demo/c/1"))
    live(page)
    site.kill()
    page.locator("#say-text").fill("Typed for an hour")
    page.locator("#say button").click()
    expect(page.locator(".toast")).to_contain_text("does not answer")
    page.clock.fast_forward(31_000)
    expect(page.locator("#live")).to_have_text("Offline")
    page.clock.pause_at(page.evaluate("Date.now()") + 60_000)  # it tries by itself no more
    site.start()
    page.locator("#live-again").click()
    live(page)
    expect(page.locator("#live-again")).to_be_hidden()
    expect(page.locator("#say-text")).to_have_value("Typed for an hour")


def test_page_of_an_older_version_is_loaded_again_but_not_while_somebody_types(
    site: Site, page: Page
) -> None:
    allow(page, _AWAY)
    site.add("First")
    for typed in ("", "half a sen"):
        page.goto(site.url(f"/p/demo/c/1{'?edit=1' if typed else ''}"))
        live(page)
        page.evaluate("document.body.dataset.edition = 'older'")
        if typed:
            page.locator("#main textarea").first.fill(typed)
        site.kill()
        site.start()
        if typed:
            expect(page.locator(".toast")).to_contain_text("newer version")
            expect(page.locator("#main textarea").first).to_have_value(typed)
            page.locator(".toast button").click()
        expect(page.locator("body")).not_to_have_attribute("data-edition", "older")
        live(page)


def test_focus_stays_by_what_was_pressed_and_never_comes_to_another_deed(
    site: Site, page: Page
) -> None:
    for title in ("First", "Second"):
        site.add(title, "```sh\nexit 2\n```\n", hold=False)
    for seq in (1, 2):
        until(site, seq, lambda card: card.state.value == "needs_human")
    set_project(site.world, "demo", ProjectChanges(pause=True))
    page.goto(site.url("/"))
    live(page)
    page.locator("#n-demo-1 form[action$='/retry'] button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#n-demo-1")).to_have_count(0)
    assert page.evaluate("document.activeElement.matches('#needs a, #needs summary')")
    site.add("Third", hold=True)
    page.goto(site.url("/p/demo/c/3"))
    live(page)
    page.locator("form[action$='/release'] button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#card-head .st")).to_have_text(re.compile("Ready|Backlog|Todo"))
    assert page.evaluate("document.activeElement.closest('#card-head') !== null")
