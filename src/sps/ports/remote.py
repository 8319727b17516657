"""Access from other machines: what was given for it, and what it is made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sps.model.remote import Certificate, RemoteAccess

if TYPE_CHECKING:
    from ssl import SSLContext


class Remote(Protocol):
    """The owner's password and certificate for other machines."""

    def kept(self) -> RemoteAccess:
        """Return what is kept, all empty at first. Raises `Absent("remote-broken")`."""
        ...

    def keep(self, wanted: RemoteAccess) -> None:
        """Replace what is kept; only its owner can read it."""
        ...

    def hashed(self, password: str) -> str:
        """Return a fresh argon2id hash. Takes long and much memory, as it is meant to."""
        ...

    def matches(self, hashed: str, password: str) -> bool:
        """Whether a password is the one of a hash; takes as long when there is no hash."""
        ...

    def certificate(self, certificate: Path, key: Path) -> Certificate:
        """Read a certificate and prove that the key is its own, whatever its dates. Raises `Misuse`
        with no-certificate, no-key, unreadable-certificate, unreadable-key, exposed-key,
        encrypted-key, key-mismatch or bad-certificate."""
        ...

    def context(self, certificate: Path, key: Path) -> SSLContext:
        """Make what a server speaks TLS with. Raises the same."""
        ...
