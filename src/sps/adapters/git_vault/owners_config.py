"""The owner's git configuration as their repository sees it: also what only holds there."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from sps.adapters.git_vault.git import Outer

# What says how to reach a host and as whom. Nothing that concerns files, merges or hooks.
_REACHING = re.compile(
    r"(?:credential|http|url|ssh|protocol)\..|core\.(?:sshcommand|gitproxy)\Z", re.IGNORECASE
)
Entry = tuple[str, str]


@dataclass(frozen=True)
class OwnersConfig:
    """Entries (key, value) in git's order: the last of a key counts."""

    entries: tuple[Entry, ...]

    def last(self, key: str) -> str | None:
        """Return the value in force, None when the key is not set or empty."""
        return next((value for name, value in reversed(self.entries) if name == key), "") or None

    def first(self, key: str) -> str | None:
        """Return the first value of a key, None when it is not set."""
        return next((value for name, value in self.entries if name == key), None)

    def reaching(self, beside: OwnersConfig) -> tuple[Entry, ...]:
        """Return what says how to reach a host and is not in `beside` already."""
        known = set(beside.entries)
        return tuple(
            entry for entry in self.entries if _REACHING.match(entry[0]) and entry not in known
        )


def owners_config(outer: Outer, gitdir: Path, cwd: str) -> OwnersConfig:
    """Read the configuration that git has in this git dir; empty when it cannot be read."""
    listed = outer.run("config", "--list", "--includes", "-z", gitdir=gitdir, cwd=cwd)
    rows = os.fsdecode(listed.out).split("\0") if listed.code == 0 else []
    return OwnersConfig(tuple(_entry(row) for row in rows if row))


def _entry(row: str) -> Entry:
    key, line, value = row.partition("\n")
    return key, value if line else "true"  # a key without a value means true
