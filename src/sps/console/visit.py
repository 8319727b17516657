"""One request of somebody we know, decoded and bounded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sps.daemon.place import Place
from sps.model.access import Grant, Role, allows
from sps.model.errors import Misuse
from sps.services.settings import value

if TYPE_CHECKING:
    from sps.bootstrap import Wired
    from sps.console.hub import Hub

THEMES = ("light", "dark", "system")
LANGUAGES = ("en", "zh")
DENSITIES = ("comfortable", "compact")
MOTIONS = ("system", "reduced")
SINGLE_KEYS = ("on", "off")
SIDES = ("open", "folded")


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What a handler gets. `path` are the words of the route's path; `query` and `body` are values
    of the types that the route names."""

    world: Wired
    hub: Hub
    grant: Grant | None
    path: Mapping[str, str]
    query: Any
    body: Any
    nonce: str
    place: Place
    host: str
    url: str  #: path and query as they were asked for
    cookies: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    draining: bool = False

    @property
    def who(self) -> Grant:
        """The visitor's grant; a route that names a role has one."""
        assert self.grant is not None
        return self.grant

    def may(self, role: str) -> bool:
        """Whether the visitor may do what asks for this role."""
        return self.grant is not None and allows(self.grant.role, Role(role))

    def number(self, name: str) -> int:
        """Return a number from the path. Raises `Misuse("unknown-card")`."""
        text = self.path[name]
        if not text.isascii() or not text.isdigit() or len(text) > 9:
            raise Misuse("unknown-card", f"{text[:40]!r} is no card number")
        return int(text)

    @property
    def theme(self) -> str:
        return self._taste("theme", THEMES)

    @property
    def language(self) -> str:
        return language_of(self.cookies, self.headers, value(self.world, "console.language"))

    @property
    def density(self) -> str:
        return self._taste("density", DENSITIES)

    @property
    def motion(self) -> str:
        """Whether something may move: `system` leaves it to the browser."""
        return self._taste("motion", MOTIONS)

    @property
    def single_keys(self) -> str:
        """Whether single letters are shortcuts: `on` or `off`."""
        return self._taste("keys", SINGLE_KEYS)

    @property
    def side(self) -> str:
        """How the sidebar stands in this browser: `open` or `folded`."""
        chosen = self.cookies.get("sps_side", "")
        return chosen if chosen in SIDES else SIDES[0]

    def _taste(self, name: str, known: tuple[str, ...]) -> str:
        """Return what this browser has chosen, else what the home is set to."""
        chosen = self.cookies.get(f"sps_{name}", "")
        return chosen if chosen in known else value(self.world, f"console.{name}")

    @property
    def scripted(self) -> bool:
        """Whether a script of ours asks, and wants a fragment or a status instead of a page."""
        return self.headers.get("x-sps") == "1"


def theme_of(cookies: Mapping[str, str]) -> str:
    """Return the theme that a browser has chosen."""
    chosen = cookies.get("sps_theme", "system")
    return chosen if chosen in THEMES else "system"


def language_of(cookies: Mapping[str, str], headers: Mapping[str, str], set_to: str = "") -> str:
    """Return the language that a browser has chosen, else the one the home is set to, else the
    first of ours that the browser asks for."""
    for chosen in (cookies.get("sps_language", ""), set_to):
        if chosen in LANGUAGES:
            return chosen
    return _asked(headers.get("accept-language", ""))


def _asked(accepted: str) -> str:
    """Read `Accept-Language` as it is meant: by weight, then by place."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted[:400].lower().split(",")):
        name, _, weight = part.strip().partition(";q=")
        try:
            share = float(weight) if weight else 1.0
        except ValueError:
            share = 0.0
        wanted.append((-share, place, name.partition("-")[0]))
    fit = (name for share, _, name in sorted(wanted) if share < 0 and name in LANGUAGES)
    return next(fit, LANGUAGES[0])
