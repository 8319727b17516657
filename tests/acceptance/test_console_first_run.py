"""From an empty home to a landed card, and what every page has: palette, help, taste."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sps.bootstrap import open_world
from tests.acceptance.browser import BROWSER, Browse, Site, allow, axe, overflow, picture
from tests.acceptance.installed_cli import PIPELINE, Cli, make

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = BROWSER
PICTURES = os.environ.get("SPS_PICTURES")
_OFFERED = PIPELINE.replace("sandbox: none\n", "").replace("workers: 2", "workers: 1")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A home without a project, and a repository that nobody has registered."""
    cli = make(tmp_path)
    assert cli("project", "remove", "demo").code == 0
    fresh = Cli(tmp_path / "fresh", cli.repo)
    assert fresh("setup").code == 0
    world = open_world(fresh.home)
    place = Site(fresh, world)
    try:
        place.start()
        yield place
    finally:
        place.end()
        world.store.close()


def shot(page: Page, name: str) -> None:
    if PICTURES:
        picture(page, Path(PICTURES), name)


def add_project(page: Page, site: Site) -> None:
    page.goto(site.url("/projects"))
    page.get_by_label("Path of the repository").fill(str(site.cli.repo))
    page.get_by_label("Name", exact=True).fill("shop")
    page.get_by_label("Agent").select_option("scripted")
    page.get_by_text("More", exact=True).locator("visible=true").last.click()
    page.get_by_label("Sandbox").select_option("none")
    page.get_by_role("button", name="Add project").click()


def first_run(page: Page, site: Site, name: str) -> None:
    """Do what each page says, and nothing else."""
    from playwright.sync_api import expect

    begun = time.monotonic()
    page.goto(site.url("/"))
    expect(page.get_by_role("heading", name="Add your first project")).to_be_visible()
    shot(page, f"first-0-{name}")
    assert overflow(page) == []
    page.get_by_role("link", name="Add a project").click()
    shot(page, f"first-1-{name}")
    add_project(page, site)
    expect(page.get_by_role("heading", name="Write the first card")).to_be_visible()
    shot(page, f"first-2-{name}")
    assert overflow(page) == []
    page.locator("#first").get_by_role("button", name="Add card").click()
    landed = page.get_by_role("heading", name="Landed: your first card")
    expect(landed).to_be_visible(timeout=90_000)
    shot(page, f"first-3-{name}")
    assert overflow(page) == []
    assert time.monotonic() - begun < 120
    assert "first card of shop" in site.cli.git("show", "main:hello.md")


def test_empty_home_leads_to_a_landed_card(browse: Browse, site: Site) -> None:
    first_run(browse(), site, "desk")


def test_empty_home_leads_to_a_landed_card_on_a_phone(browse: Browse, site: Site) -> None:
    first_run(browse(phone=True, theme="dark"), site, "phone")


def test_empty_home_leads_to_a_landed_card_without_scripts(browse: Browse, site: Site) -> None:
    page = browse(scripts=False)
    page.goto(site.url("/"))
    page.get_by_role("link", name="Add a project").click()
    add_project(page, site)
    page.locator("#first").get_by_role("button", name="Add card").click()
    end = time.monotonic() + 90
    while not page.get_by_role("heading", name="Landed: your first card").count():
        assert time.monotonic() < end, "the card did not land"
        page.wait_for_timeout(500)
        page.goto(site.url("/p/shop/board"))


def test_what_is_wrong_with_a_new_project_is_said_beside_its_field(
    browse: Browse, site: Site
) -> None:
    from playwright.sync_api import expect

    page = browse()
    allow(page, "422")
    page.goto(site.url("/projects"))
    path, name = page.get_by_label("Path of the repository"), page.get_by_label("Name", exact=True)
    path.fill(str(site.cli.repo / "nowhere"))
    name.fill("shop")
    page.get_by_role("button", name="Add project").click()
    expect(page.locator("#err-repo")).to_be_visible()
    expect(path).to_have_attribute("aria-describedby", "err-repo")
    expect(path).to_be_focused()
    expect(name).to_have_value("shop")
    shot(page, "refused")
    path.fill(str(site.cli.repo))
    name.fill("My Shop")
    page.get_by_role("button", name="Add project").click()
    expect(page.locator("#err-name")).to_contain_text("small letters")
    assert axe(page) == []


def test_pipeline_shows_every_mistake_and_the_difference_before_it_is_used(
    browse: Browse, site: Site
) -> None:
    from playwright.sync_api import expect

    page = browse()
    add_project(page, site)
    page.goto(site.url("/p/shop/pipeline"))
    text = page.get_by_role("textbox", name="The file")
    good = text.input_value()
    text.fill("version: 1\nworker: 2\nstages:\n  - {name: develop, attempts: many}\n")
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#verdict .mistakes li")).to_have_count(2)
    shot(page, "pipeline-mistakes")
    assert axe(page) == []
    page.locator("#verdict .mistakes a").last.click()
    at = page.evaluate("[text.selectionStart, document.activeElement.id]")
    assert at[1] == "text"
    assert at[0] > text.input_value().index("  - {name: develop")
    expect(page.get_by_role("button", name="Use it")).to_have_count(0)
    text.fill(good.replace("workers: 3", "workers: 2"))
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#verdict tr.a", has_text="workers: 2")).to_be_visible()
    shot(page, "pipeline-difference")
    assert axe(page) == []
    text.fill(good.replace("workers: 3", "workers: 1"))
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("#verdict")).to_contain_text("has changed since the check")
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("#verdict")).to_contain_text("in force now")
    assert site.world.pipeline_files.load("shop").workers == 1


def test_offered_pipeline_is_used_only_after_trust(browse: Browse, site: Site) -> None:
    from playwright.sync_api import expect

    (site.cli.repo / ".sps").mkdir()
    (site.cli.repo / ".sps" / "pipeline.yaml").write_text(_OFFERED)
    site.cli.git("add", "-A")
    site.cli.git("commit", "-qm", "offer")
    page = browse()
    add_project(page, site)
    page.goto(site.url("/p/shop/pipeline"))
    page.get_by_role("link", name="What the repository offers").click()
    expect(page.locator("tr.a").first).to_be_visible()
    shot(page, "pipeline-offer")
    assert site.world.pipeline_files.load("shop").workers == 3
    page.get_by_role("button", name="Trust").click()
    expect(page.locator("#verdict")).to_contain_text("in force now")
    assert site.world.pipeline_files.load("shop").workers == 1


def test_palette_finds_and_opens_by_keyboard_and_says_what_it_found(
    browse: Browse, site: Site
) -> None:
    from playwright.sync_api import expect

    page = browse()
    add_project(page, site)
    expect(page).to_have_url(site.url("/p/shop/board"))
    page.goto(site.url("/settings"))
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Find pages, projects, cards and actions")
    expect(field).to_be_focused()
    expect(page.locator("#palette-list [role=option]").first).to_have_attribute(
        "aria-selected", "true"
    )
    field.fill("sho")
    expect(page.locator("#palette-list [role=option]").first).to_contain_text("shop")
    expect(page.locator("#announce")).to_contain_text("found")
    shot(page, "palette")
    assert axe(page) == []
    field.fill("dark theme")
    expect(page.locator("#palette-list [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.keyboard.press("Control+k")
    field.fill("shop project")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page).to_have_url(site.url("/p/shop"))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    shot(page, "help")
    assert axe(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page).to_have_url(site.url("/projects"))


def test_theme_language_density_and_keys_are_kept(browse: Browse, site: Site) -> None:
    from playwright.sync_api import expect

    page = browse()
    page.goto(site.url("/settings"))
    page.get_by_label("Theme", exact=True).select_option("dark")
    page.get_by_label("Language", exact=True).select_option("zh")
    page.get_by_label("Density", exact=True).select_option("compact")
    page.get_by_label("Single keys", exact=True).select_option("off")
    page.get_by_role("button", name="Save").click()
    root = page.locator("html")
    expect(root).to_have_attribute("lang", "zh-Hans")
    for name, value in (("theme", "dark"), ("density", "compact"), ("keys", "off")):
        expect(root).to_have_attribute(f"data-{name}", value)
    shot(page, "settings-zh-dark")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_hidden()
    allow(page, "404")
    page.goto(site.url("/nowhere"))
    expect(root).to_have_attribute("data-theme", "dark")
    expect(root).to_have_attribute("lang", "zh-Hans")


def test_token_is_shown_once_and_ends_when_it_is_taken_back(browse: Browse, site: Site) -> None:
    from playwright.sync_api import expect

    page = browse()
    page.goto(site.url("/settings"))
    page.get_by_label("Name", exact=True).fill("backup")
    page.get_by_role("button", name="Make a token").click()
    token = page.locator("#token").inner_text()
    shot(page, "token")
    asked = {"Authorization": f"Bearer {token}"}
    anyone = page.context.browser.new_context()  # type: ignore[union-attr]
    assert anyone.request.get(site.url("/api/v1/needs"), headers=asked).status == 200
    page.goto(site.url("/settings"))
    expect(page.locator("#token")).to_have_count(0)
    page.get_by_role("button", name="Take back backup").click()
    expect(page.get_by_role("row", name="backup")).to_have_count(0)
    assert anyone.request.get(site.url("/api/v1/needs"), headers=asked).status == 401
    anyone.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True])
def test_pages_fit_the_screen_and_can_be_read_by_everybody(
    browse: Browse, site: Site, theme: str, *, phone: bool
) -> None:
    page = browse(theme=theme, phone=phone, language="zh" if phone else "en")
    where = f"{theme}-{'phone' if phone else 'desk'}"
    page.goto(site.url("/projects"))
    site.cli("project", "init", "shop", "--repo", str(site.cli.repo), "--agent", "scripted")
    for path in ("/", "/projects", "/p/shop", "/p/shop/pipeline",
                 "/p/shop/pipeline/offer", "/settings", "/settings/notices",
                 "/palette"):  # fmt: skip
        page.goto(site.url(path))
        shot(page, f"{path.strip('/').replace('/', '-').replace('?', '-') or 'needs'}-{where}")
        assert overflow(page) == [], path
        assert axe(page) == [], path


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True])
def test_errors_and_the_door_fit_the_screen(
    browse: Browse, site: Site, theme: str, *, phone: bool
) -> None:
    from playwright.sync_api import expect

    where = f"{theme}-{'phone' if phone else 'desk'}"
    page = browse(theme=theme, phone=phone)
    allow(page, "404", "401", "422")
    page.goto(site.url("/p/none/board"))
    expect(page.locator(".id code")).not_to_be_empty()
    shot(page, f"error-{where}")
    assert (overflow(page), axe(page)) == ([], [])
    stranger = browse(theme=theme, phone=phone, role=None)
    allow(stranger, "404", "401", "422")
    stranger.goto(site.url("/projects"))
    stranger.get_by_label("Code").fill("a-word-that-nobody-has-ever-printed")
    shot(stranger, f"sign-in-{where}")
    assert (overflow(stranger), axe(stranger)) == ([], [])
    stranger.get_by_role("button", name="Sign in").click()
    expect(stranger.get_by_role("alert")).to_contain_text("fresh one")
