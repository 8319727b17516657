"""A change under review in a real browser: lines, stretches, suggestions, marks that are kept, by
mouse, by keys and by touch; a red gate waived; a run and a timeline looked through."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sps.model.card import Card, CardState
from sps.services.decide_card import reject_card
from sps.services.remarks import remarks
from sps.services.show_card import show_card
from tests.acceptance.browser import BROWSER, Browse, Site, live, overflow, until
from tests.acceptance.installed_cli import REVIEWED

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [*BROWSER, pytest.mark.timeout(300)]
BODY = """\
```file path=a.py attempt=1
def one():
    return 1


def two():
    return 2
```
```file path=b.txt
same
```
```file path=a.py attempt=2
def one():
    return 10


def two():
    return 2
```
"""
RED = """\
```file path=loud.txt
x
```
"""
PIPELINE = REVIEWED.replace(
    "gates:\n", "gates:\n  - {name: quiet, run: \"echo 'error: too loud'; test ! -f loud.txt\"}\n"
)
A = 'section[data-path="a.py"]'


@pytest.fixture
def pipeline() -> str:
    return PIPELINE


def waits(site: Site, seq: int) -> Card:
    return until(site, seq, lambda card: card.reason == "awaiting-approval")


def waiting(site: Site) -> str:
    """A card of one attempt that waits for a word, and its address."""
    card = site.add("Change it", BODY, hold=False)
    waits(site, card.seq)
    return f"/p/demo/c/{card.seq}"


def said(site: Site) -> list[list[str]]:
    return [one.lines for one in show_card(site.world, "demo", 1).verdicts]


def test_a_stretch_is_remarked_with_a_suggestion_by_keys_and_the_marks_are_kept(
    site: Site, page: Page
) -> None:
    from playwright.sync_api import expect

    path = waiting(site)
    page.goto(site.url(path + "/changes"))
    live(page)
    page.keyboard.press("j")
    page.locator(f'{A} tr[data-line="1"] [data-note]').click()
    field = page.locator(".note-row textarea")
    field.fill("make it ten")
    page.locator(".note-row input[type=number]").fill("2")
    page.locator(".note-row input[type=number]").press("Tab")
    expect(page.locator(".note-row label.mono")).to_have_text("a.py:1-2")
    page.get_by_role("button", name="Suggest a change").click()
    expect(field).to_have_value("make it ten\n```suggestion\ndef one():\n    return 1\n```")
    page.keyboard.press("Escape")
    page.locator('section[data-path="b.txt"] [data-viewed]').check()
    page.reload()
    expect(field).to_have_value("make it ten\n```suggestion\ndef one():\n    return 1\n```")
    expect(page.locator('section[data-path="b.txt"]')).to_have_class("file done")
    live(page)
    page.locator("#live").click()
    page.keyboard.press("Shift+R")
    page.keyboard.type("Nearly.")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/run")
    assert said(site) == [
        ["Nearly.", "a.py:1-2: make it ten\n```suggestion\ndef one():\n    return 1\n```"]
    ]
    waits(site, 1)
    page.goto(site.url(path + "/changes"))
    live(page)
    expect(page.locator("#drafts li")).to_have_count(0)
    expect(page.locator('section[data-path="b.txt"] [data-viewed]')).to_be_checked()
    expect(page.locator("#said-1\\.2")).to_contain_text("on an earlier version")
    page.locator("#settle-1\\.2").click()
    expect(page.locator("#said-1\\.2")).to_contain_text("settled")
    expect(page.locator("#looked")).to_be_visible()
    page.locator("#of").select_option(label="Since the last review, by owner")
    expect(page.locator(f"{A} .diff tr.a .w")).to_have_text("10")
    expect(page.locator('section[data-path="b.txt"]')).to_have_count(0)
    page.get_by_role("link", name="Side by side").click()
    expect(page.locator(f"{A} table.sides td.d .w")).to_have_text("1")
    approve_by_keys(site, page, path)


def approve_by_keys(site: Site, page: Page, path: str) -> None:
    """From the card to its change, the way it was looked at last, and yes to it."""
    page.goto(site.url(path))
    page.keyboard.press("3")
    page.wait_for_url("**/changes?view=split")
    assert overflow(page) == []
    live(page)
    page.keyboard.press("a")
    until(site, 1, lambda card: card.state is CardState.DONE)


def test_who_looked_before_is_led_to_what_is_new(site: Site, page: Page) -> None:
    from playwright.sync_api import expect

    path = waiting(site)
    page.goto(site.url(path + "/changes"))
    page.locator(f"{A} [data-viewed]").check()
    reject_card(site.world, "demo", 1, remarks("ten, please"))
    until(site, 1, lambda card: card.reason != "awaiting-approval")
    waits(site, 1)
    page.goto(site.url(path + "/changes"))
    expect(page.locator(f"{A} [data-viewed]")).not_to_be_checked()
    expect(page.locator(f"{A} .tag.other")).to_be_visible()
    page.get_by_role("link", name="Show what is new").click()
    expect(page.locator(f"{A} .diff tr.d .w")).to_have_text("1")
    page.goto(site.url(path + "/changes"))
    expect(page.locator("#looked")).to_be_hidden()


def test_a_remark_is_not_stretched_over_another_one(site: Site, page: Page) -> None:
    from playwright.sync_api import expect

    path = waiting(site)
    page.goto(site.url(path + "/changes"))
    live(page)
    line = page.locator(f'{A} tr[data-line="1"] [data-note]')
    rows = page.locator(".note-row")
    line.click()
    rows.locator("textarea").fill("of both")
    rows.locator("input[type=number]").fill("2")
    rows.locator("input[type=number]").press("Tab")
    expect(rows.locator("label.mono")).to_have_text("a.py:1-2")
    line.click()
    expect(rows).to_have_count(2)
    first = rows.filter(has=page.locator("label.mono", has_text=re.compile(r":1$")))
    first.locator("textarea").fill("of the first")
    first.locator("input[type=number]").fill("2")
    first.locator("input[type=number]").press("Tab")
    expect(page.locator("#drafts li")).to_have_count(2)
    expect(page.locator("#drafts")).to_contain_text("of both")
    expect(page.locator("#drafts")).to_contain_text("of the first")


def test_a_message_that_is_written_outlives_the_next_attempt(site: Site, page: Page) -> None:
    from playwright.sync_api import expect

    path = waiting(site)
    page.goto(site.url(path + "/run"))
    live(page)
    shown = page.locator("#turns").get_attribute("data-run")
    page.locator("#say-text").fill("Mind the second one.")
    page.locator("#say-text").blur()
    reject_card(site.world, "demo", 1, remarks("ten, please"))
    expect(page.locator("#runs")).not_to_have_attribute("data-latest", shown or "")
    page.wait_for_timeout(1500)  # two rounds in which the page would have loaded itself again
    expect(page.locator("#say-text")).to_have_value("Mind the second one.")
    page.locator("#say-text").fill("")
    page.locator("#say-text").blur()
    expect(page.locator("#turns")).not_to_have_attribute("data-run", shown or "")


def test_lines_are_chosen_and_remarked_by_touch(site: Site, browse: Browse) -> None:
    from playwright.sync_api import expect

    path = waiting(site)
    page = browse(phone=True)
    page.goto(site.url(path + "/changes"))
    live(page)
    page.locator(f'{A} tr[data-line="1"] td.cd').tap()
    page.locator(f'{A} tr[data-line="2"] td.cd').tap()
    expect(page.locator("#chosen")).to_contain_text("Lines 1 to 2")
    control = page.locator("#chosen [data-comment]")
    box = control.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    control.tap()
    page.locator(".note-row textarea").fill("by thumb")
    assert overflow(page) == []
    page.get_by_role("button", name="Request changes").tap()
    page.wait_for_url("**/run")
    assert said(site) == [["a.py:1-2: by thumb"]]


def test_a_red_gate_is_waived_with_a_reason_and_the_card_goes_on(site: Site, page: Page) -> None:
    from playwright.sync_api import expect

    site.add("Too loud", RED, hold=False)
    until(site, 1, lambda card: card.state is CardState.NEEDS_HUMAN)
    page.goto(site.url("/p/demo/c/1"))
    page.get_by_role("link", name="See the gate").click()
    gate = page.locator('[data-gate="quiet"]')
    expect(gate).to_have_attribute("data-standing", "failed")
    expect(gate.locator("pre.term")).to_contain_text("error: too loud")
    live(page)
    gate.get_by_text("Waive…").click()
    gate.get_by_role("button", name="Waive this gate").click()
    expect(gate.locator("textarea:invalid")).to_have_count(1)
    gate.locator("textarea").fill("It may be loud here.")
    gate.get_by_role("button", name="Waive this gate").click()
    expect(gate).to_have_attribute("data-standing", "waived", timeout=60_000)
    expect(gate).to_contain_text("It may be loud here. (owner)")
    waits(site, 1)
    live(page)
    gate.get_by_role("button", name="Run again").click()
    expect(page.locator("#toasts")).to_contain_text("The gate runs again")
    waits(site, 1)  # what was waived stays waived on this tree


def test_a_run_is_filtered_and_a_timeline_zoomed_and_followed_to_a_turn(
    site: Site, page: Page
) -> None:
    from playwright.sync_api import expect

    path = waiting(site)
    page.goto(site.url(path + "/run"))
    page.locator("#only").select_option("tool:edit")
    expect(page.locator("#turns .turn:visible")).to_have_count(2)
    page.locator("#find").fill("b.txt")
    expect(page.locator("#found")).to_have_text("1 of 5 turns")
    page.locator("#find").press("Enter")
    expect(page.locator(".hits li").first).to_be_visible()
    page.goto(site.url(path + "/timeline?full=1"))
    tool = page.locator("table.times a", has_text="Write b.txt")
    tool.click()
    page.wait_for_url("**/run?run=*&turn=*")
    expect(page.locator(".turn:target")).to_contain_text("Write b.txt")
    page.goto(site.url(path + "/timeline"))
    picture = page.locator("#wf").bounding_box()
    assert picture is not None
    page.mouse.move(picture["x"] + 20, picture["y"] + 10)
    page.mouse.down()
    page.mouse.move(picture["x"] + picture["width"] / 2, picture["y"] + 12, steps=4)
    page.mouse.up()
    page.wait_for_url("**/timeline?begin=*")
    page.get_by_role("link", name="All of it").click()
    expect(page.locator("#zoom input[name=begin]")).to_have_value("0.0")


_OF_ANOTHER_HOME = """mark => {
  for (const key of Object.keys(localStorage)) {
    const text = localStorage.getItem(key);
    localStorage.removeItem(key);
    localStorage.setItem(key.replace(document.body.dataset.home, mark), text);
  }
  return Object.keys(localStorage);
}"""


def test_marks_and_remarks_of_another_home_at_this_address_are_not_shown(
    site: Site, page: Page
) -> None:
    from playwright.sync_api import expect

    path = waiting(site)
    page.goto(site.url(path + "/changes"))
    page.locator(f'{A} tr[data-line="1"] [data-note]').click()
    page.locator(".note-row textarea").fill("mine")
    expect(page.locator("#drafts li")).to_have_count(1)
    page.locator(f"{A} [data-viewed]").check()
    kept = page.evaluate(_OF_ANOTHER_HOME, "another0")
    assert len(kept) >= 2
    assert all(key.endswith(" of another0") for key in kept)
    page.reload()
    expect(page.locator(f"{A} [data-viewed]")).not_to_be_checked()
    expect(page.locator("#drafts li")).to_have_count(0)
    ours = page.evaluate("document.body.dataset.home")
    page.evaluate(_OF_ANOTHER_HOME.replace("document.body.dataset.home", '"another0"'), ours)
    page.reload()
    expect(page.locator(f"{A} [data-viewed]")).to_be_checked()
    expect(page.locator("#drafts li")).to_have_count(1)
