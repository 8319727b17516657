"""The checks of skills on what a repository's owner changed, without any card."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sps.lib import plain_file
from sps.lib.nearest import suggestion
from sps.model.errors import Absent, Misuse, WorkFailed
from sps.model.skills.check import CheckFinding, CheckReport, CheckWaiver, Inconclusive, WaiverNote
from sps.model.skills.lock import LOCK_FILE, LockedSkill, Placement
from sps.model.skills.name import is_name
from sps.ports.checks import CheckJob, ChecksFailed, SkillToCheck
from sps.ports.skill_store import BUNDLED
from sps.services.skills.candidates import living, one_content, usable
from sps.services.skills.repository_own import own_folder

if TYPE_CHECKING:
    from sps.ports.changes import LocalChange
    from sps.ports.world import World

_TIMEOUT = 300.0  # seconds
_FOLDER = ".agents/skills"
#: Skills about one language have nothing to say on a change without it.
_LANGUAGE_ENDINGS = {
    "golang": (".go", "go.mod"),
    "java": (".java", "pom.xml", ".gradle", ".gradle.kts"),
    "kotlin": (".kt", ".kts"),
    "python": (".py", ".pyi", ".toml", ".cfg", "requirements.txt"),
    "rust": (".rs", "Cargo.toml"),
    "swift": (".swift",),
    "typescript": (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json"),
}


class SkillCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What the checks say about a change."""

    ok: bool
    findings: tuple[CheckFinding, ...]
    waivers: tuple[CheckWaiver, ...]
    inconclusive: tuple[Inconclusive, ...]
    ran: int
    notes: tuple[WaiverNote, ...] = ()  #: waivers that do nothing


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """How a skill's checks took their own cases."""

    skill: str
    proved: int
    inconclusive: tuple[Inconclusive, ...]


class Proofs(msgspec.Struct, frozen=True, kw_only=True):
    """The proofs of some skills."""

    ok: bool
    skills: tuple[Proof, ...]


def check_skills(
    world: World,
    folder: str,
    *,
    base: str | None = None,
    staged: bool = False,
    names: tuple[str, ...] = (),
) -> tuple[SkillCheck, CheckReport]:
    """Run the checks on the change in a repository; return the answer and the whole report.

    The skills are those named, else those of the repository's lock, else the bundled library.
    Raises `Misuse`: not-a-repository, unknown-base, unknown-skill, broken-lock; `Absent`:
    git-missing, skill-missing; `WorkFailed`: git-failed, checks-failed.
    """
    import asyncio

    change = world.changes.look(folder, base=base, staged=staged)
    skills = _chosen(world, names, Path(change.root), set(change.added))
    with _tree(world, change, staged=staged) as root:
        job = CheckJob(root=root, added=change.added, skills=skills, timeout=_TIMEOUT)
        try:
            report = asyncio.run(world.checks.run(job))
        except ChecksFailed as err:
            raise _failed(err) from err
    answer = SkillCheck(
        ok=report.ok,
        findings=report.findings,
        waivers=report.waivers,
        inconclusive=report.inconclusive,
        ran=report.ran,
        notes=_useless(world, report.notes),
    )
    return answer, report


def _useless(world: World, notes: tuple[WaiverNote, ...]) -> tuple[WaiverNote, ...]:
    """Leave out waivers of checks that exist and were only not among those that ran."""
    if all(one.known or not one.check for one in notes):
        return notes
    from sps.model.skills.checks_file import parse_checks

    folders = set(world.skill_sources.bundled().values())
    stored = (world.skill_store.folder(one.digest) for one in world.skill_store.installed())
    folders |= {Path(folder) for folder in stored if folder is not None}
    trees = (world.skill_folders.read(folder) for folder in sorted(folders))
    elsewhere = {check.id for tree in trees for check in parse_checks(tree)[0]}
    return tuple(one for one in notes if one.known or one.check not in elsewhere)


def prove_skills(world: World, folder: str, *, names: tuple[str, ...] = ()) -> Proofs:
    """Run the checks of skills on their own cases. The skills are chosen as for a change.

    Raises `Misuse`: unknown-skill, broken-lock; `Absent("skill-missing")`;
    `WorkFailed("checks-failed")`.
    """
    import asyncio

    top = world.changes.top(folder)
    proofs: list[Proof] = []
    for skill in _chosen(world, names, Path(top) if top else None, None):
        try:
            proved, wrong = asyncio.run(world.checks.selftest(skill))
        except ChecksFailed as err:
            raise _failed(err) from err
        proofs.append(Proof(skill=skill.name, proved=proved, inconclusive=wrong))
    ok = not any(one.inconclusive for one in proofs)
    return Proofs(ok=ok, skills=tuple(proofs))


def _failed(err: ChecksFailed) -> WorkFailed:
    return WorkFailed("checks-failed", str(err), hint="sps skill check --selftest")


@contextlib.contextmanager
def _tree(world: World, change: LocalChange, *, staged: bool) -> Iterator[str]:
    """Give the folder to look at: the work tree, or the index as files."""
    if not staged:
        yield change.root
        return
    with tempfile.TemporaryDirectory(prefix="sps-staged-") as folder:
        world.changes.write_staged(change.root, Path(folder))
        yield folder


def _chosen(
    world: World, names: tuple[str, ...], root: Path | None, changed: set[str] | None
) -> tuple[SkillToCheck, ...]:
    library = world.skill_sources.bundled()
    if names:
        return tuple(_named(world, name, library, root) for name in dict.fromkeys(names))
    locked = None if root is None else _lock(root)
    if locked is not None and root is not None:
        found = [_locked(world, root, library, one) for one in locked.items()]
        return tuple(one for one in found if one is not None)
    return tuple(
        _bundled(name, path)
        for name, path in library.items()
        if changed is None or _about(name, changed)
    )


def _about(name: str, changed: Iterable[str]) -> bool:
    endings = _LANGUAGE_ENDINGS.get(name)
    return endings is None or any(path.endswith(endings) for path in changed)


def _named(world: World, name: str, library: dict[str, Path], root: Path | None) -> SkillToCheck:
    """Return what a name means here: the repository's copy, whose commands are not run, the
    owner's own skill, one of the store that he trusts, else the bundled one."""
    copy = own_folder(root, name) if root is not None and is_name(name) else None
    if copy is not None:
        return SkillToCheck(name=name, digest="", path=str(copy))
    own = world.home.skills / name
    if is_name(name) and not own.is_symlink() and (own / "SKILL.md").is_file():
        return SkillToCheck(name=name, digest="", path=str(own))
    records = living(world.skill_store.named(name), world.home.skills)
    record = one_content(name, usable(records), command=f"sps skill disable {name} --home")
    folder = None if record is None else world.skill_store.folder(record.digest)
    if record is not None and folder is not None:
        return SkillToCheck(
            name=name, digest=record.digest, path=str(folder), commands=record.commands
        )
    if name in library:
        return _bundled(name, library[name])
    if records:
        says = f'nobody has trusted the skill "{name}" yet'
        raise WorkFailed("skill-quarantined", says, hint=f"sps skill show {name}")
    near = suggestion(name, [*library, *(one.name for one in world.skill_store.installed())])
    raise Misuse("unknown-skill", f'there is no skill "{name}"{near}', hint="sps skill list")


def _bundled(name: str, folder: Path) -> SkillToCheck:
    """Return a skill that came with this program, and is trusted as far as it is."""
    return SkillToCheck(name=name, digest="", path=str(folder), commands=True)


def _lock(root: Path) -> dict[str, LockedSkill] | None:
    """Return the skills of a repository's lock, None without one."""
    from sps.model.skills import lock_text

    path = root / LOCK_FILE
    try:
        content, _ = plain_file.read(path, lock_text.LOCK_LIMIT)
    except FileNotFoundError:
        return None
    except (plain_file.NotPlain, plain_file.TooLarge) as err:
        says = f"{LOCK_FILE} cannot be read: it is {err}"
        raise Misuse("broken-lock", says, where=str(path)) from err
    return lock_text.parse(content).skills


def _locked(
    world: World, root: Path, library: dict[str, Path], item: tuple[str, LockedSkill]
) -> SkillToCheck | None:
    """Return a skill of the lock. A copy in the repository is the repository's own word: its
    commands are not run."""
    name, locked = item
    if locked.disabled:
        return None
    copy = root / _FOLDER / name
    if locked.placement is Placement.FROZEN and copy.is_dir() and not copy.is_symlink():
        return SkillToCheck(name=name, digest=locked.digest, path=str(copy))
    folder = world.skill_store.folder(locked.digest)
    if folder is not None:
        commands = any(
            one.commands and one.trusted
            for one in world.skill_store.named(name)
            if one.digest == locked.digest
        )
        return SkillToCheck(name=name, digest=locked.digest, path=str(folder), commands=commands)
    if locked.source == BUNDLED and name in library:
        return _bundled(name, library[name])
    says = f'the skill "{name}" of {LOCK_FILE} is not on this machine'
    raise Absent("skill-missing", says, hint="sps skill install", where=str(root / LOCK_FILE))
