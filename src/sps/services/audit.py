"""The audit trail: who did what that concerns security, in a chain that shows every change."""

from __future__ import annotations

import json
from collections import deque
from typing import TYPE_CHECKING

import msgspec

from sps.lib.chain import Chain
from sps.model.errors import Misuse

if TYPE_CHECKING:
    from sps.ports.world import World

_DIGEST = 64


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """A place where the trail does not hold."""

    file: str
    line: int
    says: str


class AuditReport(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the trail holds. `head` names its last entry: kept elsewhere, it proves later that
    everything up to it is unchanged."""

    ok: bool
    entries: int
    head: str
    broken: list[Broken]


class AuditList(msgspec.Struct, frozen=True, kw_only=True):
    """The newest entries, oldest of them first, as they were written."""

    entries: list[dict[str, object]]


def verify_audit(world: World, since: str = "") -> AuditReport:
    """Follow the whole trail. `since` is the head of an earlier look. Raises `Misuse("bad-head")`
    when that is none."""
    number, _, digest = since.partition(":")
    if since and not (number.isascii() and number.isdigit() and len(digest) == _DIGEST):
        says = f"{since[:80]!r} is no head; one looks like 12:<64 hexadecimal digits>"
        raise Misuse("bad-head", says, hint="sps audit verify")
    found = Chain(world.home.audit).check(since)
    broken = [Broken(file=one.file, line=one.line, says=one.says) for one in found.breaks]
    if since and not found.since:
        says = f"the entry {number} that was there is gone, or another one now"
        broken.append(Broken(file="", line=0, says=says))
    return AuditReport(
        ok=not broken, entries=found.head.number, head=str(found.head), broken=broken
    )


def list_audit(world: World, limit: int) -> AuditList:
    """Return the newest entries; lines that are none are left to `verify_audit`."""
    newest: deque[dict[str, object]] = deque(maxlen=limit)
    for _, _, line in Chain(world.home.audit).lines():
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict):
            newest.append(entry)
    return AuditList(entries=list(newest))
