"""Skills that a repository has of its own: folders in its canonical place that came from nowhere
else. Their commands never run: the repository is not the owner's word."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sps.lib import paths
from sps.model.skills.folders import CANONICAL
from sps.model.skills.tree import MAIN

if TYPE_CHECKING:
    from sps.ports.skills import Skill
    from sps.ports.world import World


def own_source(name: str) -> str:
    """Return the source of a repository's own skill."""
    return f"path:{CANONICAL}/{name}"


def own_folder(root: Path, name: str) -> Path | None:
    """Return the folder of a skill in a repository; None for a link, for one that a link on the
    way leads out, and for one without a SKILL.md."""
    place = paths.inside(root, f"{CANONICAL}/{name}")
    canonical = root / CANONICAL / name
    if place is None or canonical.is_symlink() or not (canonical / MAIN).is_file():
        return None
    return canonical


def own_skill(world: World, root: Path, name: str) -> Skill | None:
    """Return a repository's own skill as agents get it. Raises `Misuse("source-refused")`."""
    from sps.lib.front_matter import NoFrontMatter, split
    from sps.ports.skills import Skill
    from sps.services.skills.describing import described

    folder = own_folder(root, name)
    if folder is None:
        return None
    tree = world.skill_folders.read(folder)
    text = tree.text(MAIN) or ""
    try:
        body = split(text).body
    except NoFrontMatter:
        body = text
    hidden = (MAIN, "checks/", "evals/")
    return Skill(
        name=name, digest=tree.digest, description=described(tree), body=body, path=str(folder),
        files=tuple(path for path in sorted(tree.files) if not path.startswith(hidden)),
        source=own_source(name),
    )  # fmt: skip
