"""How a page looks on every screen: nothing wider than it, no barrier, and pictures when asked for.

Pictures are written below `$SPS_PICTURES`, when it is set.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.acceptance.browser import Browse, Site, axe, overflow, picture

if TYPE_CHECKING:
    from playwright.sync_api import Page

LOOKS = ((False, "light"), (False, "dark"), (True, "light"), (True, "dark"))
_SMALL = """() => [...document.querySelectorAll("main a, main button, main summary, main select")]
  .filter((one) => one.offsetParent !== null && !one.closest(".prose, p, li .says, table"))
  .filter((one) => !["inline"].includes(getComputedStyle(one).display))
  .map((one) => [one.outerHTML.slice(0, 120), one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.height < 43.5 || box.width < 31.5))
  .map(([html, box]) => `${Math.round(box.width)}x${Math.round(box.height)} ${html}`)"""


def look(
    browse: Browse, site: Site, path: str, name: str, also: Callable[[Page], None] | None = None
) -> None:
    """Open a page in light and dark, on a desk and a phone. Fails on an overflow, on a serious
    finding of axe-core, and on a target that is too small to touch."""
    found: list[str] = []
    for phone, theme in LOOKS:
        page = browse(phone=phone, theme=theme)
        page.goto(site.url(path))
        if also is not None:
            also(page)
        where = f"{name}-{'phone' if phone else 'desk'}-{theme}"
        folder = os.environ.get("SPS_PICTURES")
        if folder:
            picture(page, Path(folder), where)
        found += [f"{where}: {one}" for one in [*overflow(page), *axe(page)]]
        if phone:
            found += [f"{where}: small: {one}" for one in page.evaluate(_SMALL)]
        page.context.close()
    assert not found, "\n".join(found)
