"""Templates into bytes. Everything is escaped unless one of our own renderers made it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sps.console import catalogue
from sps.console.answers import Page
from sps.console.guard import cookies_of
from sps.console.heard import heard, speaker
from sps.console.home_mark import mark_of
from sps.console.problem import Problem
from sps.console.render.lasting import lasting
from sps.console.visit import language_of, theme_of
from sps.lib.times import moment
from sps.model.access import Role
from sps.services.standing import standing
from sps.services.telling import EventView, said

if TYPE_CHECKING:
    from jinja2 import Environment

    from sps.console.visit import Visit

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"


class Rendering:
    """Renders pages and parts of pages."""

    def __init__(self) -> None:
        self._made: Environment | None = None

    @property
    def environment(self) -> Environment:
        if self._made is None:
            self._made = _environment()
        return self._made

    def page(self, page: Page, visit: Visit) -> bytes:
        """Render a page for a visitor."""
        now = visit.world.clock.now()
        return self._render(
            page.template, visit.language, visit.theme, visit.nonce, page=page, it=page.model,
            visit=visit, Role=Role, remote=visit.place.tls, home=mark_of(visit.world),
            edition=_edition(), stands=partial(standing, visit.world),
            age=lambda at: (now - moment(at)) / 1000,
        )  # fmt: skip

    def error(
        self, said: Problem, nonce: str, given: Mapping[str, str], *, remote: bool = False
    ) -> bytes:
        """Render an error for a person, whoever it is: it needs neither store nor session.
        `remote`: others come in by a password."""
        cookies = cookies_of(given.get("cookie", ""))
        language = language_of(cookies, given)
        name = "sign_in.html" if said.status == 401 else "error.html"
        return self._render(
            name, language, theme_of(cookies), nonce, page=None, it=said, visit=None, remote=remote
        )

    def part(self, template: str, macro: str, language: str, *args: Any) -> str:
        """Render one macro, as a fragment that the stream carries."""
        module = self.environment.get_template(template).make_module(
            {"t": _tongue(language), "tell": _teller(language)}
        )
        return str(getattr(module, macro)(*args))

    def _render(self, name: str, language: str, theme: str, nonce: str, **more: Any) -> bytes:
        template = self.environment.get_template(name)
        text: str = template.render(
            t=_tongue(language),
            tell=_teller(language),
            heard=partial(heard, language),
            language=language,
            theme=theme,
            nonce=nonce,
            **more,
        )
        return text.encode()


def _tongue(language: str) -> Callable[..., str]:
    return lambda text, **words: catalogue.say(language, text, **words)


def _teller(language: str) -> Callable[[EventView], str]:
    """Return what says an event."""
    speak = speaker(language)
    return lambda event: said(event, speak)


def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["static"] = address
    made.filters["lasting"] = lasting
    return made


def address(name: str) -> str:
    """Return the address of one of our files. It may be kept for ever: it changes when any of them
    does, since a script names the others, and a style its fonts, beside itself."""
    return f"/static/{_edition()}/{name}"


@lru_cache(maxsize=1)
def _edition() -> str:
    """Name our files, scripts and the markup they work on alike, by what they hold."""
    digest = hashlib.sha256()
    for path in sorted((*STATIC.rglob("*"), *(FOLDER / "templates").iterdir())):
        if path.is_file():
            digest.update(f"{path.relative_to(FOLDER)}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
