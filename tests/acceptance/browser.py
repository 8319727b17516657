"""The console in a real browser.

Fixtures (every module that uses them says `pytestmark = BROWSER`):

    site     a home, a repository, the project `demo` and `sps up` as a process of its own.
             site.world is this test's own view of the home; site.kill(), site.start(), site.url()
    page     a signed-in page at 1440x900. Nothing is open yet: page.goto(site.url("/"))
    browse   makes more: browse(phone=True, theme="dark", language="zh", scripts=False, role=R)

A test fails at its end when any of its pages had a script error, an error in the console, a refusal
by the content policy, or asked a foreign host. Errors that a test provokes are announced with
    browse   more pages: browse(phone=True, theme="dark", language="zh", scripts=False, role=R)
finds. Never wait with `page.wait_for_function`: it needs eval, which the policy refuses.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from scripts.fetch_agent import NotFetched, Pin, cache_folder, fetch_file
from sps.bootstrap import Wired, open_world
from sps.model.access import GrantKind, Role
from sps.model.card import Card, CardText
from sps.services import access
from sps.services.add_card import add_card
from tests.acceptance.installed_cli import PIPELINE, Cli, make
from tests.free_port import free_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, FloatRect, Locator, Page

BROWSER = [
    pytest.mark.needs("git", "chromium", "playwright"),
    pytest.mark.slow,
    # A browser that dies says nothing about the page: the test has a second try, in a new one.
    pytest.mark.flaky(reruns=1, only_rerun=["TargetClosedError"]),
]
PATIENCE_S = 30.0
DESK = {"viewport": {"width": 1440, "height": 900}}
PHONE = {
    "viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True,
    "has_touch": True,
}  # fmt: skip
_CHROMIUM = "/usr/bin/chromium"
_ARGS = (
    "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--force-color-profile=srgb",
    "--font-render-hinting=none", "--hide-scrollbars",
)  # fmt: skip
_WATCH = """
addEventListener("securitypolicyviolation", (event) => window.spsViolated(
  `${event.violatedDirective} ${event.blockedURI} ${event.sourceFile || ""}:${event.lineNumber}`));
"""
_WIDER = """() => {
  const found = [];
  const root = document.scrollingElement;
  if (root.scrollWidth > root.clientWidth + 1) found.push(`page: ${root.scrollWidth}`);
  for (const one of document.querySelectorAll("body, main, .page, .top, dialog[open]"))
    if (one.scrollWidth > one.clientWidth + 1)
      found.push(`${one.tagName}.${one.className}#${one.id}: ${one.scrollWidth}`);
  return found;
}"""
_AXE = Pin(
    package="axe-core",
    version="4.14.1",
    member="package/axe.min.js",
    integrity="sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe"
    "37OgudVGtQ==",
)
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass
class Site:
    """A home with the project `demo`, and the daemon that serves it."""

    cli: Cli
    world: Wired
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[str] | None = None

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def start(self) -> None:
        """Start `sps up` on our port and wait until it works."""
        assert self.process is None
        self.process = self.cli.start("up", "--port", str(self.port))
        deadline = time.monotonic() + PATIENCE_S
        while not self._ready():
            assert self.process.poll() is None, self.process.communicate(timeout=PATIENCE_S)[1]
            assert time.monotonic() < deadline, "the daemon does not answer"
            time.sleep(0.05)

    def _ready(self) -> bool:
        try:
            with urlopen(self.url("/health/ready"), timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the daemon and see that it has ended."""
        if self.process is None:
            return
        process, self.process = self.process, None
        process.send_signal(how)
        process.communicate(timeout=PATIENCE_S)

    def kill(self) -> None:
        """End the daemon as a crash does."""
        self.end(signal.SIGKILL)

    def word(self, role: Role = Role.ADMIN) -> str:
        """Return a fresh launch word."""
        return access.grant(self.world, GrantKind.LAUNCH, role, "test")[0]

    def add(self, title: str, body: str = "", *, hold: bool = True, **text: Any) -> Card:
        """Add a card; unless it is not held it stays in planning, where no agent takes it."""
        return add_card(self.world, "demo", CardText(title=title, body=body, hold=hold, **text))


@pytest.fixture
def pipeline() -> str:
    """The pipeline of the project; a module that wants another one has its own fixture."""
    return PIPELINE


@contextmanager
def served(cli: Cli) -> Iterator[Site]:
    """A home and its daemon, which ends with the block."""
    world = open_world(cli.home)
    place = Site(cli, world)
    try:
        place.start()
        yield place
    finally:
        place.end()
        world.store.close()


@pytest.fixture
def site(tmp_path: Path, pipeline: str) -> Iterator[Site]:
    """A fresh home and its daemon."""
    with served(make(tmp_path, pipeline)) as place:
        yield place


class Chromium:
    """A browser that is started when it is asked for, and again when it died."""

    def __init__(self, start: Callable[[], Browser]) -> None:
        self._start = start
        self._running: Browser | None = None

    def running(self) -> Browser:
        if self._running is None or not self._running.is_connected():
            self._running = self._start()
        return self._running

    def died(self) -> bool:
        return self._running is not None and not self._running.is_connected()

    def close(self) -> None:
        if self._running is not None and self._running.is_connected():
            self._running.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """One browser for a module: the driver's event loop must not outlive it into other tests."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = Chromium(
            lambda: driver.chromium.launch(executable_path=_CHROMIUM, args=list(_ARGS))
        )
        yield browser
        browser.close()


class Watcher:
    """Collects what must not happen in a context."""

    def __init__(self, context: BrowserContext, host: str) -> None:
        self.bad: list[str] = []
        self.allowed: list[str] = []
        self._host = host
        context.expose_binding("spsViolated", lambda _, text: self.bad.append(f"policy: {text}"))
        context.add_init_script(_WATCH)
        context.on("weberror", lambda error: self.bad.append(f"script: {error.error}"))
        context.on("console", self._console)
        context.on("request", self._request)

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self.bad.append(f"console: {message.text} {message.location.get('url', '')}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self._host, "data:", "blob:")):
            self.bad.append(f"foreign: {request.url}")

    def found(self) -> list[str]:
        return [one for one in self.bad if not any(re.search(a, one) for a in self.allowed)]


_watchers: dict[int, Watcher] = {}


def allow(page: Page, *patterns: str) -> None:
    """Expect errors that match: a status that the test provokes, or a server that it stops."""
    _watchers[id(page.context)].allowed.extend(patterns)


Browse = Callable[..., "Page"]


@pytest.fixture
def browse(site: Site, chromium: Chromium) -> Iterator[Browse]:
    """Make signed-in pages, each in a browser of its own, and see that nothing bad happened."""
    contexts: list[BrowserContext] = []

    def open_page(
        *, phone: bool = False, theme: str = "light", language: str = "en", scripts: bool = True,
        role: Role | None = Role.ADMIN,
    ) -> Page:  # fmt: skip
        context = chromium.running().new_context(
            **(PHONE if phone else DESK), color_scheme=theme, reduced_motion="reduce",
            locale={"en": "en-GB", "zh": "zh-CN"}[language], java_script_enabled=scripts,
        )  # type: ignore[arg-type]  # fmt: skip
        context.set_default_timeout(PATIENCE_S * 1000)
        contexts.append(context)
        _watchers[id(context)] = Watcher(context, site.url(""))
        page = context.new_page()
        if role is not None:
            sign_in(page, site, role)
        return page

    yield open_page
    found = []
    for context in contexts:
        found += _watchers.pop(id(context)).found()
        if not chromium.died():
            context.close()
    assert not found, "\n".join(found)


def until(site: Site, seq: int, holds: Callable[[Card], bool]) -> Card:
    """Wait until something holds of a card of the project `demo`, and return it."""
    deadline = time.monotonic() + 2 * PATIENCE_S
    while True:
        card = site.world.store.read(lambda tx: tx.card_by_seq("demo", seq))
        assert card is not None
        if holds(card):
            return card
        assert time.monotonic() < deadline, (card.state, card.reason, card.detail)
        time.sleep(0.05)


@pytest.fixture
def page(browse: Browse) -> Page:
    return browse()


def sign_in(page: Page, site: Site, role: Role = Role.ADMIN) -> None:
    """Come in as a person without scripts does: type the word."""
    origin = site.url("")
    answer = page.context.request.post(
        site.url("/sign-in"), form={"code": site.word(role)}, max_redirects=0,
        headers={"origin": origin, "sec-fetch-site": "same-origin"},
    )  # fmt: skip
    assert answer.status == 303, answer.text()


def overflow(page: Page) -> list[str]:
    """Name what is wider than its place; boards, tables and code may scroll in themselves."""
    from playwright.sync_api import Error

    page.wait_for_load_state()
    try:
        found: list[str] = page.evaluate(_WIDER)
    except Error as err:  # the page went on while it was looked at
        if "context was destroyed" not in str(err):
            raise
        page.wait_for_load_state()
        found = page.evaluate(_WIDER)
    return found


def axe(page: Page, *, worst: tuple[str, ...] = ("serious", "critical")) -> list[str]:
    """Run axe-core on the page as it stands and return what is serious or critical."""
    page.evaluate(_axe_source() + ";0")
    result = page.evaluate(f"axe.run(document, {{runOnly: {_RULES}, resultTypes: ['violations']}})")
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:160]} {node['failureSummary'][:200]}"
        for one in result["violations"]
        if one["impact"] in worst
        for node in one["nodes"][:5]
    ]


def _axe_source() -> str:
    try:
        return fetch_file(_AXE, "axe-core", cache_folder()).read_text(encoding="utf-8")
    except NotFetched as err:
        if os.environ.get("CI") == "true":
            pytest.fail(f"NOT TESTED: {err}", pytrace=False)
        pytest.skip(f"NOT TESTED: {err}")


def live(page: Page) -> None:
    """Wait until the page follows its stream."""
    from playwright.sync_api import expect

    expect(page.locator("#live")).to_have_attribute("data-live", "ok", timeout=PATIENCE_S * 1000)


def place_of(what: Locator) -> FloatRect:
    """Return where something stands, once the page has stopped moving it."""
    seen = None
    for _ in range(100):
        now = what.bounding_box()
        if now is not None and now == seen:
            return now
        seen = now
        what.page.wait_for_timeout(100)
    raise AssertionError(f"{what} does not come to rest")


def picture(page: Page, folder: Path, name: str) -> Path:
    """Write a picture of what is on the screen."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    page.screenshot(path=path)
    return path
