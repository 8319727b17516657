"""Which records of the store a name can mean: one rule for every verb and for cards."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from sps.model.errors import Misuse
from sps.ports.skill_store import BUNDLED, Installed

_KINDS = ("git+", "path:", "archive:")


def identity(record: Installed) -> str:
    """Return how people tell two skills of one name apart: `name (source//path)`."""
    return f"{record.name} ({spelled(record)})"


def spelled(record: Installed) -> str:
    """Return what `--source` takes to mean exactly this record."""
    return f"{record.source}//{record.path}"


def from_home(record: Installed, skills: Path) -> bool:
    """Whether a record was made of one of the owner's own folders, those in `skills`."""
    return record.source.startswith(f"path:{skills}/")


def gone(record: Installed, skills: Path) -> bool:
    """Whether a record was made of an own folder that its owner has deleted since."""
    if not from_home(record, skills):
        return False
    folder = Path(record.source.removeprefix("path:"))
    return folder.is_symlink() or not (folder / "SKILL.md").is_file()


def living(records: Iterable[Installed], skills: Path) -> list[Installed]:
    """Leave out the bundled ones, and those of own folders that are gone."""
    return [one for one in records if one.source != BUNDLED and not gone(one, skills)]


def usable(records: Iterable[Installed]) -> list[Installed]:
    """Return those that their owner trusted and did not disable."""
    return [one for one in records if one.trusted and one.enabled]


def matching(records: Sequence[Installed], source: str | None) -> list[Installed]:
    """Return the records of a source, given as `source` or `source//path`; its kind, `git+` for
    example, may be left out."""
    if source is None:
        return list(records)
    exact = [one for one in records if source in (one.source, spelled(one))]
    if exact:
        return exact
    loose = {f"{kind}{source}" for kind in _KINDS}
    return [one for one in records if loose & {one.source, spelled(one)}]


def only_one(name: str, records: Sequence[Installed], *, command: str) -> Installed | None:
    """Return the only record. Raises `Misuse("ambiguous-skill")` when there are more; `command` is
    what its reader repeats with `--source`."""
    if len(records) > 1:
        listed = ", ".join(identity(one) for one in records)
        says = f'"{name}" is the name of {len(records)} skills: {listed}'
        hint = f"{command} --source {shlex.quote(spelled(records[0]))}"
        raise Misuse("ambiguous-skill", says, hint=hint)
    return records[0] if records else None


def one_content(name: str, records: Sequence[Installed], *, command: str) -> Installed | None:
    """Return the first of records with one content. Raises as `only_one` for several contents."""
    if len({one.digest for one in records}) == 1:
        return records[0]
    return only_one(name, records, command=command)
