"""The right to work on a home that many share: held while it is renewed, gone when it is not."""

from __future__ import annotations

from typing import Protocol

from sps.ports.store import Worker

TTL_S = 8.0  #: how long a lease holds after it was renewed
RENEW_S = 2.0  #: how often its holder renews it


class Lease(Protocol):
    """One worker's lease. All methods block, a few seconds at most."""

    def take(self, worker: Worker) -> None:
        """Begin to live under the worker's name. A name whose last holder worked in the same folder
        is taken over at once: it is dead, which the caller knows by the folder's lock. Raises
        `Held("worker-name-taken")` while another folder's holder, of which this one is a copy or
        the other way round, may live; `Absent("database-unreachable")`."""
        ...

    def renew(self) -> bool | None:
        """Hold on for another span. False: it is lost, somebody else may have our cards. None: the
        database does not answer, and nobody knows."""
        ...

    def release(self) -> None:
        """Stop living in good order. Never raises."""
        ...
