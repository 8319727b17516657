"""Gates that a repository suggests by what its files say."""

from __future__ import annotations

import re
import shlex

from sps.adapters.git_repositories import commands
from sps.adapters.git_repositories.command import Git
from sps.adapters.git_repositories.commands import Found
from sps.adapters.git_repositories.tree import Folder, folders

LIMIT = 12
_SPECIAL = (".github/workflows", ".husky")
_NO_NAME = re.compile(r"[^a-z0-9]+")


def proposals(git: Git, top: str, commit: str) -> list[tuple[str, str, str]]:
    """Return at most 12 gates (name, command, where found), each command once."""
    made = _Proposals()
    found = {folder.path: folder for folder in folders(git, top, commit)}
    for path, folder in found.items():
        if path not in _SPECIAL:
            made.add(folder.path, commands.toolchains(folder))
    for path, folder in found.items():
        if path == "":
            for where, read in commands.GENERAL:
                made.add_missing("", read(found.get(where, Folder(where))))
            made.add_missing("", commands.bare_python(folder))
        elif path not in _SPECIAL:
            made.add_missing(path, commands.make(folder) + commands.runners(folder))
    return made.rows[:LIMIT]


class _Proposals:
    def __init__(self) -> None:
        self.rows: list[tuple[str, str, str]] = []
        self._kinds: dict[str, set[str]] = {}
        self._names: set[str] = set()
        self._commands: set[str] = set()

    def add(self, folder: str, found: list[Found]) -> None:
        for kind, command, file in found:
            whole = f"cd {shlex.quote(folder)} && {command}" if folder else command
            if whole in self._commands or not whole.isprintable():
                continue
            self._commands.add(whole)
            self._kinds.setdefault(folder, set()).add(kind)
            # Files of special folders come with their path already.
            self.rows.append((self._name(kind, folder), whole, f"{folder}/{file}".lstrip("/")))

    def add_missing(self, folder: str, found: list[Found]) -> None:
        """Add the kinds of commands that nothing more certain has named for this folder."""
        there = set(self._kinds.get(folder, ()))
        self.add(folder, [one for one in found if one.kind not in there])

    def _name(self, kind: str, folder: str) -> str:
        words = _NO_NAME.sub("-", folder.lower()).strip("-")[:40].strip("-")
        base = f"{kind}-{words}" if words else kind
        name, count = base, 1
        while name in self._names:
            count += 1
            name = f"{base}-{count}"
        self._names.add(name)
        return name
