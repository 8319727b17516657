"""All skills of a home with what each has done: the list that people choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.services.skill_ledger import Share, SkillAccount
from sps.services.skills.listing import SkillView, list_skills
from sps.services.skills.users import locks

if TYPE_CHECKING:
    from pathlib import Path

    from sps.ports.world import World

STATES = ("all", "usable", "quarantine", "disabled", "flagged", "used")
_FILES = 2_000


class LibraryRow(msgspec.Struct, frozen=True, kw_only=True):
    """A skill in one line. `cards` and `first_pass` are of this content; `repositories` how many
    locks name it."""

    skill: SkillView
    state: str  #: usable, quarantine, disabled, shadowed
    bytes: int
    cards: int
    landed: int
    first_pass: Share | None
    repositories: int


class Library(msgspec.Struct, frozen=True, kw_only=True):
    """The skills that a filter leaves, by name, and how many there are of each state."""

    rows: list[LibraryRow]
    counts: dict[str, int]
    total: int


def library(
    world: World,
    accounts: list[SkillAccount],
    *,
    state: str = "all",
    text: str = "",
    source: str = "",
) -> Library:
    """List the skills of a home with what the ledger tells of them. A state that does not exist is
    all."""
    told = {(one.name, one.sha256): one for one in accounts}
    uses: dict[str, int] = {}
    for lock in locks(world).values():
        for name, locked in lock.skills.items():
            for key in (locked.digest, name):
                uses[key] = uses.get(key, 0) + 1
    skills = list_skills(world, digests=True).skills
    rows = [_row(world, one, told.get((one.name, one.sha256)), uses) for one in skills]
    counts = {name: sum(_is(row, name) for row in rows) for name in STATES}
    words = text[:200].casefold().split()
    return Library(
        rows=[
            row for row in rows
            if _is(row, state) and (not source or row.skill.tier == source) and _has(row, words)
        ],
        counts=counts,
        total=len(rows),
    )  # fmt: skip


def _row(
    world: World, skill: SkillView, account: SkillAccount | None, uses: dict[str, int]
) -> LibraryRow:
    return LibraryRow(
        skill=skill,
        state=_state(skill),
        bytes=_size(world, skill),
        cards=account.cards if account else 0,
        landed=account.landed if account else 0,
        first_pass=account.first_pass if account and account.first_pass.of else None,
        repositories=uses.get(skill.sha256, 0),
    )


def _state(skill: SkillView) -> str:
    if not skill.trusted:
        return "quarantine"
    if not skill.enabled:
        return "disabled"
    return "shadowed" if skill.shadowed else "usable"


def _is(row: LibraryRow, state: str) -> bool:
    if state == "flagged":
        return row.skill.verdict != "clean"
    if state == "used":
        return row.cards > 0 or row.repositories > 0
    return row.state == state if state in STATES[1:] else True


def _has(row: LibraryRow, words: list[str]) -> bool:
    where = f"{row.skill.name} {row.skill.description} {row.skill.source}".casefold()
    return all(word in where for word in words)


def _size(world: World, skill: SkillView) -> int:
    folder = _folder(world, skill)
    if folder is None:
        return 0
    total = 0
    for number, path in enumerate(folder.rglob("*")):
        if number >= _FILES:
            break
        if path.is_file() and not path.is_symlink():
            total += path.stat().st_size
    return total


def _folder(world: World, skill: SkillView) -> Path | None:
    if skill.tier == "store":  # by its name alone: no content is read for a number
        return world.home.skill_store / skill.sha256
    from pathlib import Path

    return Path(skill.path)
