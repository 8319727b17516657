"""One JSON file, mode 0600, replaced as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sps.lib import atomic, plain_file
from sps.model.errors import Absent
from sps.model.remote import Certificate, RemoteAccess

if TYPE_CHECKING:
    from ssl import SSLContext

_LIMIT = 64 * 1024


class RemoteFile:
    """Implements `sps.ports.remote.Remote`. TLS and argon2 are loaded when they are needed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def kept(self) -> RemoteAccess:
        try:
            content, _ = plain_file.read(self._path, _LIMIT)
            return msgspec.json.decode(content, type=RemoteAccess)
        except FileNotFoundError:
            return RemoteAccess()
        except (OSError, msgspec.DecodeError, plain_file.NotPlain, plain_file.TooLarge) as err:
            says = f"{self._path} cannot be read: {err}"
            hint = f"rm {self._path}, then: sps console tls CERTIFICATE KEY; sps console password"
            raise Absent("remote-broken", says, hint=hint) from err

    def keep(self, wanted: RemoteAccess) -> None:
        atomic.write(self._path, msgspec.json.encode(wanted), mode=0o600)

    def hashed(self, password: str) -> str:
        from sps.adapters.remote_file.password import hashed

        return hashed(password)

    def matches(self, hashed: str, password: str) -> bool:
        from sps.adapters.remote_file.password import matches

        return matches(hashed, password)

    def certificate(self, certificate: Path, key: Path) -> Certificate:
        from sps.adapters.remote_file import certificate as tls

        return tls.read(certificate, key)

    def context(self, certificate: Path, key: Path) -> SSLContext:
        from sps.adapters.remote_file import certificate as tls

        return tls.context(certificate, key)
