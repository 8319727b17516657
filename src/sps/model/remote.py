"""What the owner has given so that the console may be reached from other machines."""

from __future__ import annotations

import msgspec


class RemoteAccess(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`password` is an argon2id hash, empty without one; `certificate` and `key` are paths of the
    owner's files; `names` are the hosts that people type to get here."""

    version: int = 1
    password: str = ""
    certificate: str = ""
    key: str = ""
    names: tuple[str, ...] = ()


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """What a certificate says. Times in ms."""

    names: tuple[str, ...]
    begins_at: int
    ends_at: int
