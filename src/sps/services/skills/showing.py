"""Everything about one skill: where it comes from, what it holds, who uses it."""

from __future__ import annotations

import msgspec

from sps.model.errors import Misuse
from sps.model.skills.finding import LintFinding
from sps.model.skills.lint import lint
from sps.model.skills.mode import Mode
from sps.model.skills.scan import scan
from sps.model.skills.state import SkillState
from sps.model.skills.suspicion import ScanFinding
from sps.model.skills.tree import MAIN, SkillTree
from sps.ports.skill_store import BUNDLED, Installed
from sps.services.skills.choosing import matches, only_one, unknown
from sps.services.skills.describing import described
from sps.services.skills.install import FileLine, files_of, trust_command
from sps.services.skills.names import checked_name
from sps.services.skills.place import state_of
from sps.services.skills.remove import used_by
from sps.services.skills.scope import Scope
from sps.services.skills.trust import commands_of


class SkillDetail(msgspec.Struct, frozen=True, kw_only=True):
    """One skill. `text` is its SKILL.md."""

    record: Installed
    intact: bool
    state: SkillState | None
    locked: str | None  #: the digest in this repository's lock
    files: list[FileLine]
    lint: list[LintFinding]
    scan: list[ScanFinding]
    commands: list[str]
    used_by: list[str]
    text: str
    next: str


def show_skill(scope: Scope, name: str, source: str | None = None) -> SkillDetail:
    """Show a skill: the owner's own, one of the store, else the bundled one.

    Raises `Misuse`: bad-name, unknown-skill, ambiguous-skill.
    """
    checked_name(name)
    record, tree = _found(scope, name, source)
    locked = scope.repository.lock().skills.get(name)
    return SkillDetail(
        record=record,
        intact=tree is not None,
        state=None if locked is None else state_of(scope, name, locked),
        locked=None if locked is None else locked.digest,
        files=[] if tree is None else files_of(tree),
        lint=[] if tree is None else lint(tree, name, Mode.LENIENT),
        scan=[] if tree is None else list(scan(tree, ())),
        commands=[] if tree is None else commands_of(tree),
        used_by=used_by(scope, record),
        text="" if tree is None else tree.text(MAIN) or "",
        next=f"sps skill add {name}" if record.trusted else trust_command(record),
    )


def _found(scope: Scope, name: str, source: str | None) -> tuple[Installed, SkillTree | None]:
    world = scope.world
    own, library = world.home.skills / name, world.skill_sources.bundled().get(name)
    if source is None and not own.is_symlink() and (own / MAIN).is_file():
        return _as_record(scope, name, f"path:{own}", ".", world.skill_folders.read(own))
    records = [
        one for one in world.skill_store.named(name)
        if matches(one, source) and one.source != BUNDLED
    ]  # fmt: skip
    hint = f"sps skill show {name} --source SOURCE//PATH"
    record = only_one(name, records, hint=hint)
    if record is not None:
        return record, world.skill_store.tree(record.digest)
    if library is None or source not in (None, BUNDLED):
        raise unknown(world, name)
    return _as_record(scope, name, BUNDLED, name, world.skill_folders.read(library))


def _as_record(
    scope: Scope, name: str, source: str, path: str, tree: SkillTree
) -> tuple[Installed, SkillTree]:
    for one in scope.world.skill_store.named(name):
        if (one.source, one.path, one.digest) == (source, path, tree.digest):
            return one, tree
    return (
        Installed(
            name=name, source=source, path=path, digest=tree.digest,
            description=described(tree), trusted=True,
        ),
        tree,
    )  # fmt: skip


def tree_named(scope: Scope, word: str) -> tuple[str, SkillTree]:
    """Return the name and files of a skill that a word names: a folder, or the name of one in this
    repository or in this home.

    Raises `Misuse`: no-such-skill, source-refused, ambiguous-skill.
    """
    from pathlib import Path

    from sps.model.skills.folders import CANONICAL
    from sps.model.skills.name import is_name

    folder = Path(word)
    if not is_name(word) or (folder / MAIN).is_file():
        if not folder.is_dir():
            says = f"{word[:200]} is no folder and no name of a skill"
            raise Misuse("no-such-skill", says, hint="sps skill list")
        real = folder.resolve()
        return real.name, scope.world.skill_folders.read(real)
    place = scope.repository.folder(CANONICAL) / word
    if place.is_dir() and not place.is_symlink():
        return word, scope.world.skill_folders.read(place)
    record, tree = _found(scope, word, None)
    if tree is None:
        says = f"the content of {word} is no longer intact in the store"
        raise Misuse("no-such-skill", says, hint=f"sps skill install {record.source}")
    return word, tree
