"""The board in a real browser: by mouse, by keys, by touch, without scripts, and live."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from sps.model.access import Role
from sps.services.columns import move_to
from sps.services.move_card import hold_card
from tests.acceptance.browser import (
    BROWSER,
    PATIENCE_S,
    Browse,
    Site,
    allow,
    live,
    overflow,
    place_of,
)

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Route

pytestmark = BROWSER
BOARD = "/p/demo/board"
BUSY = "```sleep\n600\n```\n"
expect.set_options(timeout=PATIENCE_S * 1000)


def _open(page: Page, site: Site, query: str = "") -> None:
    page.goto(site.url(BOARD + query))
    live(page)


def _card(page: Page, seq: int, column: str = "") -> Locator:
    return page.locator(f"#col-{column} #c-{seq}" if column else f"#c-{seq}")


def _focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def _drag(page: Page, seq: int, column: str) -> None:
    start, end = place_of(_card(page, seq)), place_of(page.locator(f"#col-{column}"))
    page.mouse.move(start["x"] + 80, start["y"] + 40)
    page.mouse.down()
    page.mouse.move(start["x"] + 95, start["y"] + 50, steps=4)
    page.mouse.move(end["x"] + 80, end["y"] + 60, steps=12)
    page.mouse.up()


def _state(site: Site, seq: int) -> str:
    card = site.world.store.read(lambda tx: tx.card_by_seq("demo", seq))
    assert card is not None
    return card.state.value


# --- mouse ---


def test_card_is_dragged_to_work_and_back_again_by_undo(site: Site, page: Page) -> None:
    site.add("First", BUSY)
    site.add("Second")
    _open(page, site)
    _drag(page, 1, "ready")
    expect(_card(page, 1, "active")).to_have_count(1)
    expect(_card(page, 1).locator(".act")).to_contain_text(re.compile("began|started|agent"))
    expect(page.locator("#n-active")).to_have_text("1")
    page.locator(".toast button").click()
    expect(_card(page, 1, "planning")).to_have_count(1)
    expect(page.locator("#col-planning .card")).to_have_count(2)
    assert _state(site, 1) == "planning"


def test_column_that_cannot_take_a_card_does_not(site: Site, page: Page) -> None:
    site.add("First")
    _open(page, site, "?done=true")
    _drag(page, 1, "done")
    expect(_card(page, 1, "planning")).to_have_count(1)
    expect(page.locator(".dragging")).to_have_count(0)
    expect(page.locator(".toast")).to_have_count(0)
    assert _state(site, 1) == "planning"


def test_conflict_takes_the_card_back_and_says_why(site: Site, page: Page) -> None:
    allow(page, "409")
    site.add("First", BUSY)
    _open(page, site)

    def first(route: Route) -> None:
        move_to(site.world, "demo", 1, "backlog")
        hold_card(site.world, "demo", 1)
        route.continue_()

    page.route("**/cards/1/move", first, times=1)
    _drag(page, 1, "backlog")
    expect(page.locator(".toast[data-kind=bad]")).to_contain_text("changed meanwhile")
    expect(_card(page, 1, "planning")).to_have_count(1)
    expect(page.locator("#n-planning")).to_have_text("1")
    assert _state(site, 1) == "planning"
    moved = page.locator(".toast", has_text="moved to")
    for _ in range(3):  # news of the card takes it out of a hand that has just closed
        _drag(page, 1, "backlog")  # the page has learnt the version
        with contextlib.suppress(AssertionError):
            expect(moved).to_have_count(1, timeout=8_000)
            break
    expect(moved).to_have_count(1)
    expect(_card(page, 1, "planning")).to_have_count(0)


def test_refused_move_snaps_back(site: Site, page: Page) -> None:
    allow(page, "422")
    site.add("First")
    _open(page, site)
    page.route(
        "**/cards/1/move", lambda route: route.continue_(post_data={"column": "done"}), times=1
    )
    _drag(page, 1, "ready")
    expect(page.locator(".toast[data-kind=bad]")).to_contain_text("cannot be moved")
    expect(_card(page, 1, "planning")).to_have_count(1)
    expect(page.locator("#n-planning")).to_have_text("1")
    assert _state(site, 1) == "planning"


# --- keys ---


def test_board_by_keys_only(site: Site, page: Page) -> None:
    for number in (1, 2, 3):
        site.add(f"Card {number}", BUSY)
    _open(page, site)
    page.keyboard.press("j")
    assert _focused(page) == "a-1"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    assert _focused(page) == "a-3"
    page.keyboard.press("k")
    assert _focused(page) == "a-2"
    page.keyboard.press("Shift+H")
    expect(page.locator("#announce")).to_have_text("Card 2 cannot go there.")
    page.keyboard.press("Shift+L")
    expect(_card(page, 2, "active")).to_have_count(1)
    assert _focused(page) == "a-2"  # the focus follows the card
    page.keyboard.press("h")
    assert _focused(page) in ("a-1", "a-3")
    page.keyboard.press("l")
    assert _focused(page) == "a-2"
    page.keyboard.press("u")
    expect(_card(page, 2, "planning")).to_have_count(1)
    expect(page.locator("#announce")).to_contain_text("back in Planning")


def test_menu_dialogs_and_selection_by_keys(site: Site, page: Page) -> None:
    for number in (1, 2, 3):
        site.add(f"Card {number}", BUSY)
    _open(page, site)
    page.keyboard.press("j")
    page.keyboard.press("m")
    expect(page.locator("#menu button:focus")).to_have_text("Move to Backlog")
    page.keyboard.press("Escape")
    expect(page.locator("#menu")).not_to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press(".")
    page.keyboard.press("Enter")
    expect(_card(page, 2, "planning")).to_have_count(0)
    page.locator("#a-1").focus()
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("#picked")).to_have_text("2 selected")
    page.keyboard.press("Escape")
    expect(page.locator("#bulk")).not_to_be_visible()
    page.keyboard.press("c")
    page.locator("#new-title").type("By keys")
    page.locator("#new [name=hold]").check()
    page.keyboard.press("Enter")
    expect(page.locator("#col-planning h4", has_text="By keys")).to_have_count(1)
    # The stream may show the card before the answer closes the dialog, which takes keys till then.
    expect(page.locator("#new")).not_to_be_visible()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.locator("#a-1").focus()
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("#a-1").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/p/demo/c/1$"))


def test_each_column_is_one_tab_stop(site: Site, page: Page) -> None:
    for number in (1, 2, 3):
        site.add(f"Card {number}")
    _open(page, site)
    page.keyboard.press("j")
    page.keyboard.press("j")
    stops = page.locator("#col-planning h4 a[tabindex='0']")
    expect(stops).to_have_count(1)
    expect(stops).to_have_attribute("id", "a-2")


# --- selection, adding, filter, windows ---


def test_selected_cards_move_and_are_labelled_together(site: Site, page: Page) -> None:
    for number in (1, 2, 3):
        site.add(f"Card {number}", BUSY)
    _open(page, site)
    page.locator("#k-1").check()
    page.locator("#k-3").check()
    page.locator("#bulk-label").fill("together")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#col-planning .tag", has_text="together")).to_have_count(2)
    expect(page.locator("#bulk")).not_to_be_visible()


def test_card_is_added_in_its_column(site: Site, page: Page) -> None:
    _open(page, site)
    page.locator("#compose-planning summary").click()
    page.keyboard.type("In place")
    page.keyboard.press("Enter")
    expect(page.locator("#col-planning h4")).to_have_text("In place")
    expect(page.locator("#announce")).to_have_text("Card 1 added.")
    assert page.url.endswith(BOARD)


def test_filter_is_in_the_address_and_in_the_stream(site: Site, page: Page) -> None:
    site.add("Paint the door", labels=("ui",))
    site.add("Mend the roof")
    _open(page, site)
    page.locator("#q").fill("label:ui")
    expect(page.locator(".card")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"q=label%3Aui"))
    expect(page.locator("#n-planning")).to_have_text("1")
    live(page)
    site.add("Another for the eyes", labels=("UI",))
    expect(page.locator(".card")).to_have_count(2)
    site.add("Not for the eyes")
    site.add("The last for the eyes", labels=("ui",))
    expect(page.locator(".card")).to_have_count(3)
    page.reload()
    expect(page.locator(".card")).to_have_count(3)
    expect(page.locator("#q")).to_have_value("label:ui")


def test_view_is_saved_and_opened_again(site: Site, page: Page) -> None:
    site.add("Paint the door", labels=("ui",))
    site.add("Mend the roof")
    _open(page, site, "?q=label%3Aui")
    page.locator("#views summary").click()
    page.locator("#view-name").fill("For the eyes")
    page.keyboard.press("Enter")
    page.locator("#views a", has_text="All cards").click()
    expect(page.locator(".card")).to_have_count(2)
    page.locator("#views summary").click()
    page.locator("#saved a", has_text="For the eyes").click()
    expect(page.locator(".card")).to_have_count(1)


def test_more_cards_are_loaded_in_place(site: Site, page: Page) -> None:
    for number in range(53):
        site.add(f"Card {number}")
    _open(page, site)
    expect(page.locator("#col-planning .card")).to_have_count(50)
    page.locator("#col-planning").evaluate("it => it.scrollTo(0, 1e6)")
    expect(page.locator("#col-planning .card")).to_have_count(53)
    expect(page.locator("#col-planning [data-more]")).to_have_count(0)
    site.add("One more")
    expect(page.locator("#col-planning .card")).to_have_count(54)


# --- live ---


def test_nothing_is_missed_between_page_and_stream(site: Site, page: Page) -> None:
    site.add("First")

    def late(route: Route) -> None:
        site.add("While the stream was not open yet")
        route.continue_()

    page.route("**/events*", late, times=1)
    page.goto(site.url(BOARD))
    expect(_card(page, 2, "planning")).to_have_count(1)


def test_two_tabs_follow_each_other(site: Site, page: Page, browse: Browse) -> None:
    site.add("First", BUSY)
    other = browse(language="zh", role=Role.VIEWER)
    _open(page, site)
    _open(other, site)
    page.locator("#m-1").click()
    page.locator("#menu button", has_text="Move to Todo").click()
    expect(_card(other, 1, "active")).to_have_count(1)
    expect(_card(other, 1).locator(".st")).to_have_text("运行中")
    expect(_card(page, 1).locator(".st")).to_have_text("Running")


# --- phone, without scripts ---


def test_board_on_a_phone_by_touch(site: Site, browse: Browse) -> None:
    site.add("First", BUSY)
    phone = browse(phone=True, theme="dark")
    _open(phone, site)
    assert overflow(phone) == []
    for target in (".dots", ".pick", ".side a", ".top .btn", "summary"):
        box = phone.locator(f"{target}:visible").first.bounding_box()
        assert box is not None
        assert box["height"] >= 40, target
        assert box["width"] >= 44, target
    phone.locator("#m-1").tap()
    phone.locator("#menu button", has_text="Move to Todo").tap()
    expect(_card(phone, 1, "active")).to_have_count(1)
    assert overflow(phone) == []


def test_card_is_dragged_by_touch(site: Site, browse: Browse) -> None:
    site.add("First", BUSY)
    phone = browse(phone=True)
    _open(phone, site)
    hand = phone.context.new_cdp_session(phone)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        spots = [{"x": x, "y": y} for x, y in points]
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})

    box = _card(phone, 1).bounding_box()
    assert box is not None
    x, y = box["x"] + 120, box["y"] + box["height"] / 2
    touch("touchStart", (x, y))
    phone.wait_for_timeout(400)  # a long press, so that a swipe still scrolls
    for step in range(1, 11):
        touch("touchMove", (x + step * 24, y + step * 2))
        phone.wait_for_timeout(30)
    touch("touchEnd")
    expect(phone.locator(".toast")).to_contain_text("moved to")
    expect(_card(phone, 1, "planning")).to_have_count(0)
    assert _state(site, 1) != "planning"


def test_board_without_scripts_is_read_moved_and_added_to(site: Site, browse: Browse) -> None:
    for number in range(52):
        site.add(f"Card {number}", BUSY)
    plain = browse(scripts=False)
    plain.goto(site.url(BOARD))
    plain.locator("#m-1").click()
    plain.locator("button", has_text="Move to Backlog").click()
    expect(plain).to_have_url(re.compile(BOARD))
    assert _state(site, 1) != "planning"
    plain.locator("[data-more] a").first.click()
    expect(plain.locator("#c-52")).to_have_count(1)
    plain.goto(site.url(BOARD))
    plain.locator("a", has_text="New card").click()
    plain.locator("#new-title").fill("Without scripts")
    plain.locator("#new [name=hold]").check()
    plain.locator("#new button[type=submit]").click()
    assert _state(site, 53) == "planning"
    plain.goto(site.url(BOARD + "?q=without"))
    expect(plain.locator(".card")).to_have_count(1)
