"""Where the daemon listens, and the names by which it may be asked there."""

from __future__ import annotations

import ipaddress
import logging
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sps.model.errors import Misuse
from sps.services import remote

if TYPE_CHECKING:
    from ssl import SSLContext

    from sps.ports.world import World

_audit = logging.getLogger("sps.audit")
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
HOST = "127.0.0.1"
_SELF: Mapping[str, str] = {"0.0.0.0": HOST, "::": "::1"}  # noqa: S104


@dataclass(frozen=True, kw_only=True)
class Place:
    """An address as browsers know it. `names` are the hosts, IPv6 addresses in brackets."""

    port: int
    names: tuple[str, ...] = LOOPBACK
    tls: bool = False

    @property
    def hosts(self) -> frozenset[str]:
        """Every Host header that is ours. Browsers leave out the usual port of a scheme."""
        with_port = {f"{name}:{self.port}" for name in self.names}
        usual = self.port == (443 if self.tls else 80)
        return frozenset(with_port | set(self.names)) if usual else frozenset(with_port)

    @property
    def scheme(self) -> str:
        return "https" if self.tls else "http"

    @property
    def url(self) -> str:
        """The address to open, without a path."""
        return f"{self.scheme}://{self.names[0]}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class Listening:
    """What to listen on: the first free port from `port` on; by which names, with which secrets."""

    port: int
    address: str = HOST
    names: tuple[str, ...] = LOOPBACK
    tls: SSLContext | None = None

    @property
    def near(self) -> str:
        """The address at which this machine reaches it."""
        return _SELF.get(self.address, self.address)

    def at(self, port: int) -> Place:
        return Place(port=port, names=self.names, tls=self.tls is not None)


def listening(world: World, host: str, port: int) -> Listening:
    """Find out how to listen on a host. This machine's own address needs nothing; any other needs
    TLS and a password. Raises `Misuse("bad-host")` and what `remote.checked` raises."""
    address = _address(host)
    if ipaddress.ip_address(address).is_loopback:
        return Listening(port=port, address=address)
    kept = remote.checked(world, host)
    context = world.remote.context(Path(kept.certificate), Path(kept.key))
    names = tuple(f"[{name}]" if ":" in name else name for name in kept.names)
    return Listening(port=port, address=address, names=names, tls=context)


def announce(where: Listening, port: int) -> None:
    """Write down that others can reach us, if they can."""
    if where.tls is not None:
        said = {"address": where.address, "port": port, "names": where.names}
        _audit.warning("listening beyond this machine", extra=said)


def _address(host: str) -> str:
    """Return the address of a host; of several the first."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as err:
        says = f"{host[:80]!r} is no address of this machine: {err}"
        raise Misuse("bad-host", says, hint="sps up --host 127.0.0.1") from err
    return str(found[0][4][0])
