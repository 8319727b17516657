"""Bringing skills into the store, where they wait until their owner trusts them."""

from __future__ import annotations

import shlex

import msgspec

from sps.model.errors import Misuse
from sps.model.skills.finding import LintFinding
from sps.model.skills.name import safe_name
from sps.model.skills.suspicion import ScanFinding
from sps.model.skills.tree import SkillTree
from sps.ports.skill_store import BUNDLED, Fetched, Installed
from sps.services.skills.describing import described
from sps.services.skills.scope import Scope
from sps.services.skills.vetting import document_of, refused, vet

_LISTED = 40


class FileLine(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a skill as people look at it."""

    path: str
    bytes: int
    mode: str
    sha256: str


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A skill that came into the store."""

    record: Installed
    did: str
    files: list[FileLine]
    lint: list[LintFinding]
    scan: list[ScanFinding]
    next: str


class Arrivals(msgspec.Struct, frozen=True, kw_only=True):
    """All skills of an `install`."""

    skills: list[Arrival]
    refused: dict[str, str] = {}  #: skills of the source that were not accepted, by folder
    notes: tuple[str, ...] = ()


class Installing(msgspec.Struct, frozen=True, kw_only=True):
    """What is taken from a source. `name`: a name, or a skill's folder inside the source."""

    ref: str | None = None
    name: str | None = None
    every: bool = False
    trust: bool = False
    offline: bool = False


def install_skills(scope: Scope, source: str, how: Installing) -> Arrivals:
    """Fetch a source, look at its skills, and keep them in quarantine. Nothing of them runs.

    `trust` is the owner's word for what the scan finds clean; what it flags stays in quarantine.
    Raises `Misuse`: which-skill, ambiguous-skill, unknown-skill, whatever the source says;
    `WorkFailed("skill-refused")` with the findings.
    """
    got = scope.world.skill_sources.fetch(source, ref=how.ref, offline=how.offline)
    named = {path: _name(got, path, tree) for path, tree in got.skills.items()}
    wanted = _wanted(got, named, source, how)
    known = tuple({one.name for one in scope.world.skill_store.installed()})
    # All are looked at before one is kept.
    found = [_looked_at(scope, got, path, named[path], known) for path in wanted]
    kept = _kept(scope, how, found)
    return Arrivals(skills=kept, refused=got.refused, notes=got.notes)


def files_of(tree: SkillTree) -> list[FileLine]:
    """List the files of a skill."""
    return [
        FileLine(path=path, bytes=len(one.content), mode=one.mode, sha256=one.digest)
        for path, one in sorted(tree.files.items())
    ]


def trust_command(record: Installed) -> str:
    """Return what the owner types to trust exactly this content."""
    return f"sps skill trust {record.name}@{record.digest[:12]}"


def _name(got: Fetched, path: str, tree: SkillTree) -> str:
    folder = _folder(got, path)
    found = document_of(tree, folder)
    return safe_name(found.name if found is not None else "", folder) or ""


def _folder(got: Fetched, path: str) -> str:
    """Return what the folder of a skill is called, also where it is the source itself."""
    if path != ".":
        return path.rpartition("/")[2]
    return got.source.rstrip("/").rpartition("/")[2].removesuffix(".git")


def _wanted(got: Fetched, named: dict[str, str], source: str, how: Installing) -> list[str]:
    if not named:
        says = f"there is no skill in {got.source}: no folder with a SKILL.md"
        raise Misuse("no-skill", says)
    if how.name is None:
        return _all_of(named, source, how)
    if how.name in named:
        return [how.name]
    paths = [path for path, name in named.items() if name == how.name]
    if len(paths) > 1:
        listed = ", ".join(f"{how.name} ({got.source}//{path})" for path in paths)
        says = f'"{how.name}" is the name of {len(paths)} skills: {listed}'
        hint = f"sps skill install {shlex.quote(source)} --name {shlex.quote(paths[0])}"
        raise Misuse("ambiguous-skill", says, hint=hint)
    if not paths:
        says = f'{got.source} has no skill "{how.name}"; it has {_listing(named)}'
        raise Misuse("unknown-skill", says)
    return paths


def _all_of(named: dict[str, str], source: str, how: Installing) -> list[str]:
    if len(named) > 1 and not how.every:
        says = f"{source} has {len(named)} skills: {_listing(named)}"
        first = min(named)
        hint = (
            f"sps skill install {shlex.quote(source)} --name {shlex.quote(named[first] or first)}"
        )
        raise Misuse("which-skill", says, hint=f"{hint}, or --all")
    return sorted(named)


def _listing(named: dict[str, str]) -> str:
    shown = sorted(f"{name or '?'} ({path})" for path, name in named.items())
    more = f" and {len(shown) - _LISTED} more" if len(shown) > _LISTED else ""
    return ", ".join(shown[:_LISTED]) + more


def _looked_at(
    scope: Scope, got: Fetched, path: str, name: str, known: tuple[str, ...]
) -> tuple[Installed, SkillTree, Arrival]:
    tree = got.skills[path]
    if not name:
        why = "neither its name nor its folder's is a name of a skill"
        raise refused(_folder(got, path), [why], source=got.source, path=path)
    others = tuple(one for one in known if one != name)
    vetted = vet(tree, name, others, source=got.source, path=path)
    record = Installed(
        name=name, source=got.source, path=path, commit=got.commit, digest=tree.digest,
        description=described(tree), verdict=vetted.verdict, at=scope.world.clock.now(),
    )  # fmt: skip
    shown = Arrival(
        record=record, did="", files=files_of(tree), lint=list(vetted.lint),
        scan=list(vetted.scan), next="",
    )  # fmt: skip
    return record, tree, shown


def _kept(
    scope: Scope, how: Installing, found: list[tuple[Installed, SkillTree, Arrival]]
) -> list[Arrival]:
    """Keep all with one write of the store's list."""
    store = scope.world.skill_store
    before = {(one.source, one.path): one.digest for one in store.installed()}
    free = {
        record.digest for record, _, _ in found
        if record.source == BUNDLED or (how.trust and record.verdict == "clean")
    }  # fmt: skip
    put = store.put_all([(tree, record) for record, tree, _ in found], trust=free)
    return [
        _arrived(record, shown, before.get((record.source, record.path)))
        for record, (_, _, shown) in zip(put, found, strict=True)
    ]


def _arrived(put: Installed, shown: Arrival, before: str | None) -> Arrival:
    did = "installed" if before is None else "already" if before == put.digest else "replaced"
    hint = f"sps skill add {put.name}" if put.trusted else trust_command(put)
    return msgspec.structs.replace(shown, record=put, did=did, next=hint)
