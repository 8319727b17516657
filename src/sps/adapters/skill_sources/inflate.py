"""Unpacking a stream in small pieces, each counted before the next is made."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Iterator
from typing import Protocol

from sps.adapters.skill_sources import address
from sps.adapters.skill_sources.archive_entry import Budget

_PIECE = 1 << 16
_XZ_MEMORY = 128 * 1024 * 1024  # what the strongest preset needs, twice
_MAGIC = ((b"\x1f\x8b", "gz"), (b"BZh", "bz2"), (b"\xfd7zXZ\x00", "xz"))


class _Machine(Protocol):
    def piece(self, packed: bytes) -> bytes: ...
    @property
    def eof(self) -> bool: ...
    @property
    def hungry(self) -> bool: ...
    @property
    def rest(self) -> bytes: ...


class _Zlib:
    def __init__(self) -> None:
        self._it = zlib.decompressobj(31)

    def piece(self, packed: bytes) -> bytes:
        return self._it.decompress(self._it.unconsumed_tail + packed, _PIECE)

    @property
    def eof(self) -> bool:
        return self._it.eof

    @property
    def hungry(self) -> bool:
        return not self._it.unconsumed_tail

    @property
    def rest(self) -> bytes:
        return self._it.unused_data


class _Other:
    def __init__(self, it: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._it = it

    def piece(self, packed: bytes) -> bytes:
        return self._it.decompress(packed, _PIECE)

    @property
    def eof(self) -> bool:
        return self._it.eof

    @property
    def hungry(self) -> bool:
        return self._it.needs_input

    @property
    def rest(self) -> bytes:
        return self._it.unused_data


def packed_as(content: bytes) -> str | None:
    """Return gz, bz2 or xz by how a file begins; None for anything else."""
    return next((name for magic, name in _MAGIC if content.startswith(magic)), None)


def inflated(content: bytes, packing: str | None, budget: Budget) -> bytes:
    """Return what a file unpacks to. Raises `Misuse("source-refused")`."""
    if packing is None:
        budget.spend(len(content))
        return content
    try:
        return b"".join(_pieces(content, packing, budget))
    except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as err:
        raise address.refused(f"the archive cannot be unpacked: {err}") from err


def _pieces(content: bytes, packing: str, budget: Budget) -> Iterator[bytes]:
    machine = _machine(packing)
    given = 0
    while True:
        feed = b""
        if machine.hungry:
            feed = content[given : given + _PIECE]
            given += len(feed)
            if not feed:
                raise EOFError("it ends too early")
        piece = machine.piece(feed)
        budget.spend(len(piece))
        yield piece
        if machine.eof:
            given -= len(machine.rest)
            if packed_as(content[given : given + 6]) != packing:
                return  # padding, or nothing
            machine = _machine(packing)


def _machine(packing: str) -> _Machine:
    if packing == "gz":
        return _Zlib()
    if packing == "bz2":
        return _Other(bz2.BZ2Decompressor())
    return _Other(lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY))
