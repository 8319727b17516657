"""Health in a real browser."""

from __future__ import annotations

import pytest

from tests.acceptance.browser import BROWSER, Browse, Site

pytestmark = [*BROWSER, pytest.mark.timeout(300)]


def test_a_fault_is_seen_when_asked_and_its_command_shown(site: Site, browse: Browse) -> None:
    from playwright.sync_api import expect

    page = browse()
    page.goto(site.url("/health"))
    expect(page.get_by_text("All is well")).to_be_visible()
    site.world.home.root.chmod(0o755)
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_text("1 check failed")).to_be_visible()
    expect(page.locator("li.bad code")).to_have_text("sps doctor --fix")
    assert "SPS 0." in page.locator("#report").input_value()
    with page.expect_download() as found:
        page.get_by_role("link", name="Download").click()
    text = found.value.path().read_text()
    assert "FAIL home" in text
    assert str(site.world.home.root) not in text


def test_health_speaks_chinese(site: Site, browse: Browse) -> None:
    page = browse(language="zh")
    page.goto(site.url("/health"))
    assert page.get_by_text("一切正常").is_visible()
