"""The server is killed while a page is open: the page goes on by itself and has missed nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from sps.ports.store import EventQuery
from sps.services.columns import move_to
from sps.services.move_card import hold_card
from tests.acceptance.browser import BROWSER, PATIENCE_S, Site, allow, live

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = BROWSER
expect.set_options(timeout=PATIENCE_S * 1000)
_NOTE_EVENTS = """() => {
  window.spsHeard = [];
  document.addEventListener("sps:event", (event) => window.spsHeard.push(event.detail.id));
}"""


def _card(page: Page, seq: int, column: str) -> Locator:
    return page.locator(f"#col-{column} #c-{seq}")


@pytest.mark.timeout(180)
def test_killed_and_restarted_server_loses_nothing(site: Site, page: Page) -> None:
    allow(page, "ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED", "ERR_CONNECTION_RESET",
          "ERR_EMPTY_RESPONSE", "Failed to load resource")  # fmt: skip
    site.add("First")
    page.goto(site.url("/p/demo/board"))
    live(page)
    page.evaluate(_NOTE_EVENTS)
    begin = _newest(site)
    site.add("While it lives")
    expect(_card(page, 2, "planning")).to_have_count(1)
    site.kill()
    expect(page.locator("#live")).to_have_attribute("data-live", "retry")
    expect(page.locator("#live")).to_contain_text("Reconnecting")
    site.add("While it was dead")
    move_to(site.world, "demo", 1, "backlog")
    hold_card(site.world, "demo", 1)
    site.start()
    live(page)
    expect(_card(page, 3, "planning")).to_have_count(1)
    expect(_card(page, 1, "planning")).to_have_count(1)
    site.add("After it came back")
    expect(_card(page, 4, "planning")).to_have_count(1)
    log = [event.id for event in site.world.store.read(
        lambda tx: tx.events(EventQuery(project="demo", after_id=begin)))]  # fmt: skip
    assert len(log) > 5
    # The same document has heard every event of the log, each once, in order.
    assert page.evaluate("window.spsHeard") == log
    expect(page.locator("#main")).to_have_attribute("data-cursor", re.compile(rf"\b{log[-1]}$"))


def _newest(site: Site) -> int:
    return site.world.store.read(lambda tx: tx.last_event())
