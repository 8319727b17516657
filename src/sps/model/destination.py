"""A host and a port that a boxed process may reach, or wants to."""

from __future__ import annotations

import contextlib
import ipaddress
import re

import msgspec

_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_-]+)*")
_PLACE = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+?)\.?(?::(?P<port>[0-9]{1,5}))?")
_ADDRESS = re.compile(r"https?://[^\s\"'<>`()]+", re.IGNORECASE)

_LOCAL = "localhost"
_PORTS = {"http": 80, "https": 443}


class Destination(msgspec.Struct, frozen=True):
    """A name or address in its one spelling (small letters, no brackets, no last dot), and a port.

    Two of them are the same place only when they are equal: nothing is a prefix of anything.
    """

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether it names this machine itself."""
        if self.host == _LOCAL:
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def destination(text: str, *, port: int | None = None) -> Destination | None:
    """Read `host:port` or `[address]:port`; `port` counts where the text names none. None for
    anything else: a scheme, a user, a path, a wildcard, letters beyond ASCII."""
    match = _PLACE.fullmatch(text)
    if match is None:
        return None
    number = int(match["port"]) if match["port"] else port
    if number is None or not 1 <= number <= 65535:
        return None
    host = _spelling(match["host"])
    return None if host is None else Destination(host, number)


def of_address(text: str) -> Destination | None:
    """Return the place that an http or https address leads to, None for anything else."""
    from urllib.parse import urlsplit

    with contextlib.suppress(ValueError):  # of an impossible port or bracket
        parts = urlsplit(text)
        if parts.scheme in _PORTS and parts.hostname:
            host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
            return destination(host, port=parts.port or _PORTS[parts.scheme])
    return None


def named_in(text: str) -> list[Destination]:
    """Return the places that the http and https addresses in a text lead to, each once."""
    found = map(of_address, _ADDRESS.findall(text))
    return list(dict.fromkeys(place for place in found if place is not None))


def _spelling(text: str) -> str | None:
    if text.startswith("["):
        try:
            return str(ipaddress.IPv6Address(text[1:-1]))
        except ValueError:
            return None
    name = text.lower()
    return name if _NAME.fullmatch(name) else None
