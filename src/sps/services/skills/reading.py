"""A skill as people read it: its text, its references, its checks, where it is used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sps.lib.front_matter import NoFrontMatter, split
from sps.model.errors import SpsError
from sps.model.skills.checks_file import parse_checks
from sps.model.skills.state import SkillState
from sps.model.skills.tree import MAIN, SkillTree
from sps.ports.skill_store import BUNDLED, Installed
from sps.services.skills.at_project import home_scope, project_scope
from sps.services.skills.place import state_of
from sps.services.skills.showing import SkillDetail, show_skill

if TYPE_CHECKING:
    from sps.model.skills.declared import Case, Check
    from sps.ports.world import World

_TEXT = 64 * 1024
_CASE = 4 * 1024
_REFERENCES = 40


class TextFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file with its text, bounded."""

    path: str
    text: str


class CheckView(msgspec.Struct, frozen=True, kw_only=True):
    """One check with its examples. `cases` by name: those it has to reject and to leave alone."""

    id: str
    says: str
    kind: str
    severity: str
    hint: str
    anchor: str
    languages: tuple[str, ...]
    command: str
    bad: list[TextFile]
    good: list[TextFile]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a skill stands in a project's repository; no state: it is not locked there. `trouble`
    says why that is not known."""

    project: str
    state: SkillState | None
    digest: str = ""
    placement: str = ""
    disabled: bool = False
    trouble: str = ""


class SkillPage(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about a skill. `body` is SKILL.md without its front matter, which is `front`."""

    shown: SkillDetail
    front: str
    body: str
    references: list[TextFile]
    checks: list[CheckView]
    broken: list[str]  #: what is wrong with the checks
    projects: list[Standing]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(one.bytes for one in self.shown.files)


def read_skill(world: World, name: str, source: str | None = None) -> SkillPage:
    """Read a skill. Raises `Misuse`: bad-name, unknown-skill, ambiguous-skill."""
    shown = show_skill(home_scope(world), name, source)
    tree = _tree(world, shown.record)
    front, body = _parts(shown.text)
    checks, findings = parse_checks(tree) if tree is not None else ((), ())
    return SkillPage(
        shown=shown,
        front=front,
        body=body[:_TEXT],
        references=[] if tree is None else _references(tree),
        checks=[_check(one, tree) for one in checks if tree is not None],
        broken=[f"{one.path}:{one.line} {one.says}" for one in findings],
        projects=standings(world, name),
    )


def standings(world: World, name: str) -> list[Standing]:
    """Return how a skill stands in each project, by name."""
    projects = world.store.read(lambda tx: tx.projects())
    return [_standing(world, one.name, name) for one in projects]


def _standing(world: World, project: str, name: str) -> Standing:
    scope = project_scope(world, project, dry=True)
    try:
        locked = scope.repository.lock().skills.get(name)
        if locked is None:
            return Standing(project=project, state=None)
        return Standing(
            project=project, state=state_of(scope, name, locked), digest=locked.digest,
            placement=locked.placement.value, disabled=locked.disabled,
        )  # fmt: skip
    except SpsError as err:
        return Standing(project=project, state=None, trouble=err.message)
    except OSError as err:
        return Standing(project=project, state=None, trouble=str(err.strerror))


def _tree(world: World, record: Installed) -> SkillTree | None:
    """Return the files of what `show_skill` found."""
    if record.source == BUNDLED:
        folder = world.skill_sources.bundled().get(record.name)
        return None if folder is None else world.skill_folders.read(folder)
    own = world.home.skills / record.name
    if record.source == f"path:{own}" and not own.is_symlink() and (own / MAIN).is_file():
        return world.skill_folders.read(Path(own))
    return world.skill_store.tree(record.digest)


def _parts(text: str) -> tuple[str, str]:
    try:
        found = split(text)
    except NoFrontMatter:
        return "", text
    return found.yaml, found.body


def _references(tree: SkillTree) -> list[TextFile]:
    paths = [
        path
        for path in sorted(tree.files)
        if path.endswith(".md") and path != MAIN and not path.startswith(("checks/", "evals/"))
    ]
    return [_text(tree, path, _TEXT) for path in paths[:_REFERENCES]]


def _check(check: Check, tree: SkillTree) -> CheckView:
    return CheckView(
        id=check.id,
        says=check.says,
        kind=check.kind.value,
        severity=check.severity.value,
        hint=check.hint,
        anchor=check.anchor,
        languages=check.languages,
        command="" if check.command is None else check.command.run,
        bad=[_case(tree, one) for one in check.bad],
        good=[_case(tree, one) for one in check.good],
    )


def _case(tree: SkillTree, case: Case) -> TextFile:
    texts = [_text(tree, path, _CASE) for path in case.files]
    if len(texts) == 1:
        return texts[0]
    whole = "\n".join(f"{one.path}\n{one.text}" for one in texts)
    return TextFile(path=case.path, text=whole[:_CASE])


def _text(tree: SkillTree, path: str, limit: int) -> TextFile:
    text = tree.text(path)
    return TextFile(path=path, text="(no text)" if text is None else text[:limit])
