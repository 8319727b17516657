"""Reading a skill's folder and the checks in it."""

from __future__ import annotations

import os
from pathlib import Path

from sps.lib import disk_tree
from sps.lib.disk_tree import DiskTree
from sps.lib.file_tree import Refused
from sps.model.skills.checks_file import parse_checks
from sps.model.skills.declared import Check
from sps.model.skills.finding import LintSeverity
from sps.model.skills.tree import BOUNDS, SkillTree, tree_of_rows

_MOST_MISTAKES = 20


class UnreadableSkill(Exception):
    """The folder is no skill that can be read whole."""


def read_tree(folder: str) -> SkillTree:
    """Read all files of a folder. Raises `UnreadableSkill`; no link is followed."""
    try:
        with DiskTree(Path(os.path.realpath(folder))) as disk:
            rows, others = disk_tree.regular(disk, BOUNDS)
    except (OSError, Refused) as err:
        raise UnreadableSkill(str(err)) from err
    if others:
        raise UnreadableSkill(f"{others[0]}: neither a file nor a folder")
    return tree_of_rows(rows)


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
