"""Reading a skill's folder and the checks in it."""

from __future__ import annotations

import os
from pathlib import Path

from sps.lib import plain_file
from sps.model.skills.checks_file import parse_checks
from sps.model.skills.declared import Check
from sps.model.skills.finding import LintSeverity
from sps.model.skills.tree import (
    BYTES_LIMIT,
    DEPTH_LIMIT,
    FILES_LIMIT,
    SkillFile,
    SkillTree,
    tree_of,
)

_MOST_MISTAKES = 20


class UnreadableSkill(Exception):
    """The folder is no skill that can be read whole."""


def read_tree(folder: str) -> SkillTree:
    """Read all files of a folder. Raises `UnreadableSkill`; no link is followed."""
    root = Path(os.path.realpath(folder))
    files: list[SkillFile] = []
    left = BYTES_LIMIT
    for place, names, found in os.walk(root, followlinks=False, onerror=_refuse):
        below = Path(place).relative_to(root)
        if len(below.parts) > DEPTH_LIMIT or len(files) + len(found) > FILES_LIMIT:
            raise UnreadableSkill("it has too many files, or they lie too deep")
        names.sort()
        for name in found:
            path = (below / name).as_posix()
            try:
                content, status = plain_file.read(Path(place) / name, left)
            except (plain_file.NotPlain, plain_file.TooLarge, OSError) as err:
                raise UnreadableSkill(f"{path}: {err}") from err
            left -= len(content)
            executable = bool(status.st_mode & 0o100)
            files.append(SkillFile(path=path, content=content, executable=executable))
    return tree_of(files)


def checks_of(folder: str) -> tuple[tuple[Check, ...], list[tuple[str, str]]]:
    """Return the checks of a skill and what is wrong, as (check, why); the check is "" where the
    mistake belongs to none. Raises `UnreadableSkill`."""
    checks, findings = parse_checks(read_tree(folder))
    ids = {one.id for one in checks}
    wrong = [
        (_owner(one.says, ids), f"{one.path}:{one.line}: {one.says}")
        for one in findings
        if one.severity is LintSeverity.ERROR
    ]
    return checks, wrong[:_MOST_MISTAKES]


def _owner(says: str, ids: set[str]) -> str:
    """Return the check that a mistake outside of its entry names first."""
    name = says.partition(":")[0]
    return name if name in ids else ""


def _refuse(err: OSError) -> None:
    raise UnreadableSkill(str(err)) from err
