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
from sps.services.skills.candidates import living, matching, one_content, usable
from sps.services.skills.choosing import unknown
from sps.services.skills.describing import described
from sps.services.skills.install import FileLine, files_of, trust_command
from sps.services.skills.names import checked_name
from sps.services.skills.place import state_of
from sps.services.skills.remove import used_by
from sps.services.skills.repository_own import own_folder, own_source
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


def show_skill(
    scope: Scope, name: str, source: str | None = None, *, brief: bool = False
) -> SkillDetail:
    """Show a skill: the repository's own, the owner's own, one of the store, else the bundled one.
    When `brief`, a bundled skill is not linted and scanned: it was before it was shipped.

    Raises `Misuse`: bad-name, unknown-skill, ambiguous-skill.
    """
    checked_name(name)
    record, tree = _found(scope, name, source)
    judged = None if brief and record.source == BUNDLED else tree
    locked = scope.repository.lock().skills.get(name)
    ours = record.source == own_source(name)
    state = None if locked is None else state_of(scope, name, locked)
    return SkillDetail(
        record=record,
        intact=tree is not None,
        state=SkillState.FOREIGN if ours and locked is None else state,
        locked=None if locked is None else locked.digest,
        files=[] if tree is None else files_of(tree),
        lint=[] if judged is None else lint(judged, name, Mode.LENIENT),
        scan=[] if judged is None else list(scan(judged, ())),
        commands=[] if tree is None else commands_of(tree),
        used_by=used_by(scope, record),
        text="" if tree is None else tree.text(MAIN) or "",
        next=_next(record, ours=ours),
    )


def _next(record: Installed, *, ours: bool) -> str:
    if ours:
        return f"sps skill freeze {record.name}"
    return f"sps skill add {record.name}" if record.trusted else trust_command(record)


def _found(scope: Scope, name: str, source: str | None) -> tuple[Installed, SkillTree | None]:
    world = scope.world
    if (found := _of_repository(scope, name, source)) is not None:
        return found
    own = world.home.skills / name
    if source is None and not own.is_symlink() and (own / MAIN).is_file():
        return _as_record(scope, name, f"path:{own}", ".", world.skill_folders.read(own))
    records = matching(living(world.skill_store.named(name), world.home.skills), source)
    library = None
    if source in (None, BUNDLED, f"{BUNDLED}//{name}"):
        library = world.skill_sources.bundled().get(name)
    counting = usable(records) or ([] if library is not None else records)
    record = one_content(name, counting, command=f"sps skill show {name}")
    if record is not None:
        return record, world.skill_store.tree(record.digest)
    if library is None:
        raise unknown(world, name)
    return _as_record(scope, name, BUNDLED, name, world.skill_folders.read(library))


def _of_repository(
    scope: Scope, name: str, source: str | None
) -> tuple[Installed, SkillTree | None] | None:
    """Return the repository's own skill, which is not locked from anywhere else."""
    locked = scope.repository.lock().skills.get(name)
    wanted = source in (None, own_source(name), f"{own_source(name)}//.")
    if not wanted or (locked is not None and locked.source != own_source(name)):
        return None
    folder = own_folder(scope.repository.root, name)
    if folder is None:
        return None
    tree = scope.world.skill_folders.read(folder)
    record = Installed(
        name=name, source=own_source(name), path=".", digest=tree.digest,
        description=described(tree),
    )  # fmt: skip
    return record, tree


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
