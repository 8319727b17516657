"""Which folders of a source are skills, and the files of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sps.adapters.skill_sources import address
from sps.adapters.skill_sources.address import Address
from sps.adapters.skill_sources.limits import Limits
from sps.lib import terminal
from sps.lib.file_tree import (
    FILE,
    FOLDER,
    LINK,
    Item,
    Listing,
    Refused,
    gather,
    joined,
    resolve,
)
from sps.model.errors import Absent
from sps.model.skills.tree import BOUNDS, MAIN, SkillFile, SkillTree, tree_of

_PASSED = frozenset((".git", "node_modules"))
# Parts of a skill by the format: what looks like a skill in them is an example or a test.
_PARTS = frozenset(("assets", "checks", "evals", "references", "scripts"))


class Opened(Protocol):
    """A source that can be looked at. `notes` names what was left out of it."""

    @property
    def listing(self) -> Listing: ...
    @property
    def notes(self) -> tuple[str, ...]: ...

    def read(self, items: Sequence[Item]) -> dict[str, bytes]:
        """Return the content of gathered files by their real path. Raises `Refused`."""
        ...


@dataclass
class Skills:
    """Skills by folder, "." for the source itself; those that are not accepted with the reason."""

    trees: dict[str, SkillTree] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def skills(opened: Opened, source: Address, limits: Limits) -> Skills:
    """Return the skills of a source, below one of its folders when it names one.

    Raises `Misuse("source-refused")` when there are too many or none is accepted,
    `Misuse("unknown-source")` when there is none, `Absent("source-missing")`.
    """
    found = Skills(notes=list(opened.notes))
    gathered: dict[str, list[Item]] = {}
    for folder in _folders(opened.listing, source, limits, found.notes):
        try:
            gathered[folder] = gather(opened.listing, folder, BOUNDS)
        except Refused as err:
            found.refused[folder or "."] = terminal.clean(str(err))
    if sum(item.node.size for items in gathered.values() for item in items) > limits.size:
        raise address.refused(
            f"its skills have more than {limits.size} bytes; name one folder of it, "
            f"as {source.canonical}//folder"
        )
    try:
        contents = opened.read([item for items in gathered.values() for item in items])
    except Refused:
        contents = None  # one by one, then, to know whose fault it is
    for folder, items in gathered.items():
        try:
            found.trees[folder or "."] = _tree(items, contents or opened.read(items))
        except Refused as err:
            found.refused[folder or "."] = terminal.clean(str(err))
    return _judged(found, source)


def _judged(found: Skills, source: Address) -> Skills:
    if found.trees:
        return found
    for path, why in found.refused.items():
        place = source.canonical if path == "." else f"{source.canonical}//{path}"
        raise address.refused(f"the skill in {place} is refused: {why}")
    raise address.unknown(f"there is no skill in it: no folder with a {MAIN}")


def _start(listing: Listing, below: str) -> str:
    if not below:
        return ""
    try:
        start, node = resolve(listing, below)
    except Refused as err:
        if "nowhere" in err.why:
            raise Absent("source-missing", f"there is no {below} in the source") from err
        raise address.refused(str(err)) from err
    if node.kind != FOLDER:
        raise Absent("source-missing", f"{below} is no folder of the source")
    return start


def _folders(listing: Listing, source: Address, limits: Limits, notes: list[str]) -> list[str]:
    """Return the folders with a SKILL.md, those of a level before those below."""
    found: list[str] = []
    count = 1
    level = [_start(listing, source.below)]
    for _ in range(limits.search_depth + 1):
        following: list[str] = []
        for folder in level:
            entries = _entries(listing, folder, notes)
            skill = entries.get(MAIN) in (FILE, LINK)
            if skill:
                found.append(folder)
            passed = _PASSED | _PARTS if skill else _PASSED
            names = [one for one, kind in sorted(entries.items()) if kind == FOLDER]
            following += [joined(folder, one) for one in names if one not in passed]
            if count + len(following) > limits.search_folders:
                raise address.refused(
                    f"it has more than {limits.search_folders} folders; name one, "
                    f"as {source.canonical}//folder"
                )
        count += len(following)
        level = following
    return found


def _entries(listing: Listing, folder: str, notes: list[str]) -> dict[str, str]:
    try:
        return {name: node.kind for name, node in listing.below(folder).items()}
    except Refused as err:
        notes.append(terminal.clean(f"not looked at: {err}"))
        return {}


def _tree(items: Sequence[Item], contents: dict[str, bytes]) -> SkillTree:
    return tree_of(
        [
            SkillFile(path=item.path, content=contents[item.real], executable=item.node.executable)
            for item in items
        ]
    )
