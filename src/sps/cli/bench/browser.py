"""What a person sees, measured in a real Chromium where one is installed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sps.cli.bench.bed import PROJECT, Bed
from sps.cli.bench.figures import Figure, figure, unmeasured
from sps.model.access import GrantKind, Role
from sps.model.errors import WorkFailed
from sps.services.access import grant

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_LOADS = 10
_EDITS = 20
_PATIENCE_S = 20.0
# Notes when the page's own document shows a title for the first time, in the system's time.
_WATCH = """(id) => {
  window.spsSeen = {};
  new MutationObserver(() => {
    const title = document.querySelector(`#${id} h4`)?.textContent;
    if (title && !(title in window.spsSeen))
      window.spsSeen[title] = performance.timeOrigin + performance.now();
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""
_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


def browser(bed: Bed, port: int, cards: int) -> Iterator[Figure]:
    """First paint of the board, and how long a changed card file takes to be in its document."""
    names = (f"board page with {cards} cards: first paint", "card file changed to document updated")
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None or importlib.util.find_spec("playwright") is None:
        lacks = "no browser" if program is None else "no playwright"
        yield from (unmeasured(name, f"not measured: {lacks}") for name in names)
        return
    from playwright.sync_api import sync_playwright

    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # which Chromium refuses to root
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=program, args=[*sandbox, "--disable-dev-shm-usage", "--disable-gpu"]
        )
        try:
            paints = [_painted(bed, chromium, port) for _ in range(_LOADS)]
            yield figure(names[0], "s", paints, 0.5)
            yield figure(names[1], "s", list(_updates(bed, chromium, port)), 0.025)
        finally:
            chromium.close()


def _board(bed: Bed, chromium: Browser, port: int) -> Page:
    """Open the board in a browser that knows nothing yet but its session."""
    from sps.console.guard import cookie_name

    url = f"http://127.0.0.1:{port}"
    secret, _ = grant(bed.world, GrantKind.SESSION, Role.ADMIN, "bench")
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": cookie_name(bed.world, tls=False), "value": secret, "url": url}])
    page = context.new_page()
    page.goto(f"{url}/p/{PROJECT}/board")
    return page


def _painted(bed: Bed, chromium: Browser, port: int) -> float:
    page = _board(bed, chromium, port)
    try:
        end = time.perf_counter() + _PATIENCE_S
        while (told := page.evaluate(_PAINT)) is None:
            if time.perf_counter() > end:
                raise WorkFailed("bench-failed", "the browser tells of no paint")
            page.wait_for_timeout(10)
        return float(told) / 1000
    finally:
        page.context.close()


def _updates(bed: Bed, chromium: Browser, port: int) -> Iterator[float]:
    page = _board(bed, chromium, port)
    path = next(bed.world.home.cards(PROJECT).glob("1-*.md"))
    page.locator("#c-1").wait_for()
    page.evaluate(_WATCH, "c-1")
    page.wait_for_timeout(1000)  # the page's stream opens beside its load
    for number in range(_EDITS):
        title = f"edited {number}"
        began = _retitled(bed, path, title)
        yield _seen(page, title) - began
        page.wait_for_timeout(100)


def _retitled(bed: Bed, path: Path, title: str) -> float:
    """Replace a card's file as an editor does; return when, in seconds since the epoch."""
    temporary = path.with_name(".edit.tmp")
    temporary.write_text(f"---\ntitle: {title}\nhold: true\n---\n")
    began = bed.world.clock.now() / 1000
    temporary.rename(path)
    return began


def _seen(page: Page, title: str) -> float:
    end = time.perf_counter() + _PATIENCE_S
    while (told := page.evaluate("(title) => window.spsSeen[title]", title)) is None:
        if time.perf_counter() > end:
            raise WorkFailed("bench-failed", "the page did not show an edit")
        page.wait_for_timeout(20)
    return float(told) / 1000
