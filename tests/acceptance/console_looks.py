"""How pages look on every screen: nothing wider than it, no barrier, and pictures when asked for.

Pictures are written below `$SPS_PICTURES`, when it is set.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sps.model.access import Role
from tests.acceptance.browser import Browse, Site, allow, axe, live, overflow, picture

if TYPE_CHECKING:
    from playwright.sync_api import Page

FOLDER = os.environ.get("SPS_PICTURES")
_TALLEST = 6000
# A link whose ::after lies over its whole entry is as large as that is.
_SMALL = """() => [...document.querySelectorAll("main a, main button, main summary, main select")]
  .filter((one) => one.offsetParent !== null && !one.closest(".prose, p, li .says, table"))
  .filter((one) => !["inline"].includes(getComputedStyle(one).display))
  .map((one) => [one, getComputedStyle(one, "::after").position === "absolute"])
  .map(([one, over]) => [one.outerHTML.slice(0, 120), (over ? one.closest("li") : one)])
  .map(([html, one]) => [html, one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.height < 43.5 || box.width < 31.5))
  .map(([html, box]) => `${Math.round(box.width)}x${Math.round(box.height)} ${html}`)"""
# What is pressed or filled in and lies beside the screen, where nothing scrolls to it.
_OUTSIDE = """() => [...document.querySelectorAll("a, button, summary, input, select, textarea")]
  .filter((one) => one.checkVisibility() && !one.closest(".vh, .skip, .board, svg"))
  .filter((one) => { const box = one.getBoundingClientRect();
    return box.width > 1 && (box.left < -1 || box.right > innerWidth + 1); })
  .filter((one) => { for (let up = one.parentElement; up; up = up.parentElement)
      if (up.scrollWidth > up.clientWidth && getComputedStyle(up).overflowX !== "visible")
        return false;
    return true; })
  .map((one) => one.outerHTML.slice(0, 120))"""
_HIDDEN = """() => document.querySelector("dialog[open]") ? 0 : Math.max(0, ...
  [...document.querySelectorAll("main, main *")]
    .filter((one) => one.clientHeight > innerHeight / 2 && !one.closest(".board"))
    .filter((one) => /auto|scroll/.test(getComputedStyle(one).overflowY))
    .map((one) => one.scrollHeight - one.clientHeight))"""


@dataclass(frozen=True, kw_only=True)
class Screen:
    """What a page is looked at with."""

    phone: bool = False
    theme: str = "light"
    language: str = "en"

    def open(self, browse: Browse, role: Role | None = Role.ADMIN) -> Page:
        """Return a fresh page on this screen."""
        return browse(phone=self.phone, theme=self.theme, language=self.language, role=role)

    def __str__(self) -> str:
        chinese = "-zh" if self.language == "zh" else ""
        return f"{'phone' if self.phone else 'desk'}-{self.theme}{chinese}"


SCREENS = (
    Screen(),
    Screen(theme="dark"),
    Screen(phone=True),
    Screen(phone=True, theme="dark"),
)
CHINESE = (Screen(language="zh"), Screen(phone=True, theme="dark", language="zh"))


@dataclass(frozen=True)
class Shot:
    """A page at an address, or, with `reach`, a state of it that somebody brings about."""

    name: str
    path: str
    reach: Callable[[Page], object] | None = None
    role: Role | None = Role.ADMIN
    allows: str = ""  #: an error of the browser that belongs to it


def look(browse: Browse, site: Site, shots: Iterable[Shot], screen: Screen) -> None:
    """Open all pages on a screen. Fails on an overflow, on what lies beside the screen, on a
    serious finding of axe-core (in one language: the markup is the same), and on what is too small
    to touch."""
    found: list[str] = []
    pages: dict[tuple[Role | None, str], Page] = {}
    for shot in shots:
        page = pages.get((shot.role, shot.allows)) or screen.open(browse, role=shot.role)
        pages[shot.role, shot.allows] = page
        found += [f"{shot.name}-{screen}: {one}" for one in faults(page, site, shot, screen)]
    for page in pages.values():
        page.context.close()
    assert not found, "\n".join(found)


def faults(page: Page, site: Site, shot: Shot, screen: Screen) -> list[str]:
    """Return what is wrong with the look of a page, and take its picture when asked for."""
    if shot.allows:
        allow(page, shot.allows)
    page.goto(site.url(shot.path))
    if page.locator("main[data-view]").count():
        live(page)
    if shot.reach is not None:
        shot.reach(page)
    if FOLDER:
        _photograph(page, Path(FOLDER), f"{shot.name}-{screen}")
    found = [*overflow(page), *(f"outside: {one}" for one in page.evaluate(_OUTSIDE))]
    found += axe(page) if screen.language == "en" else []
    if screen.phone:
        found += [f"small: {one}" for one in page.evaluate(_SMALL)]
    return found


def _photograph(page: Page, folder: Path, name: str) -> None:
    """Write a picture of all of a page: on a screen that is as high as the page is long."""
    before = page.viewport_size
    assert before is not None
    more = page.evaluate(_HIDDEN)
    if more > 0:
        page.set_viewport_size({**before, "height": min(_TALLEST, before["height"] + more)})
    picture(page, folder, name)
    if more > 0:
        page.set_viewport_size(before)
