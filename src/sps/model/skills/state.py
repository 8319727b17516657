"""How a skill stands in a repository."""

from __future__ import annotations

from enum import StrEnum


class SkillState(StrEnum):
    """What lies in a repository under a skill's name, compared with its lock."""

    LINKED = "linked"  #: a link to the locked content
    COPIED = "copied"  #: a folder that equals the locked content
    FROZEN = "frozen"  #: the repository's own copy, as it was frozen
    MODIFIED = "modified"  #: a copy that was edited
    FOREIGN = "foreign"  #: something that no lock knows; it is never touched
    MISSING = "missing"  #: locked, and not there
    SHADOWED = "shadowed"  #: there, but some agent takes another one of the same name
    DISABLED = "disabled"  #: locked, and kept away from the agents


class Difference(StrEnum):
    """What `ci` refuses."""

    MISSING = "missing"
    MODIFIED = "modified"
    EXTRA_FILE = "extra-file"
    MISSING_FILE = "missing-file"
    CHANGED_FILE = "changed-file"
    CHANGED_MODE = "changed-mode"
    TAMPERED_LOCK = "tampered-lock"
    NOT_IN_STORE = "not-in-store"
    NOT_TRUSTED = "not-trusted"
    DISABLED = "disabled"
    FOREIGN = "foreign"
    WRONG_LINK = "wrong-link"
