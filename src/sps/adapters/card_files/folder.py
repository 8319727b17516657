"""The card folder of a project."""

from __future__ import annotations

import os
from pathlib import Path
from stat import S_ISDIR

from sps.adapters.card_files import file_name
from sps.adapters.card_files.bounds import complaint
from sps.adapters.card_files.rendering import render
from sps.lib import atomic, plain_file
from sps.model.card import CardText
from sps.model.errors import Absent, Misuse, Stale, WorkFailed
from sps.ports.files import CardFile
from sps.ports.home import Home
from sps.ports.store import FileStamp


def _seen(place: os.DirEntry[str] | Path) -> FileStamp | None:
    try:
        status = place.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None  # gone since the listing
    if S_ISDIR(status.st_mode):
        return None
    return FileStamp(name=place.name, mtime_ns=status.st_mtime_ns, size=status.st_size)


class CardFolder:
    """Card files below a home. Reading them loads the YAML library, creating them does not."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def scan(self, project: str) -> list[FileStamp]:
        """Return a stamp of each card file by its name; links and other oddities are among them,
        so that reading them says what is wrong."""
        found = (_seen(entry) for entry in self._entries(project))
        stamps = [stamp for stamp in found if stamp is not None]
        return sorted(stamps, key=lambda stamp: stamp.name)

    def names(self, project: str) -> frozenset[str]:
        """Return the names that `scan` would stamp."""
        return frozenset([entry.name for entry in self._entries(project)])

    def stamp(self, project: str, name: str) -> FileStamp | None:
        """Return the stamp of one file, None when it is gone or never was a card's."""
        if not file_name.is_card(name) or "/" in name or "\0" in name:
            return None
        return _seen(self._home.cards(project) / name)

    def highest(self, project: str) -> int:
        """Return the highest number; names whose number no card can have do not count."""
        return max((_number(entry.name) for entry in self._entries(project)), default=0)

    def find(self, project: str, seq: int) -> str | None:
        """Return the file of a card; of several with the same number the first by name."""
        digits = str(seq)  # a name without them is passed over unparsed: folders may be large
        names = (entry.name for entry in self._entries(project) if digits in entry.name)
        return min((name for name in names if _number(name) == seq), default=None)

    def read(self, project: str, name: str) -> CardFile:
        """Read one file. Raises `CardFileBroken`; `Absent("card-file-missing")` when it is gone."""
        from sps.adapters.card_files import document

        content, status = self._content(project, name)
        try:
            seq = file_name.number(name)
        except ValueError as err:
            raise document.broken(name, "bad-number", str(err)) from err
        text = document.parse(content, name).text
        return CardFile(seq=seq, stamp=_stamp(name, content, status), text=text)

    def check(self, text: CardText) -> None:
        """Raise `Misuse` with the code of what is out of bounds, and the field as its place."""
        _check(text)

    def create(self, project: str, seq: int, text: CardText) -> FileStamp:
        """Write a new card file; the folder is made if need be. Raises `Misuse` with the code of
        what is out of bounds, or "duplicate-number"."""
        _check(text)
        folder = self._home.cards(project)
        name = file_name.compose(seq, text.title)
        content = render(text).encode()
        taken = self.find(project, seq)
        if taken is not None:
            raise _duplicate(seq, taken)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            atomic.create(folder / name, content)
        except FileExistsError as err:
            raise _duplicate(seq, name) from err
        except OSError as err:
            raise _unwritable(folder / name, err) from err
        return self._written(project, name, content)

    def edit(self, project: str, name: str, text: CardText, expected: FileStamp) -> FileStamp:
        """Write changed fields and body. Raises also what `read` raises, `Misuse` with the code of
        what is out of bounds, and `Misuse("unwritable-card")`."""
        from sps.adapters.card_files import document, editing

        _check(text)
        content, status = self._content(project, name)
        stamp = _stamp(name, content, status)
        if not _matches(expected, stamp):
            raise Stale(f"{name} was changed by somebody else meanwhile")
        old = document.parse(content, name)
        if old.text == text:
            return stamp
        new = editing.changed(old, text, name)
        path = self._home.cards(project) / name
        try:
            atomic.write(path, new, mode=status.st_mode & 0o666)
        except OSError as err:
            raise _unwritable(path, err) from err
        return self._written(project, name, new)

    def _entries(self, project: str) -> list[os.DirEntry[str]]:
        folder = self._home.cards(project)
        is_card = file_name.is_card
        try:
            with os.scandir(folder) as found:
                return [
                    it for it in found if is_card(it.name) and not it.is_dir(follow_symlinks=False)
                ]
        except FileNotFoundError:
            return []
        except OSError as err:
            says = f"the card folder {folder} cannot be listed: {err.strerror}"
            raise WorkFailed("cards-unreadable", says, hint="sps doctor") from err

    def _content(self, project: str, name: str) -> tuple[bytes, os.stat_result]:
        from sps.adapters.card_files import document

        if not file_name.is_card(name) or "/" in name or "\0" in name:
            raise Misuse("bad-file-name", f"{name!r} is no name of a card file")
        try:
            return plain_file.read(self._home.cards(project) / name, document.FILE_LIMIT)
        except plain_file.NotPlain as err:
            says = f"this is {err}; a card is a regular file"
            raise document.broken(name, "not-a-file", says) from err
        except plain_file.TooLarge as err:
            says = f"the file has more than {document.FILE_LIMIT} bytes"
            raise document.broken(name, "too-large", says) from err
        except FileNotFoundError as err:
            raise Absent("card-file-missing", f"the card file {name} is gone") from err
        except OSError as err:
            says = f"the file cannot be read: {err.strerror}"
            raise document.broken(name, "unreadable-file", says) from err

    def _written(self, project: str, name: str, content: bytes) -> FileStamp:
        try:
            there, status = plain_file.read(self._home.cards(project) / name, len(content))
        except (OSError, plain_file.NotPlain, plain_file.TooLarge):
            there, status = b"", None
        if status is None or there != content:
            # Somebody was quicker than this look: a stamp that never matches has it read again.
            return FileStamp(name=name, mtime_ns=0, size=len(content), digest=_digest(content))
        return _stamp(name, content, status)


def _number(name: str) -> int:
    try:
        return file_name.number(name)
    except ValueError:
        return 0


def _digest(content: bytes) -> str:
    from hashlib import sha256

    return sha256(content).hexdigest()


def _stamp(name: str, content: bytes, status: os.stat_result) -> FileStamp:
    return FileStamp(
        name=name, mtime_ns=status.st_mtime_ns, size=len(content), digest=_digest(content)
    )


def _matches(expected: FileStamp, there: FileStamp) -> bool:
    if expected.digest:
        return expected.digest == there.digest
    return (expected.mtime_ns, expected.size) == (there.mtime_ns, there.size)


def _check(text: CardText) -> None:
    wrong = complaint(text)
    if wrong is not None:
        raise Misuse(wrong.code, wrong.message, where=wrong.field)


def _duplicate(seq: int, name: str) -> Misuse:
    return Misuse("duplicate-number", f"card {seq} has a file already: {name}", where=name)


def _unwritable(path: Path, err: OSError) -> WorkFailed:
    says = f"{path} cannot be written: {err.strerror}"
    return WorkFailed("cards-unwritable", says, hint="sps doctor", where=str(path))
