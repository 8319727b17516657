"""The guard: everything a request has to pass before a route sees it, and the headers of all that
goes out. Threats A1 to A9 of the design: other sites, other hosts, other people."""

from __future__ import annotations

import ipaddress
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from sps.console import problem
from sps.console.home_mark import mark_of
from sps.console.rate import Rates
from sps.console.registry import SAFE, Route
from sps.daemon.place import Place
from sps.lib import context
from sps.lib.threads import in_thread
from sps.model.access import Grant, GrantKind, Role, allows
from sps.services import access

if TYPE_CHECKING:
    from sps.bootstrap import Wired

_audit = logging.getLogger("sps.audit")
_CSP = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types sps"
)
_FIXED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "x-frame-options": "DENY",
}


@dataclass(frozen=True)
class Passed:
    """A request that may go on."""

    grant: Grant | None
    host: str
    nonce: str
    cookies: Mapping[str, str]
    headers: Mapping[str, str]


def fresh_nonce() -> str:
    return secrets.token_urlsafe(16)


def headers(nonce: str, *, cache: str = "no-store") -> dict[str, str]:
    """Return the headers of every answer."""
    return {**_FIXED, "content-security-policy": _CSP.format(nonce=nonce), "cache-control": cache}


def cookie_name(world: Wired, *, tls: bool) -> str:
    """Return the name of our cookie: browsers do not tell ports apart, two homes must not share.
    With TLS its prefix has browsers see to it that nobody but this very host can have set it."""
    return f"{'__Host-' if tls else ''}sps_{mark_of(world)}"


class Guard:
    """Decides about requests. `place` says which hosts are ours."""

    def __init__(self, world: Wired, place: Place) -> None:
        self._world = world
        self._place = place
        self._rates = Rates(world.clock)

    @property
    def cookie(self) -> str:
        return cookie_name(self._world, tls=self._place.tls)

    def stranger(self, given: Mapping[str, str]) -> problem.Problem | None:
        """Refuse a Host that is not ours, before any route is looked at."""
        if given.get("host", "") in self._place.hosts:
            return None
        return problem.plain(421, "wrong-host", "this address is not one of this console")

    async def grant(self, given: Mapping[str, str], cookies: Mapping[str, str]) -> Grant | None:
        """Return who asks: by a personal token, else by our cookie."""
        kind, _, secret = given.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return await in_thread(access.known, self._world, secret.strip(), GrantKind.TOKEN)
        session = cookies.get(self.cookie)
        if not session:
            return None
        return await in_thread(access.known, self._world, session, GrantKind.SESSION)

    def forged(self, verb: str, given: Mapping[str, str]) -> problem.Problem | None:
        """Refuse a change, or a stream, that another site asks for. A personal token proves itself
        and needs no origin; browsers never send it by themselves."""
        site = given.get("sec-fetch-site")
        if site is not None and site not in ("same-origin", "none"):
            return _forged("another site asked for it")
        if given.get("authorization", "").lower().startswith("bearer "):
            return None
        origin = given.get("origin")
        if verb in SAFE and origin is None:
            return None  # a script of another site would be named, by old browsers too
        if site == "none" and verb not in SAFE:
            return _forged("it comes from no page of this console")
        if origin is None:
            return None if site == "same-origin" else _forged("it says nothing about its origin")
        if origin == f"{self._place.scheme}://{given.get('host', '')}":
            return None
        # A page that sends no referrer says the origin `null` in its forms; the browser's own word
        # about the site, which a page cannot set, decides then.
        return None if origin == "null" and site == "same-origin" else _forged("of its origin")

    def refused(
        self, route: Route, words: Mapping[str, str], grant: Grant | None, client: str, *,
        bearer: bool,
    ) -> problem.Problem | None:  # fmt: skip
        """Refuse who may not, and who asks too often. `bearer`: a personal token was shown."""
        if route.role is None and grant is None:
            return None  # open: our own files, and the door, which counts failures itself
        if route.role is not None:
            if grant is None:
                wait = self._rates.failed(peer(client)) if bearer else None
                return _too_often(wait) if wait is not None else problem.plain(
                    401, "sign-in-needed", "this needs a session or a personal token",
                    hint="sps console",
                )  # fmt: skip
            if grant.role is Role.AGENT and route.own:
                # Its own card or none: another one looks like one that is not there.
                project, seq = words["project"], words["seq"]
                if grant.card != f"{project}#{seq}":
                    says = f"there is no card {seq[:20]} in {project[:80]}"
                    return problem.plain(404, "unknown-card", says)
            elif not allows(grant.role, route.role):
                says = f"this needs the role {route.role.value}, yours is {grant.role.value}"
                return problem.plain(403, "role-needed", says)
        assert grant is not None
        wait = self._rates.wait(grant.id, safe=route.verb in SAFE)
        return None if wait is None else _too_often(wait)

    def held_off(self, client: str) -> problem.Problem | None:
        """Refuse who has just guessed too often, before another guess is looked at."""
        wait = self._rates.spent(peer(client))
        return None if wait is None else _too_often(wait)

    def turned_away(self, client: str) -> problem.Problem | None:
        """Count a launch code that proves nothing; after too many the answer is to wait."""
        wait = self._rates.failed(peer(client))
        return None if wait is None else _too_often(wait)

    async def told(self, act: str, client: str, said: problem.Problem, grant: Grant | None) -> None:
        """Write down a refusal that concerns security; a flood of them is cut short."""
        if said.status in (401, 403, 421, 429) and self._rates.telling():
            who = grant.id if grant else ""
            detail = {"act": act, "peer": client, "code": said.code, "grant": who}
            await in_thread(_audit.warning, "request refused", extra=detail)

    async def alive(self, grant: Grant) -> bool:
        """Whether a grant still holds; asking counts as its use."""
        return await in_thread(access.living, self._world, grant)


def peer(client: str) -> str:
    """Return whom an address belongs to: of IPv6 everybody has a whole network."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((address, 64), strict=False))
    return client


def _too_often(wait: int) -> problem.Problem:
    return problem.plain(429, "too-many-requests", f"wait {wait} s", hint=str(wait))


def cookies_of(header: str) -> dict[str, str]:
    """Parse a Cookie header; one that cannot be parsed holds nothing."""
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header[:8192]).items()}
    except CookieError:
        return {}


def request_id() -> str:
    return context.fields().get("request_id", "")


def _forged(why: str) -> problem.Problem:
    return problem.plain(403, "foreign-origin", f"refused because {why}")
