"""Zip archives."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib

from sps.adapters.skill_sources import address
from sps.adapters.skill_sources.archive_entry import (
    Budget,
    Entry,
    checked,
    file_entry,
    refused_entry,
)
from sps.adapters.skill_sources.limits import Limits
from sps.lib.file_tree import FILE, FOLDER, LINK, OTHER

_BEGINS = (b"PK\x03\x04", b"PK\x05\x06")
_END = b"PK\x05\x06"
_END_SIZE = 22
_LOCATOR = b"PK\x06\x07"
_TAIL = (1 << 16) + _END_SIZE
_ENTRY_BYTES = 1024  # of the directory, for each entry that is allowed
_PIECE = 1 << 16
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UNIX = 3
_LONGEST_LINK = 4096


def is_zip(content: bytes) -> bool:
    """Tell whether a file begins as a zip archive does."""
    return content.startswith(_BEGINS)


def entries(content: bytes, budget: Budget, limits: Limits) -> list[Entry]:
    """Return all entries. Raises `Misuse("source-refused")`."""
    _check_directory(content, limits)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            found = [_entry(file, info, budget) for info in file.infolist()]
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        UnicodeDecodeError,
        zlib.error,
        struct.error,
        EOFError,
        ValueError,
        OSError,
    ) as err:
        raise address.refused(f"the archive cannot be read: {err}") from err
    return [entry for entry in found if entry.path]


def _check_directory(content: bytes, limits: Limits) -> None:
    """Refuse a directory that would be too large to read: it is read at once and whole."""
    tail = content[-_TAIL:]
    at = tail.find(_END)
    while at >= 0:
        record = tail[at : at + _END_SIZE]
        if len(record) == _END_SIZE:
            size = int.from_bytes(record[12:16], "little")
            if size > limits.entries * _ENTRY_BYTES:
                raise address.refused(f"the archive has more than {limits.entries} entries")
        if tail[max(0, at - 20) : at].startswith(_LOCATOR):
            raise address.refused("the archive is a ZIP64 one, which no skill needs")
        at = tail.find(_END, at + 1)


def _entry(file: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget) -> Entry:
    budget.enter()
    raw = info.orig_filename
    path = checked(raw)
    kind = _kind(info, raw)
    if kind == OTHER:
        raise refused_entry(raw, "a device or pipe")
    if kind == FOLDER:
        return Entry(path, FOLDER)
    if not path:
        raise refused_entry(raw, "a file without a name")
    if info.flag_bits & 0x1:
        raise refused_entry(raw, "it is encrypted")
    if info.compress_type not in _METHODS:
        raise refused_entry(raw, f"it is packed in a rare way ({info.compress_type})")
    content = _content(file, info, budget)
    if kind == LINK:
        if len(content) > _LONGEST_LINK:
            raise refused_entry(raw, "a link with a target that is no path")
        return Entry(path, LINK, content)
    executable = info.create_system == _UNIX and bool(info.external_attr >> 16 & 0o100)
    return file_entry(path, content, executable=executable)


def _kind(info: zipfile.ZipInfo, raw: str) -> str:
    mode = info.external_attr >> 16 if info.create_system == _UNIX else 0
    kind = stat.S_IFMT(mode)
    if kind == stat.S_IFLNK:
        return LINK
    if raw.endswith("/") or kind == stat.S_IFDIR:
        return FOLDER
    return FILE if kind in (0, stat.S_IFREG) else OTHER


def _content(file: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget) -> bytes:
    pieces = []
    with file.open(info) as stream:
        while piece := stream.read(_PIECE):
            budget.spend(len(piece))
            pieces.append(piece)
    return b"".join(pieces)
