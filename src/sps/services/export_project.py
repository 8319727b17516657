"""A project as one file: its cards and pipeline as they are, its rows as a document."""

from __future__ import annotations

import errno
import io
import os
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sps import __version__
from sps.lib import atomic
from sps.lib.times import rfc3339
from sps.model.card import Card, CardState, Landed
from sps.model.errors import Misuse
from sps.model.event import Event
from sps.model.project import Project
from sps.model.run import Run
from sps.model.verdict import Verdict
from sps.ports.store import CardQuery, EventQuery
from sps.services import lookup

if TYPE_CHECKING:
    from sps.ports.store import Reading
    from sps.ports.world import World

FORMAT = 1
DOCUMENT = "export.json"
PIPELINE = "pipeline.yaml"
CARDS = "cards/"


class CardRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Where a card stood; its text is in its file."""

    seq: int
    id: str
    file: str | None
    state: CardState
    stage: str
    attempt: int
    reason: str | None
    landed: Landed | None
    verdicts: list[Verdict]


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about a project but its files and its commits."""

    format: int
    version: str
    exported_at: str
    project: Project
    cards: list[CardRecord]
    runs: list[Run]
    events: list[Event]


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """An export that was written."""

    name: str
    path: str
    cards: int
    bytes: int


def export_project(
    world: World, name: str, path: Path | None = None, *, dry: bool = False
) -> Exported:
    """Write a project to a tar.gz (default: NAME.sps.tar.gz in the current folder). Commits are not
    in it: they are in the repository and in the vault. `dry` leaves no file. Raises `Misuse` with
    unknown-project, file-exists or unwritable-file."""
    rows = snapshot(world, name)
    target = path or Path(f"{name}.sps.tar.gz")
    content = _packed(world, rows)
    try:
        _create(target, content, dry=dry)
    except FileExistsError as err:
        raise Misuse(
            "file-exists", f"{target} is there already",
            hint=f"sps project export {name} --output OTHER",
        ) from err  # fmt: skip
    except OSError as err:
        why = err.strerror or "it is not possible"
        if not target.parent.is_dir():
            why = f"there is no folder {target.parent}"
        raise Misuse(
            "unwritable-file", f"{target} cannot be written: {why}", where=str(target),
            hint=f"sps project export {name} --output OTHER",
        ) from err  # fmt: skip
    return Exported(name=name, path=str(target), cards=len(rows.cards), bytes=len(content))


def _create(target: Path, content: bytes, *, dry: bool) -> None:
    if not dry:
        atomic.create(target, content)
    elif target.exists():
        raise FileExistsError(target)
    elif not os.access(target.absolute().parent, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def archive(world: World, name: str) -> bytes:
    """Return what `export_project` writes. Raises `Misuse("unknown-project")`."""
    return _packed(world, snapshot(world, name))


def snapshot(world: World, name: str) -> Export:
    """Return the rows of a project, of one moment. Raises `Misuse("unknown-project")`."""

    def question(tx: Reading) -> Export:
        project = lookup.project(tx, name)
        cards = tx.cards(CardQuery(project=name))
        return Export(
            format=FORMAT,
            version=__version__,
            exported_at=rfc3339(world.clock.now()),
            project=project,
            cards=[_record(tx, card, world) for card in cards],
            runs=[run for card in cards for run in tx.runs(card_id=card.id)],
            events=tx.events(EventQuery(project=name)),
        )

    return world.store.read(question)


def _record(tx: Reading, card: Card, world: World) -> CardRecord:
    return CardRecord(
        seq=card.seq,
        id=card.id,
        file=world.card_files.find(card.project, card.seq),
        state=card.state,
        stage=card.stage,
        attempt=card.attempt,
        reason=card.reason,
        landed=card.landed,
        verdicts=tx.verdicts(card.id),
    )


def _packed(world: World, rows: Export) -> bytes:
    name = rows.project.name
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        _put(archive, DOCUMENT, msgspec.json.encode(rows))
        _put(archive, PIPELINE, world.pipeline_files.read(world.home.pipeline(name)).encode())
        for stamp in world.card_files.scan(name):
            file = world.home.cards(name) / stamp.name
            if not file.is_symlink() and file.is_file():
                _put(archive, CARDS + stamp.name, file.read_bytes())
    return buffer.getvalue()


def _put(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(os.fsencode(name).decode("utf-8", "replace"))
    member.size = len(content)
    member.mode = 0o600
    archive.addfile(member, io.BytesIO(content))
