"""Bringing an exported project into this home.

Open cards come back as files: what was in planning stays there, all others begin anew in the
backlog. Finished cards (done or dropped) are no cards here, because nothing in this home proves
their landing: their files are kept in the project's `finished` folder, and open cards no longer
wait for those that were done.
"""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sps.lib import atomic, plain_file
from sps.model.card import CardState, CardText
from sps.model.errors import Misuse, NewerData
from sps.ports.files import CardFile, CardFileBroken, PipelineBroken
from sps.services.export_project import CARDS, DOCUMENT, FORMAT, PIPELINE, CardRecord, Export
from sps.services.ingest import ingest, ingest_file
from sps.services.init_project import Initialised, InitOptions, init_project

if TYPE_CHECKING:
    from sps.ports.world import World

_ARCHIVE_LIMIT = 256 * 1024 * 1024
_MEMBER_LIMIT = 64 * 1024 * 1024
_MEMBERS_LIMIT = 100_000


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an import. `unread` are card files that were broken already."""

    project: Initialised
    open: int
    finished: int
    unread: list[str]


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """What an export holds."""

    name: str
    open: int
    finished: int


class _Packet(msgspec.Struct, frozen=True, kw_only=True):
    rows: Export
    pipeline: bytes
    files: dict[str, bytes]


def import_project(
    world: World, archive: Path, *, repo: str, name: str | None = None, agent: str | None = None
) -> Imported:
    """Register a repository with the pipeline and the cards of an export. Raises `Misuse` with
    bad-archive and what `init_project` raises; `NewerData` for an export of a newer program."""
    packet = _unpack(archive)
    project = name or packet.rows.project.name
    target = world.home.root / f"import-{world.ids.new()}.yaml"
    atomic.write(target, packet.pipeline)
    try:
        done = init_project(
            world, project, repo=repo, agent=agent or packet.rows.project.agent, pipeline=target,
            options=InitOptions(sandbox=packet.rows.project.sandbox),
        )  # fmt: skip
    except PipelineBroken as err:
        inside = f"{archive}/{PIPELINE}"
        raise PipelineBroken(
            [msgspec.structs.replace(mistake, file=inside) for mistake in err.mistakes]
        ) from err
    finally:
        target.unlink(missing_ok=True)
    return _restore(world, packet, done)


def look_into(archive: Path) -> Contents:
    """Say what an export holds, changing nothing. Raises what `import_project` raises for it."""
    packet = _unpack(archive)
    over = {c.file for c in packet.rows.cards if c.state in (CardState.DONE, CardState.DROPPED)}
    finished = len(over & packet.files.keys())
    return Contents(
        name=packet.rows.project.name, open=len(packet.files) - finished, finished=finished
    )


def _restore(world: World, packet: _Packet, done: Initialised) -> Imported:
    finished = {
        card.file: card
        for card in packet.rows.cards
        if card.file and card.state in (CardState.DONE, CardState.DROPPED)
    }
    gone = {card.seq for card in finished.values() if card.state is CardState.DONE}
    planned = {c.seq for c in packet.rows.cards if c.state is CardState.PLANNING}
    folder, aside = world.home.cards(done.name), world.home.project(done.name) / "finished"
    folder.mkdir(mode=0o700, exist_ok=True)
    aside.mkdir(mode=0o700, exist_ok=True)
    _keep_numbers(world, done.name, packet.rows.cards)
    unread: list[str] = []
    for name, content in sorted(packet.files.items()):
        atomic.write((aside if name in finished else folder) / name, content)
        if name not in finished and not _take(world, done.name, name, gone, planned):
            unread.append(name)
    ingest(world, done.name)
    world.wake.ring()
    count = len(packet.files) - len(finished) - len(unread)
    return Imported(project=done, open=count, finished=len(finished), unread=unread)


def _keep_numbers(world: World, project: str, cards: list[CardRecord]) -> None:
    """Never give the number of a finished card to a new one."""
    highest = max((card.seq for card in cards), default=0)
    if highest:
        world.store.write(lambda tx: tx.next_seq(project, highest - 1))


def _take(world: World, project: str, name: str, gone: set[int], planned: set[int]) -> bool:
    """Take one card in as it should stand here; False when its file cannot be read."""
    try:
        file = world.card_files.read(project, name)
    except CardFileBroken:
        return False
    text: CardText = msgspec.structs.replace(
        file.text,
        after=tuple(seq for seq in file.text.after if seq not in gone),
        hold=file.text.hold or file.seq in planned,
    )
    stamp = world.card_files.edit(project, name, text, file.stamp)
    ingest_file(world, project, CardFile(seq=file.seq, stamp=stamp, text=text))
    return True


def _unpack(path: Path) -> _Packet:
    """Read an archive without unpacking anything to disk: names and sizes are not trusted."""
    try:
        content, _ = plain_file.read(path, _ARCHIVE_LIMIT, follow=True)
        members = _members(content)
        document = members.pop(DOCUMENT)
        pipeline = members.pop(PIPELINE)
        rows = _rows(document)
    except FileNotFoundError as err:
        raise _unreadable(path, "there is no such file") from err
    except (tarfile.TarError, EOFError) as err:
        raise _bad(path, str(err) or type(err).__name__) from err
    except OSError as err:
        if err.errno is None:  # gzip's way to say that it is no archive
            raise _bad(path, "it is no tar.gz archive") from err
        raise _unreadable(path, err.strerror or "it is not possible") from err
    except (KeyError, msgspec.MsgspecError) as err:
        raise _bad(path, str(err) or type(err).__name__) from err
    except (plain_file.NotPlain, plain_file.TooLarge) as err:
        raise _bad(path, f"it is {err}") from err
    files = {name.removeprefix(CARDS): text for name, text in members.items()}
    return _Packet(rows=rows, pipeline=pipeline, files=files)


def _members(content: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    total = 0
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        for number, member in enumerate(archive):
            total += member.size
            if number > _MEMBERS_LIMIT or total > _ARCHIVE_LIMIT or member.size > _MEMBER_LIMIT:
                raise tarfile.TarError("it holds more than an export can hold")
            if not member.isreg() or not _expected(member.name):
                raise tarfile.TarError(f"it holds {member.name!r}, which no export holds")
            file = archive.extractfile(member)
            found[member.name] = file.read() if file else b""
    return found


def _expected(name: str) -> bool:
    if name in (DOCUMENT, PIPELINE):
        return True
    card = name.removeprefix(CARDS)
    return name.startswith(CARDS) and card.endswith(".md") and not set(card) & {"/", "\0", "\\"}


def _rows(document: bytes) -> Export:
    number = msgspec.json.decode(document, type=dict[str, object]).get("format")
    if isinstance(number, int) and number > FORMAT:
        raise NewerData(
            "newer-data", "the export was written by a newer SPS", hint="update SPS, then repeat"
        )
    return msgspec.json.decode(document, type=Export)


def _unreadable(path: Path, why: str) -> Misuse:
    return Misuse("unreadable-file", f"{path} cannot be read: {why}", where=str(path))


def _bad(path: Path, why: str) -> Misuse:
    return Misuse(
        "bad-archive", f"{path} is no export of SPS: {why}", hint="sps project export NAME"
    )
