"""Passwords as argon2id (RFC 9106): slow and memory-hard, so that a stolen hash helps little."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# 64 MiB, three passes: the second recommendation of RFC 9106. Parameters stand in each hash.
_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)


def hashed(password: str) -> str:
    """Return a hash with a salt of its own."""
    return _HASHER.hash(password)


def matches(hash_: str, password: str) -> bool:
    """Whether a password belongs to a hash. Without one the same work is done for nothing, so that
    the time tells nobody whether there is a password."""
    try:
        _HASHER.verify(hash_ or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(hash_)


@cache
def _nobodys() -> str:
    return hashed("")
