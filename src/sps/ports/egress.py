"""Egress: the few places outside that a boxed process may reach, and no others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec

from sps.model.destination import Destination
from sps.ports.sandbox import Relay


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A place that was asked for and not reached. `rule`: not-allowed, private-address, limit."""

    host: str
    port: int
    rule: str


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the connections so far. A place stands in `refused` or `silent` when it was
    asked for in vain the last time; `silent` maps it to the reason that the system gave."""

    reached: bool = False  #: any place at all
    refused: tuple[str, ...] = ()
    silent: dict[str, str] = {}


class Outlet(msgspec.Struct, frozen=True, kw_only=True):
    """What a box gets: `relays` belong into `Box.relays`, `env` over its environment. `traffic`
    tells what came of it as of now, also when the way out is closed again."""

    relays: tuple[Relay, ...] = ()
    env: dict[str, str] = {}
    traffic: Callable[[], Traffic] = Traffic


class Egress(Protocol):
    """Opens the way out of a box, watched by this process."""

    def open(
        self, allow: Sequence[Destination], refused: Callable[[Refusal], None]
    ) -> AbstractAsyncContextManager[Outlet]:
        """Let a boxed process reach exactly these places while the block lasts.

        In the box there is an HTTP proxy (CONNECT, and plain http) and, for each place on this
        machine's loopback, its own port. Names are resolved here, never inside. A name that leads
        to an address which is not public is refused, unless that address and port are in the list
        themselves. `refused` is called at most once per host; it is quick and never raises. With an
        empty list nothing is reached and nothing is served: the box has no network at all.
        """
        ...
