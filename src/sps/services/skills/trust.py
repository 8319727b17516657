"""The owner's word for a skill: for one digest, and for nothing that comes after it."""

from __future__ import annotations

import re

import msgspec

from sps.model.errors import Absent, Misuse
from sps.model.skills.check import CheckKind
from sps.model.skills.checks_file import parse_checks
from sps.model.skills.scan import scan
from sps.model.skills.suspicion import ScanFinding
from sps.model.skills.tree import SkillTree
from sps.ports.skill_store import Installed
from sps.services.skills.candidates import identity, matching, one_content
from sps.services.skills.choosing import unknown
from sps.services.skills.names import checked_name
from sps.services.skills.scope import Scope

_PREFIX = re.compile(r"[0-9a-f]{8,64}", re.ASCII)


class Trusting(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be trusted, and what the scan says about it."""

    record: Installed
    findings: list[ScanFinding]
    commands: list[str]  #: ids of checks that would run a command


def to_trust(scope: Scope, spec: str, source: str | None) -> Trusting:
    """Find what `NAME` or `NAME@DIGEST` means: at least eight characters of the digest.

    Raises `Misuse`: bad-name, bad-digest, unknown-skill, ambiguous-skill;
    `Absent("content-missing")`.
    """
    name, at, digest = spec.partition("@")
    checked_name(name)
    if at and not _PREFIX.fullmatch(digest):
        says = f'"{digest[:80]}" is no digest: 8 to 64 of 0-9 and a-f'
        raise Misuse("bad-digest", says, hint=f"sps skill show {name}")
    store = scope.world.skill_store
    named = matching(store.named(name), source)
    found = [one for one in named if one.digest.startswith(digest)]
    record = one_content(name, found, command=f"sps skill trust {name}")
    if record is None and named:
        listed = ", ".join(f"{identity(one)} at {one.digest[:12]}" for one in named)
        says = f"no {name} has the digest {digest}: there is {listed}"
        raise Misuse("unknown-digest", says, hint=f"sps skill show {name}")
    if record is None:
        raise unknown(scope.world, name)
    tree = store.tree(record.digest)
    if tree is None:
        says = f"the content of {identity(record)} is no longer in the store"
        raise Absent("content-missing", says, hint=f"sps skill install {record.source}")
    return Trusting(record=record, findings=list(scan(tree, ())), commands=commands_of(tree))


def commands_of(tree: SkillTree) -> list[str]:
    """Return the ids of checks that would run a command."""
    return [one.id for one in parse_checks(tree)[0] if one.kind is CheckKind.COMMAND]


def trust(scope: Scope, what: Trusting, *, commands: bool) -> Installed:
    """Trust a digest; with `commands` its commands too, which run in the sandbox all the same."""
    record = msgspec.structs.replace(
        what.record, trusted=True, commands=commands or what.record.commands
    )
    scope.world.skill_store.change(record)
    return record
