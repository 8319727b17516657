"""The whole way in one browser: a card is written and sent to work, its gate fails, another attempt
repairs it, a remark on a line sends it back, and the approved change lands. Three times: by mouse,
by keys alone, and by touch on a phone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest
from playwright.sync_api import expect

from sps.services.show_card import show_card
from tests.acceptance.browser import (
    BROWSER,
    PATIENCE_S,
    Browse,
    Site,
    live,
    overflow,
    picture,
    place_of,
)
from tests.acceptance.installed_cli import REVIEWED

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = BROWSER
PICTURES = os.environ.get("SPS_PICTURES")
TITLE = "Greet people"
REMARK = "greet more quietly"
GATE = "test ! -e greet.py || grep -q Hello greet.py"  # green as long as nothing greets
GATED = REVIEWED.replace("attempts: 2", "attempts: 4").replace(
    "{name: marker, run: test -f README.md}", f'{{name: greeting, run: "{GATE}"}}'
)
BODY = """\
```sleep
0.5
```
```file path=greet.py attempt=1
print("Hi")
```
```file path=greet.py attempt=2
print("Hello!")
```
```file path=greet.py attempt=3+
print("Hello")
```
"""
expect.set_options(timeout=PATIENCE_S * 1000)


@pytest.fixture
def pipeline() -> str:
    return GATED


class Hands(Protocol):
    """What a person does with a page, in one way of doing it."""

    page: Page

    def write(self, title: str, body: str) -> None:
        """On the board: write a card that stays in planning."""
        ...

    def send(self) -> None:
        """On the board: send card 1 to work."""
        ...

    def enter(self) -> None:
        """From the board to the page of card 1."""
        ...

    def tab(self, name: str, number: int) -> None: ...
    def remark(self, place: str, text: str) -> None:
        """On the changes: say something about a line."""
        ...

    def ask(self) -> None:
        """Ask for changes."""
        ...

    def approve(self) -> None: ...


class Mouse:
    """Clicks and drags."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, place: Locator) -> None:
        place.click()

    def write(self, title: str, body: str) -> None:
        self.press(self.page.locator("[data-open=new]"))
        self.page.locator("#new-title").fill(title)
        self.page.locator("#new-body").fill(body)
        self.press(self.page.locator("#new [name=hold]"))
        self.press(self.page.locator("#new [type=submit]"))
        expect(self.page.locator("#new")).not_to_be_visible()

    def send(self) -> None:
        start = place_of(self.page.locator("#c-1"))
        end = place_of(self.page.locator("#col-ready"))
        mouse = self.page.mouse
        mouse.move(start["x"] + 80, start["y"] + 40)
        mouse.down()
        mouse.move(start["x"] + 95, start["y"] + 50, steps=4)
        mouse.move(end["x"] + 80, end["y"] + 60, steps=12)
        mouse.up()

    def enter(self) -> None:
        self.press(self.page.locator("#a-1"))

    def tab(self, name: str, number: int) -> None:
        self.press(self.page.locator(".tabs").get_by_role("link", name=name))

    def remark(self, place: str, text: str) -> None:
        self.press(line(self.page, place).locator("[data-note]"))
        self.page.locator(".note-row textarea").fill(text)

    def ask(self) -> None:
        self.press(self.page.get_by_role("button", name="Request changes"))

    def approve(self) -> None:
        self.press(self.page.get_by_role("button", name="Approve"))


class Touch(Mouse):
    """Taps, and a long press that drags."""

    def press(self, place: Locator) -> None:
        place.tap()

    def remark(self, place: str, text: str) -> None:
        self.press(line(self.page, place).locator("[data-note]"))
        self.press(self.page.locator("#chosen [data-comment]"))
        self.page.locator(".note-row textarea").fill(text)

    def send(self) -> None:
        hand = self.page.context.new_cdp_session(self.page)

        def touch(kind: str, *points: tuple[float, float]) -> None:
            spots = [{"x": x, "y": y} for x, y in points]
            hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})

        box = place_of(self.page.locator("#c-1"))
        x, y = box["x"] + 120, box["y"] + box["height"] / 2
        touch("touchStart", (x, y))
        self.page.wait_for_timeout(400)  # a long press, so that a swipe still scrolls
        for step in range(1, 11):
            touch("touchMove", (x + step * 24, y + step * 2))
            self.page.wait_for_timeout(30)
        touch("touchEnd")


class Keys:
    """No pointer at all: single keys, Tab, Enter and the letters of the text."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, title: str, body: str) -> None:
        self.press("c")
        expect(self.page.locator("#new-title")).to_be_focused()
        self.page.keyboard.type(title)
        self.press("Tab")
        self.page.keyboard.insert_text(body)
        self.reach(self.page.locator("#new [name=hold]"))
        self.press("Space")
        self.reach(self.page.locator("#new [type=submit]"))
        self.press("Enter")
        expect(self.page.locator("#new")).not_to_be_visible()

    def reach(self, place: Locator) -> None:
        """Go on by Tab until this has the focus."""
        for _ in range(40):
            if place.evaluate("(one) => one === document.activeElement"):
                return
            self.press("Tab")
        raise AssertionError(f"no way by Tab to {place}")

    def send(self) -> None:
        self.press("j")
        expect(self.page.locator("#a-1")).to_be_focused()
        self.press("Shift+L")

    def enter(self) -> None:
        expect(self.page.locator("#a-1")).to_be_focused()  # the focus followed the card
        self.press("Enter")

    def tab(self, name: str, number: int) -> None:
        self.press(str(number))

    def remark(self, place: str, text: str) -> None:
        self.press("j")
        self.reach(line(self.page, place).locator("[data-note]"))
        self.press("c")
        expect(self.page.locator(".note-row textarea")).to_be_focused()
        self.page.keyboard.type(text)
        self.press("Escape")  # back to the line; the remark stays

    def ask(self) -> None:
        self.press("Shift+R")
        expect(self.page.locator("#r-comment")).to_be_focused()
        self.page.keyboard.type("Nearly there.")
        self.press("Control+Enter")

    def approve(self) -> None:
        self.press("a")


def line(page: Page, place: str) -> Locator:
    """Return the row of a line of the change."""
    path, _, number = place.rpartition(":")
    return page.locator(f'section[data-path="{path}"] tr[data-line="{number}"]')


def journey(site: Site, hands: Hands, name: str) -> None:
    """Go the whole way and look at each station."""
    page = hands.page

    def station(number: int) -> None:
        assert overflow(page) == [], f"station {number}"
        if PICTURES:
            picture(page, Path(PICTURES), f"journey-{name}-{number}")

    page.goto(site.url("/p/demo/board"))
    live(page)
    hands.write(TITLE, BODY)
    expect(page.locator("#col-planning #c-1")).to_contain_text(TITLE)
    station(1)
    hands.send()
    expect(page.locator("#col-planning #c-1")).to_have_count(0)
    hands.enter()
    page.wait_for_url("**/c/1")
    hands.tab("Run", 2)
    page.wait_for_url("**/run*")
    expect(page.locator("#turns")).to_contain_text("wrote greet.py")
    station(2)
    expect(page.locator("#card-head .st")).to_have_attribute("data-s", "review")
    hands.tab("Gates", 4)
    page.wait_for_url("**/gates*")
    expect(page.locator("main")).to_contain_text("greeting")
    station(3)
    hands.tab("Changes", 3)
    page.wait_for_url("**/changes*")
    live(page)
    hands.remark("greet.py:1", REMARK)
    expect(page.locator("#drafts")).to_contain_text("greet.py:1")
    station(4)
    hands.ask()
    page.wait_for_url("**/run*")
    expect(page.locator("#runs .run-tab").nth(2)).to_be_visible()
    expect(page.locator("#card-head .st")).to_have_attribute("data-s", "review")
    hands.tab("Changes", 3)
    page.wait_for_url("**/changes*")
    live(page)
    hands.approve()
    expect(page.locator("#card-head .st")).to_have_attribute("data-s", "merged")
    station(5)
    told(site)


def told(site: Site) -> None:
    """See that what the page showed is so: one failed gate, one remark, one landing."""
    shown = show_card(site.world, "demo", 1)
    lines = "\n".join(line for one in shown.verdicts for line in one.lines)
    assert f"greet.py:1: {REMARK}" in lines
    assert [(one.name, one.ok) for one in shown.gates] == [("greeting", True)]
    way = site.cli("why", "demo", "1").out
    assert way.count("gate greeting failed") == 1
    assert way.count("gate greeting passed") == 2
    assert site.cli.git("show", "main:greet.py") == 'print("Hello")'
    assert site.cli.git("log", "--format=%s", "--first-parent", "main").count(TITLE) == 1


def test_whole_way_by_mouse(site: Site, browse: Browse) -> None:
    journey(site, Mouse(browse()), "mouse")


def test_whole_way_by_keys_alone(site: Site, browse: Browse) -> None:
    journey(site, Keys(browse(theme="dark")), "keys")


def test_whole_way_by_touch_on_a_phone(site: Site, browse: Browse) -> None:
    journey(site, Touch(browse(phone=True)), "touch")
