"""The workers in a real browser: a run that goes silent, and stopping it."""

from __future__ import annotations

import time

import pytest

from sps.model.run import Run
from tests.acceptance.browser import BROWSER, PATIENCE_S, Browse, Site, live

pytestmark = [*BROWSER, pytest.mark.timeout(300)]
SLOW = "```sleep\n600\n```\n"


def at_work(site: Site) -> Run:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        runs = site.world.store.read(lambda tx: tx.runs(live=True))
        if runs and runs[0].pid:
            return runs[0]
        time.sleep(0.05)
    raise AssertionError("no agent has started")


def test_a_run_comes_by_itself_and_is_stopped_by_a_button(site: Site, browse: Browse) -> None:
    from playwright.sync_api import expect

    page = browse()
    page.goto(site.url("/workers"))
    live(page)
    expect(page.get_by_text("No agent is working")).to_be_visible()
    site.add("A slow import", SLOW, hold=False)
    expect(page.get_by_role("link", name="demo#1 A slow import")).to_be_visible()
    run = at_work(site)
    page.locator(f"#run-{run.id}").get_by_role("button", name="Stop demo#1").click()
    expect(page.locator(".toast")).to_contain_text("Told to stop")
    expect(page.locator(f"#run-{run.id}")).to_have_count(0)  # its card may be at work anew


def test_a_run_is_stopped_without_scripts(site: Site, browse: Browse) -> None:
    site.add("A slow import", SLOW, hold=False)
    at_work(site)
    page = browse(scripts=False)
    page.goto(site.url("/workers"))
    page.get_by_role("button", name="Stop demo#1").click()
    assert page.url == site.url("/workers")
