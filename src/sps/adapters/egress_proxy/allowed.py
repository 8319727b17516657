"""Which places may be reached, by name and then by address."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence

from sps.model.destination import Destination

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Refused(Exception):
    """A place that may not be reached; `rule` says why, the text what to do."""

    def __init__(self, rule: str, says: str) -> None:
        super().__init__(says)
        self.rule = rule


class Allowed:
    """The list of one box."""

    def __init__(self, places: Sequence[Destination]) -> None:
        self._places = frozenset(places)

    async def addresses(self, place: Destination) -> list[str]:
        """Return the addresses at which this place may be reached. Raises `Refused`, `OSError`.

        The name is resolved once and the answer is what gets connected to, so that a name cannot
        mean another machine between the question and the call.
        """
        if place not in self._places:
            raise Refused("not-allowed", f"{place} is not in the list of allowed hosts")
        found = await _resolve(place)
        public = [address for address in found if self._may(place, address)]
        if not public:
            example = Destination(found[0], place.port)
            raise Refused(
                "private-address",
                f"{place} leads to {found[0]}, which is no public address; to allow it, list"
                f" {example} as well",
            )
        return public

    def _may(self, place: Destination, address: str) -> bool:
        if place.is_loopback or Destination(address, place.port) in self._places:
            return True
        return _is_public(ipaddress.ip_address(address))


async def _resolve(place: Destination) -> list[str]:
    loop = asyncio.get_running_loop()
    answers = await loop.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    found = dict.fromkeys(str(answer[4][0]).partition("%")[0] for answer in answers)
    if place.is_loopback:  # what a name server says of this machine's own name counts for nothing
        found = {one: None for one in found if ipaddress.ip_address(one).is_loopback}
    if not found:
        raise OSError(f"{place.host} has no address")
    return list(found)


def _is_public(address: _Address) -> bool:
    """Say whether an address is out on the internet; one that wraps another is as good as it."""
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour
        if wrapped is None and address in _NAT64:
            wrapped = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if wrapped is not None:
            return _is_public(wrapped)
    return address.is_global and not address.is_multicast
