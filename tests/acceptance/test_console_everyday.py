"""What people do all day, in a real browser: look, put off, take back, keep views, set things."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from sps.services.settings import number
from tests.acceptance.browser import BROWSER, PATIENCE_S, Browse, Site, allow, axe, live, overflow
from tests.acceptance.installed_cli import REVIEWED, writing

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = BROWSER
expect.set_options(timeout=PATIENCE_S * 1000)


@pytest.fixture
def pipeline() -> str:
    return REVIEWED


def test_board_by_keys_looks_folds_runs_and_takes_back(site: Site, page: Page) -> None:
    site.add("First", "Say **why**.\n\n```sleep\n600\n```\n")
    page.goto(site.url("/p/demo/board"))
    live(page)
    page.keyboard.press("j")
    page.keyboard.press(" ")
    expect(page.locator("#peek")).to_contain_text("Say why.")
    assert axe(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#a-1")).to_be_focused()
    page.keyboard.press("r")
    expect(page.locator("#col-active #c-1")).to_have_count(1)
    page.keyboard.press("u")
    expect(page.locator("#col-planning #c-1")).to_have_count(1)
    page.keyboard.press("[")
    expect(page.locator("#side")).not_to_be_visible()
    assert overflow(page) == []
    page.reload()
    expect(page.locator("#side")).not_to_be_visible()


def test_key_pressed_before_the_answer_is_there_takes_back_what_is_on_its_way(
    site: Site, page: Page
) -> None:
    site.add("First", "```sleep\n600\n```\n")
    page.goto(site.url("/p/demo/board"))
    live(page)
    held = []
    page.route("**/cards/1/move", lambda route: held.append((route, route.fetch())), times=1)
    page.keyboard.press("j")
    page.keyboard.press("r")
    expect(page.locator("#col-active #c-1")).to_have_count(1)
    assert held  # the card goes, and the page waits for the answer
    page.keyboard.press("u")
    held[0][0].fulfill(response=held[0][1])
    expect(page.locator("#col-planning #c-1")).to_have_count(1)


def test_each_message_takes_back_its_own_change(site: Site, page: Page) -> None:
    for title in ("First", "Second"):
        site.add(title, "```sleep\n600\n```\n")
    page.goto(site.url("/p/demo/board"))
    live(page)
    for seq in (1, 2):
        page.locator(f"#m-{seq}").click()
        page.locator('#menu button[value="ready"]').click()
        expect(page.locator(f".toast:has-text('Card {seq} moved')")).to_be_visible()
    page.locator(".toast", has_text="Card 1 moved").get_by_role("button").click()
    expect(page.locator("#col-planning #c-1")).to_have_count(1)
    expect(page.locator("#col-planning #c-2")).to_have_count(0)


def test_the_key_takes_back_the_last_act_without_its_message_once_and_says_when_there_is_none(
    site: Site, page: Page
) -> None:
    site.add("First", "```sleep\n600\n```\n")
    page.goto(site.url("/p/demo/board"))
    live(page)
    messages, nothing = page.locator(".toast"), page.locator(".toast:has-text('nothing to undo')")
    page.keyboard.press("u")
    expect(nothing).to_be_visible()
    page.locator("#m-1").click()
    page.locator('#menu button[value="ready"]').click()
    expect(page.locator("#col-active #c-1")).to_have_count(1)
    expect(messages.get_by_role("button")).to_have_count(1)
    messages.evaluate_all("found => found.forEach((one) => one.remove())")
    page.keyboard.press("u")
    expect(page.locator("#col-planning #c-1")).to_have_count(1)
    expect(messages.get_by_role("button")).to_have_count(0)
    expect(nothing).to_have_count(0)
    page.keyboard.press("u")
    expect(nothing).to_be_visible()
    page.keyboard.press("c")
    page.locator("#new-title").fill("Second")
    page.locator("#new-title").press("Enter")
    expect(messages.filter(has_text="Card 2 added.")).to_be_visible()
    expect(page.locator("#col-planning #c-1")).to_have_count(1)


def test_taking_back_works_once_and_again_only_when_it_failed(site: Site, page: Page) -> None:
    site.add("First", "```sleep\n600\n```\n")
    page.goto(site.url("/p/demo/board"))
    live(page)
    allow(page, "500")
    page.locator("#m-1").click()
    page.locator('#menu button[value="ready"]').click()
    moved = page.locator(".toast", has_text="Card 1 moved")
    expect(moved).to_be_visible()
    page.route("**/cards/1/move", lambda route: route.fulfill(status=500, body="down"))
    moved.get_by_role("button").click()
    expect(page.locator(".toast[data-kind=bad]")).to_be_visible()
    expect(moved).to_have_count(0)
    page.unroute("**/cards/1/move")
    page.keyboard.press("u")
    expect(page.locator("#col-planning #c-1")).to_have_count(1)


def test_a_label_is_taken_back_only_from_the_cards_that_got_it(site: Site, page: Page) -> None:
    for title in ("First", "Second"):
        site.add(title, "```sleep\n600\n```\n")
    site.cli("card", "edit", "demo", "1", "--label", "zz9")
    page.goto(site.url("/p/demo/board"))
    live(page)
    for seq in (1, 2):
        page.locator(f"#a-{seq}").focus()
        page.keyboard.press("x")
    page.locator('#bulk [name="label"]').fill("zz9")
    page.locator('#bulk button:not([name="run"])').first.click()
    expect(page.locator("#announce")).to_have_text("One card changed.")
    page.keyboard.press("u")
    expect(page.locator("#announce")).to_have_text("Taken back")
    expect(page.locator("#c-2")).not_to_contain_text("zz9")
    expect(page.locator("#c-1")).to_contain_text("zz9")


def test_no_key_decides_behind_a_dialog(site: Site, page: Page) -> None:
    site.add("Write it", writing("new.md"), hold=False)
    page.goto(site.url("/"))
    expect(page.locator("#n-demo-1")).to_be_visible()
    page.goto(site.url("/review"))
    live(page)
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("a")
    page.keyboard.press("r")
    expect(page.locator("#ask")).not_to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    expect(page.locator("#review")).to_have_count(1)
    page.keyboard.press("a")
    expect(page.locator("#review-now")).to_contain_text("Nothing waits for your word.")


def test_decision_is_put_off_taken_back_and_made_without_leaving_the_page(
    site: Site, page: Page
) -> None:
    site.add("Write it", writing("new.md"), hold=False)
    page.goto(site.url("/"))
    live(page)
    need = page.locator("#n-demo-1")
    expect(need).to_be_visible()
    need.locator("summary", has_text="Later").click()
    need.get_by_role("button", name="for four hours").click()
    expect(page.locator("#put-off summary").first).to_contain_text("1 put off")
    page.locator(".toast button").click()
    expect(page.locator("#put-off")).to_have_count(0)
    page.locator("#n-demo-1").get_by_role("button", name="Approve").click()
    expect(page.locator("#needs")).to_contain_text("Nothing needs you.")
    expect(page).to_have_url(re.compile(r"/$"))


def test_checks_of_a_project_appear_on_its_page(site: Site, browse: Browse) -> None:
    for scripts in (True, False):
        page = browse(scripts=scripts)
        page.goto(site.url("/p/demo"))
        page.get_by_role("button", name="Check everything").click()
        expect(page.locator("#checks")).to_contain_text("demo: repository")
        expect(page.locator("#checks")).to_contain_text("looked at")
        assert not scripts or (overflow(page), axe(page)) == ([], [])


def test_settings_are_checked_before_they_are_saved(site: Site, browse: Browse) -> None:
    for scripts in (True, False):
        page = browse(scripts=scripts)
        allow(page, "422")
        page.goto(site.url("/settings"))
        field = page.locator('[name="agents.silent"]')
        field.fill("1")
        page.locator('#values-form button[value="check"]').click()
        expect(page.locator("#s-agents-silent-wrong")).to_contain_text("from 10 to 86400")
        field.fill("61" if scripts else "62")
        page.locator('#values-form button[value="check"]').click()
        expect(page.locator(".changes")).to_contain_text("agents.silent")
        page.locator('#values-form button[value="save"]').click()
        expect(page.locator(".changes")).to_have_count(0)
        assert number(site.world, "agents.silent") == (61 if scripts else 62)
        page.context.close()


def test_sheet_of_a_phone_leads_everywhere(site: Site, browse: Browse) -> None:
    phone = browse(phone=True)
    phone.goto(site.url("/projects"))
    phone.locator(".more-nav").tap()
    expect(phone.locator("#sheet")).to_be_visible()
    assert axe(phone) == []
    phone.locator("#sheet a", has_text="Health").tap()
    expect(phone).to_have_url(re.compile(r"/health$"))
    expect(phone.locator("#charts .chart")).to_have_count(6)
    assert overflow(phone) == []


def test_at_200_percent_on_a_phone_nothing_is_wider_than_the_screen(site: Site, page: Page) -> None:
    site.add("Held")
    page.set_viewport_size({"width": 195, "height": 422})
    found = {}
    work = ("/", "/p/demo/board", "/p/demo", "/p/demo/c/1", "/projects", "/review", "/workers")
    for path in (*work, "/skills", "/logs", "/health", "/settings"):
        page.goto(site.url(path))
        found[path] = overflow(page)
    assert not any(found.values()), found
