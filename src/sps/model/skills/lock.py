"""`skills.lock`: which skills a repository uses, each at one hash."""

from __future__ import annotations

from enum import StrEnum

import msgspec

LOCK_FILE = "skills.lock"


class Placement(StrEnum):
    """How a skill lies in a repository."""

    LINK = "link"  #: a link into the store, not committed
    COPY = "copy"  #: a copy that has to equal the store's, where links do not work
    FROZEN = "frozen"  #: a copy of the repository's own, committed, free to edit


class LockedFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file as it was when it was locked."""

    sha256: str
    mode: str = "644"


class LockedSkill(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One skill. Its identity is source, path and digest; the name is only how cards say it."""

    source: str  #: `bundled`, `path:<folder>`, `git+<url>`, `archive:<file>`
    path: str  #: the skill's folder inside the source, `.` for the source itself
    commit: str | None = None  #: of a Git source, the full id
    digest: str
    checks: str | None = None  #: digest of what lies below `checks/`
    verdict: str  #: of the scan: clean, flagged
    placement: Placement = Placement.LINK
    disabled: bool = False
    edited: str | None = None  #: digest of a frozen copy whose edits its owner has accepted
    files: dict[str, LockedFile]


class SkillsLock(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file. Keys are names; the rendering is stable: a diff shows only changes."""

    version: int = 1
    agents: tuple[str, ...] = ()  #: that were asked for by name; their own folders are restored too
    skills: dict[str, LockedSkill] = {}
