"""A card's page in a real browser: every tab, a remark on a line, changes asked for, a second
attempt seen as it runs, the approval and the landing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sps.services.show_card import show_card
from tests.acceptance.browser import BROWSER, Site, allow, live, overflow, picture
from tests.acceptance.installed_cli import REVIEWED

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = BROWSER
TABS = ("", "/run", "/changes", "/gates", "/timeline")
GREET_3 = 'section[data-path="greet.py"] tr[data-line="3"]'
BODY = """\
Greet people by their **name**.

- [ ] say hello
- [x] know the name

```sh
printf '\\033[32mok\\033[0m 12 tests\\nall is well\\n'
```
```sh attempt=1
printf 'building\\n\\033[31merror:\\033[0m no such target\\n'; exit 3
```
```sleep attempt=2
2
```
```file path=greet.py
def greet(name: str) -> str:
    \"\"\"Greet somebody.\"\"\"
    return f"Hello, {name}!"  # loud


class Greeter:
    count = 42
```
```file path=README.md
# Greeter

It greets.
```
"""


@pytest.fixture
def reviewed(site: Site) -> Site:
    """A site whose changes wait for a person."""
    site.world.pipeline_files.install("demo", REVIEWED)
    return site


def waiting(site: Site, page: Page) -> str:
    """Add a card, let its first attempt run, and return its address while it waits for us."""
    from playwright.sync_api import expect

    card = site.add("Greet people by name", BODY, hold=False, labels=("feature",))
    path = f"/p/demo/c/{card.seq}"
    page.goto(site.url(path))
    expect(page.locator("#card-head .st")).to_have_attribute("data-s", "review", timeout=60_000)
    return path


def test_a_change_is_sent_back_with_a_remark_and_its_second_attempt_is_approved_and_lands(
    reviewed: Site, page: Page
) -> None:
    from playwright.sync_api import expect

    site = reviewed
    path = waiting(site, page)
    seq = int(path.rpartition("/")[2])
    for tab in TABS:
        page.goto(site.url(path + tab))
        live(page)
        assert overflow(page) == [], tab
    page.goto(site.url(path + "/changes"))
    page.locator(GREET_3).locator("[data-note]").click()
    page.locator(".note-row textarea").fill("greet more quietly")
    expect(page.locator("#drafts")).to_contain_text("greet.py:3")
    page.reload()
    expect(page.locator(".note-row textarea")).to_have_value("greet more quietly")
    page.locator("#r-comment").fill("Nearly there.")
    live(page)
    page.get_by_role("button", name="Request changes").click()
    page.wait_for_url("**/run")
    expect(page.locator("#runs .run-tab").nth(1)).to_be_visible(timeout=60_000)
    expect(page.locator("#turns[data-live]")).to_be_visible()
    expect(page.locator("#turns")).to_contain_text("wrote greet.py", timeout=60_000)
    expect(page.locator("#card-head .st")).to_have_attribute("data-s", "review", timeout=60_000)
    expect(page.locator("#turns .turn.k-end")).to_contain_text("ended")
    comments = [line for one in show_card(site.world, "demo", seq).verdicts for line in one.lines]
    assert comments == ["Nearly there.", "greet.py:3: greet more quietly"]
    page.goto(site.url(path + "/changes"))
    live(page)
    expect(page.locator("#drafts li")).to_have_count(0)
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("#card-head .st")).to_have_attribute("data-s", "merged", timeout=60_000)
    expect(page.locator("#review")).to_have_count(0)
    assert "greet.py" in site.cli("card", "show", "demo", str(seq), "--diff").out


def test_two_edits_at_once_show_the_second_writer_the_difference(site: Site, page: Page) -> None:
    from playwright.sync_api import expect

    allow(page, "409")
    card = site.add("A card", "The first words.\n")
    page.goto(site.url(f"/p/demo/c/{card.seq}?edit=1"))
    assert site.cli("card", "edit", "demo", str(card.seq), "--title", "Another title").code == 0
    page.locator("#e-body").fill("My words.\n")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else changed this card")
    expect(page.locator(".diff.small")).to_contain_text("+My words.")
    expect(page.locator("#e-body")).to_have_value("My words.\n")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#spec")).to_contain_text("My words.")


def test_an_item_is_ticked_and_the_page_follows(site: Site, page: Page) -> None:
    from playwright.sync_api import expect

    card = site.add("A card", "- [ ] one\n- [ ] two\n")
    page.goto(site.url(f"/p/demo/c/{card.seq}"))
    live(page)
    page.get_by_role("checkbox", name="two").click()
    expect(page.get_by_role("checkbox", name="two")).to_have_attribute("aria-checked", "true")
    expect(page.get_by_role("checkbox", name="one")).to_have_attribute("aria-checked", "false")


def test_without_scripts_a_change_is_read_remarked_and_sent_back(
    reviewed: Site, browse: Any, page: Page
) -> None:
    from playwright.sync_api import expect

    path = waiting(reviewed, page)
    plain = browse(scripts=False)
    plain.goto(reviewed.url(path + "/changes"))
    plain.locator(f"{GREET_3} a").click()
    plain.locator(".note-row textarea").fill("greet.py:3: quietly")
    plain.get_by_role("button", name="Request changes").click()
    expect(plain.locator("#runs")).to_be_visible()
    seq = int(path.rpartition("/")[2])
    shown = show_card(reviewed.world, "demo", seq)
    assert [one.lines for one in shown.verdicts] == [["greet.py:3: quietly"]]


def test_a_card_that_needs_a_person_says_why_and_is_retried_from_a_stage(
    site: Site, browse: Any, page: Page
) -> None:
    from playwright.sync_api import expect

    body = "```sh attempt=1\nprintf 'one\\n\\033[31merror: two\\033[0m\\n'; exit 2\n```\n"
    card = site.add("A card that fails", body + "```sh attempt=2\nexit 1\n```\n", hold=False)
    path = f"/p/demo/c/{card.seq}"
    page.goto(site.url(path + "/run"))
    expect(page.locator("#card-head .st")).to_have_attribute(
        "data-is", "needs_human", timeout=60_000
    )
    expect(page.locator("#why")).to_contain_text("sps ")
    page.locator("#runs .run-tab").first.click()
    expect(page.locator("details.tool[data-status=failed]")).to_have_attribute("open", "")
    expect(page.locator("details.tool[data-status=failed] .fr")).to_have_text("error: two")
    folder = os.environ.get("SPS_PICTURES")
    if folder:
        picture(page, Path(folder), "card-failed-desk-light")
        other = browse(phone=True, theme="dark", language="zh")
        other.goto(site.url(path))
        live(other)
        picture(other, Path(folder), "card-failed-phone-dark-zh")
    live(page)
    page.locator("#card-more > summary").click()
    page.locator("#from-stage").select_option("develop")
    page.locator("#card-more").get_by_role("button", name="Retry").click()
    expect(page.locator("#runs .run-tab").nth(2)).to_be_visible(timeout=60_000)


def test_a_run_is_followed_as_it_happens_and_its_agent_is_spoken_to(site: Site, page: Page) -> None:
    from playwright.sync_api import expect

    wait = "```sh\nfor n in $(seq 300); do test -e go && break; sleep 0.1; done; rm -f go\n```\n"
    card = site.add("A long card", f"```file path=a.txt\none\n```\n{wait}", hold=False)
    page.goto(site.url(f"/p/demo/c/{card.seq}/run"))
    expect(page.locator("#turns")).to_contain_text("Write a.txt", timeout=60_000)
    expect(page.locator("#turns details.tool").last.locator(".run")).to_be_visible()
    page.locator("#say-text").fill("Please mind the gap")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Sent to the agent")
    folder = os.environ.get("SPS_PICTURES")
    if folder:
        picture(page, Path(folder), "card-live-desk-light")
    (run,) = site.world.store.read(lambda tx: tx.runs(live=True))
    (Path(run.workspace) / "go").touch()
    expect(page.locator("#turns .k-told")).to_contain_text("Please mind the gap", timeout=60_000)
    site.cli("card", "cancel", "demo", str(card.seq))
    expect(page.locator("#turns .turn.k-end")).to_be_visible(timeout=60_000)
