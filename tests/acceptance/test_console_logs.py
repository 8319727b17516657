"""The logs in a real browser: the live tail, its pause, filters, windows and links to a line."""

from __future__ import annotations

import pytest

from sps.model.event import Event, EventKind
from tests.acceptance.browser import BROWSER, Browse, Site, live

pytestmark = [*BROWSER, pytest.mark.timeout(300)]


def say(site: Site, text: str) -> int:
    event = Event(
        project="demo", kind=EventKind.RUN_SAID, at=site.world.clock.now(), payload={"text": text}
    )
    return site.world.store.write(lambda tx: tx.add_event(event)).id


def test_the_tail_follows_pauses_counts_and_resumes(site: Site, browse: Browse) -> None:
    from playwright.sync_api import expect

    page = browse()
    page.goto(site.url("/logs?text=says"))
    live(page)
    say(site, "one")
    expect(page.get_by_text("the agent says: one")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    for word in ("two", "three"):
        say(site, word)
    site.add("A card that the filter leaves out")
    button = page.locator("#pause")
    expect(button).to_have_text("Resume · 2 new")
    assert page.get_by_text("the agent says: two").count() == 0
    button.click()
    expect(page.get_by_text("the agent says: three")).to_be_visible()
    expect(button).to_have_text("Pause")


def test_an_open_line_stays_open_while_new_ones_come(site: Site, browse: Browse) -> None:
    from playwright.sync_api import expect

    at = say(site, "kept open")
    page = browse()
    page.goto(site.url("/logs"))
    live(page)
    page.locator(f"#e-{at} summary").click()
    say(site, "newer")
    expect(page.get_by_text("the agent says: newer")).to_be_visible()
    expect(page.locator(f"#d-{at}")).to_have_attribute("open", "")


def test_windows_filters_and_links_work_without_scripts(site: Site, browse: Browse) -> None:
    from playwright.sync_api import expect

    for number in range(120):
        say(site, f"line {number}")
    page = browse(scripts=False)
    page.goto(site.url("/logs"))
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_text("the agent says: line 69", exact=True)).to_be_visible()
    page.get_by_role("link", name="Newer").click()
    expect(page.get_by_text("the agent says: line 119", exact=True)).to_be_visible()
    page.get_by_label("Text").fill("line 42")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator(".line")).to_have_count(1)
    page.locator(".perma").click()
    expect(page.locator(".line.hit")).to_contain_text("line 42")


def test_the_log_is_downloaded(site: Site, browse: Browse) -> None:
    say(site, "for the file")
    page = browse()
    page.goto(site.url("/logs"))
    with page.expect_download() as found:
        page.get_by_role("link", name="As text").click()
    assert "for the file" in found.value.path().read_text()
