"""A hundred payloads in a real Chromium: no page that shows them runs one, asks another host, or
has to be saved by the content policy."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from sps.cli.console import way_in
from sps.console.guard import cookie_name
from sps.model.access import GrantKind, Role
from sps.model.card import CardText
from sps.model.errors import SpsError
from sps.services import access
from sps.services.ingest import ingest
from tests.integration.scene import Scene
from tests.redteam.console_socket import served
from tests.redteam.hostile_change import hostile_change
from tests.redteam.payloads import PAYLOADS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.needs("git", "chromium", "playwright"), pytest.mark.slow,
              pytest.mark.timeout(300)]  # fmt: skip
CHROMIUM = "/usr/bin/chromium"
ARGS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu")
_WATCH = """
window.alert = () => window.spsHappened("executed: " + location.pathname);
addEventListener("securitypolicyviolation", (event) =>
  window.spsHappened(`policy: ${event.violatedDirective} ${event.blockedURI}`));
"""
_LEFT = """() => [...document.querySelectorAll("[href], [src], [action], [formaction]")]
  .flatMap((one) => ["href", "src", "action", "formaction"].map((name) => one.getAttribute(name)))
  .filter((value) => value && /^[\\s\\u0000-\\u0020]*(javascript|data|vbscript):/i.test(value))"""
PAGES = (
    "/", "/projects", "/p/p/board", "/p/p/board/planning", "/review", "/workers", "/logs",
    "/skills", "/skills/hostile", "/health", "/settings", "/palette?q=alert", "/p/p/pipeline",
    "/p/p/c/1", "/p/p/c/1?edit=1", "/p/p/c/1/run", "/p/p/c/1/changes", "/p/p/c/1/gates",
    "/p/p/c/1/timeline", "/p/p/c/1/timeline?full=1", "/p/p/c/1/gates/loud/log", "/p/p/c/1/move",
)  # fmt: skip


class Site:
    """The console with hostile content everywhere, and what happened in the browser."""

    def __init__(self, scene: Scene, url: str, browser: Browser) -> None:
        self.scene = scene
        self.url = url
        self.happened: list[str] = []
        context = browser.new_context()
        secret, _ = access.grant(scene.world, GrantKind.SESSION, Role.ADMIN, "browser")
        name = cookie_name(scene.world, tls=False)
        context.add_cookies([{"name": name, "value": secret, "url": url}])
        context.expose_binding("spsHappened", lambda _, text: self.happened.append(text))
        context.add_init_script(_WATCH)
        context.on("request", self._asked)
        self.page: Page = context.new_page()

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.url, "data:", "blob:", "about:")):
            self.happened.append(f"foreign: {request.url}")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with hostile_change(tmp_path_factory.mktemp("browser")) as made:
        _cards(made)
        _skill(made)
        _log(made)
        yield made


@pytest.fixture(scope="module")
def chromium(scene: Scene) -> Iterator[Browser]:
    """A browser; its driver's loop must begin after all that the scene does in loops of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(ARGS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(scene: Scene, chromium: Browser) -> Iterator[Site]:
    with served(scene.world) as port:
        yield Site(scene, f"http://127.0.0.1:{port}", chromium)


def _cards(scene: Scene) -> None:
    files = scene.world.card_files
    for payload in PAYLOADS:
        plain = CardText(title=payload.replace("\n", " "), body=payload, hold=True)
        labelled = msgspec.structs.replace(plain, labels=(payload[:60],))
        for text in (labelled, plain, CardText(title="A card", body=payload, hold=True)):
            try:  # not everything may stand in a label or a title
                files.create("p", files.highest("p") + 1, text)
            except SpsError:
                continue
            break
    ingest(scene.world, "p")


def _skill(scene: Scene) -> None:
    """Put them into a skill's words; one with such file names is not read at all."""
    folder = scene.world.home.skills / "hostile"
    folder.mkdir(parents=True)
    said = json.dumps(" ".join(PAYLOADS)[:900])
    (folder / "SKILL.md").write_text(
        f"---\nname: hostile\ndescription: {said}\n---\n" + "\n\n".join(PAYLOADS)
    )


def _log(scene: Scene) -> None:
    scene.world.home.log.parent.mkdir(parents=True, exist_ok=True)
    with scene.world.home.log.open("a") as file:
        for payload in PAYLOADS:
            line = {"ts": "2026-01-01T00:00:00.000Z", "level": "ERROR", "service": "daemon",
                    "env": payload, "msg": payload, "logger": payload, "code": payload,
                    "request_id": payload, "detail": payload}  # fmt: skip
            file.write(json.dumps(line) + "\n")


def test_the_payloads_run_where_nothing_is_done_against_them(chromium: Browser) -> None:
    """The control: the same browser, a page that puts them in as they are."""
    from playwright.sync_api import Error

    ran: set[str] = set()
    page = chromium.new_page()
    page.route("**", lambda route: route.abort())
    page.expose_binding("spsHappened", lambda _, text: ran.add(text))
    for number, payload in enumerate(PAYLOADS):
        tells = f"<script>window.alert = () => window.spsHappened('{number}');</script>"
        with contextlib.suppress(Error):  # some lead away at once
            page.set_content(tells + payload, wait_until="commit")
        page.wait_for_timeout(20)
    page.close()
    assert len(ran) > 30


@pytest.mark.parametrize("path", PAGES)
def test_no_page_runs_what_it_shows(site: Site, path: str) -> None:
    site.happened.clear()
    answer = site.page.goto(site.url + path)
    assert answer is not None
    assert answer.status == 200, path
    site.page.wait_for_timeout(150)  # for what would run on its own a moment later
    assert site.page.evaluate(_LEFT) == []
    assert site.happened == []


def test_the_pages_did_show_them(site: Site) -> None:
    for path, least in (("/p/p/board", 25), ("/p/p/c/1/changes", 50), ("/logs", 40),
                        ("/skills/hostile", 30), ("/p/p/c/1/run", 30), ("/", 1)):  # fmt: skip
        site.page.goto(site.url + path)
        shown = site.page.evaluate("document.body.textContent.split('alert(1)').length - 1")
        assert shown >= least, (path, shown)


def test_what_the_stream_brings_into_an_open_board_does_not_run(site: Site) -> None:
    site.page.goto(site.url + "/p/p/board")
    site.page.locator('#live[data-live="ok"]').wait_for()
    site.happened.clear()
    site.page.evaluate("document.body.dataset.same = 'yes'")
    plain = [one for one in PAYLOADS if one.isascii() and one.isprintable()][:30]
    for seq, payload in enumerate(plain, 2):
        _retitle(site.scene, seq, f"{payload} brought")
    ingest(site.scene.world, "p")
    for seq in range(2, 2 + len(plain)):
        site.page.locator(f"#c-{seq} h4", has_text="brought").wait_for()
    assert site.page.evaluate("document.body.dataset.same") == "yes"  # by the stream, not anew
    assert site.page.evaluate(_LEFT) == []
    assert site.happened == []


def _retitle(scene: Scene, seq: int, title: str) -> None:
    name = scene.world.card_files.find("p", seq)
    assert name is not None
    text = f"---\ntitle: {json.dumps(title)}\nhold: true\n---\n"
    (scene.world.home.cards("p") / name).write_text(text)


def test_the_word_to_come_in_stays_out_of_arguments_addresses_and_referers(
    site: Site, chromium: Browser
) -> None:
    word, _ = access.grant(site.scene.world, GrantKind.LAUNCH, Role.ADMIN, "browser")
    way = way_in(site.scene.world.home, f"{site.url}/sign-in#t={word}")
    assert way.stat().st_mode & 0o777 == 0o600
    assert word not in way.as_uri()  # which is all that a browser is started with
    context = chromium.new_context()
    told: list[str] = []
    context.on("request", lambda one: told.append(f"{one.url} {one.headers.get('referer', '')}"))
    page = context.new_page()
    page.goto(way.as_uri())
    page.wait_for_url(f"{site.url}/")
    seen = [row for row in told if row.startswith(site.url)]
    assert any(row.startswith(f"{site.url}/sign-in ") for row in seen)
    assert [row for row in seen if word in row] == []
    assert word not in page.url + page.content()
    for _ in range(3):  # back through what the browser remembers
        page.go_back()
        assert word not in page.url
    context.close()
    assert word not in site.scene.world.home.log.read_text()
