"""Names on their way to paths."""

from __future__ import annotations

from sps.model.errors import Misuse
from sps.model.skills.name import is_name


def checked_name(name: str) -> str:
    """Return a name that is one: ASCII, and never a path. Raises `Misuse("bad-name")`."""
    if is_name(name):
        return name
    says = f"{name[:80]!r} is no name of a skill: lower-case letters, digits and single dashes"
    raise Misuse("bad-name", says, hint="sps skill list")
