"""The review queue in a real browser: from one to the next without leaving the keyboard."""

from __future__ import annotations

import time

import pytest

from sps.model.card import CardState
from tests.acceptance.browser import BROWSER, PATIENCE_S, Browse, Site, live
from tests.acceptance.installed_cli import REVIEWED, writing

pytestmark = [*BROWSER, pytest.mark.timeout(300)]


@pytest.fixture
def pipeline() -> str:
    return REVIEWED


def state(site: Site, seq: int) -> CardState:
    card = site.world.store.read(lambda tx: tx.card_by_seq("demo", seq))
    assert card is not None
    return card.state


def waiting(site: Site, *seqs: int, state_: CardState = CardState.REVIEW) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while any(state(site, seq) is not state_ for seq in seqs):
        assert time.monotonic() < deadline, [state(site, seq) for seq in seqs]
        time.sleep(0.05)


def three(site: Site) -> None:
    for name in ("one", "two", "three"):
        site.add(f"Write {name}", writing(f"{name}.py", f"{name} = '<b>'"), hold=False)
    waiting(site, 1, 2, 3)


def test_keys_lead_through_the_queue(site: Site, browse: Browse) -> None:
    from playwright.sync_api import expect

    three(site)
    page = browse()
    page.goto(site.url("/review"))
    live(page)
    expect(page.get_by_text("3 wait for your word")).to_be_visible()
    first = page.locator("#now-h").inner_text()
    page.keyboard.press("n")
    expect(page.locator("#now-h")).not_to_have_text(first)
    second = page.locator("#now-h").inner_text()
    page.keyboard.press("r")
    expect(page.locator("#r-comment")).to_be_focused()
    page.keyboard.type("shorter, please: a r n")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("Changes requested")
    expect(page.locator("#now-h")).not_to_have_text(second)
    page.keyboard.press("a")
    expect(page.locator("#review-sum")).to_contain_text("2 decided today")
    seqs = {"Write one": 1, "Write two": 2, "Write three": 3}
    waiting(site, seqs[first], state_=CardState.DONE)


def test_the_queue_works_without_scripts(site: Site, browse: Browse) -> None:
    from playwright.sync_api import expect

    three(site)
    page = browse(scripts=False)
    page.goto(site.url("/review"))
    expect(page.locator(".diff tr.a").first).to_contain_text("= '<b>'")
    page.locator("#ask summary").click()
    page.locator("#r-comment").fill("shorter")
    page.get_by_role("button", name="Send back to work").click()
    expect(page.locator("#review-sum")).to_contain_text("1 decided today")
