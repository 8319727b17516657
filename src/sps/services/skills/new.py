"""A skill to begin with."""

from __future__ import annotations

import json
import os

from sps.model.errors import WorkFailed
from sps.model.skills.folders import CANONICAL
from sps.model.skills.tree import MAIN, SkillFile, tree_of
from sps.services.skills.names import checked_name
from sps.services.skills.outcome import Outcome
from sps.services.skills.scope import Scope

_TEXT = """\
---
name: {name}
description: {description}
license: MIT
metadata:
  version: "1.0"
---
# {title}

## Rules

- Never do the thing this skill is about in the old way: say here what then happens.

## Read when

| file | read it when |
|---|---|
"""
_DESCRIPTION = "Use when (say here in which situation an agent needs this skill)."


def new_skill(scope: Scope, name: str, *, own: bool, description: str = "") -> Outcome:
    """Write a skill to fill in: the repository's own, or with `own` the owner's, for all projects.

    Raises `Misuse("bad-name")`, `WorkFailed("place-taken")`.
    """
    checked_name(name)
    root = scope.world.home.skills if own else scope.repository.made_folder(CANONICAL)
    place = root / name
    if os.path.lexists(place):
        raise WorkFailed("place-taken", f"{place} is there already", where=str(place))
    says = " ".join((description or _DESCRIPTION).split())
    quoted = json.dumps(says, ensure_ascii=False)  # which is YAML too
    text = _TEXT.format(name=name, description=quoted, title=name.replace("-", " ").capitalize())
    tree = tree_of([SkillFile(path=MAIN, content=text.encode())])
    scope.world.skill_folders.write(place, tree)
    return Outcome(name=name, did="made", digest=tree.digest, places=[str(place)])
