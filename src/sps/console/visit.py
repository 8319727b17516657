"""One request of somebody we know, decoded and bounded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sps.daemon.place import Place
from sps.model.access import Grant, Role, allows
from sps.model.errors import Misuse

if TYPE_CHECKING:
    from sps.bootstrap import Wired
    from sps.console.hub import Hub

THEMES = ("light", "dark", "system")
LANGUAGES = ("en", "zh")
DENSITIES = ("comfortable", "compact")
SINGLE_KEYS = ("on", "off")


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
        return theme_of(self.cookies)

    @property
    def language(self) -> str:
        return language_of(self.cookies, self.headers)

    @property
    def density(self) -> str:
        chosen = self.cookies.get("sps_density", "")
        return chosen if chosen in DENSITIES else DENSITIES[0]

    @property
    def single_keys(self) -> str:
        """Whether single letters are shortcuts: `on` or `off`."""
        chosen = self.cookies.get("sps_keys", "")
        return chosen if chosen in SINGLE_KEYS else SINGLE_KEYS[0]

    @property
    def scripted(self) -> bool:
        """Whether a script of ours asks, and wants a fragment or a status instead of a page."""
        return self.headers.get("x-sps") == "1"


def theme_of(cookies: Mapping[str, str]) -> str:
    """Return the theme that a browser has chosen."""
    chosen = cookies.get("sps_theme", "system")
    return chosen if chosen in THEMES else "system"


def language_of(cookies: Mapping[str, str], headers: Mapping[str, str]) -> str:
    """Return the language that a browser has chosen, else the one that it asks for."""
    chosen = cookies.get("sps_language", "")
    if chosen in LANGUAGES:
        return chosen
    wanted = headers.get("accept-language", "").lower()
    return "zh" if wanted.startswith("zh") else "en"
