"""One login in the HOME of one session, from its being put there to its being taken back."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

import msgspec

from sps.adapters.logins_home import content
from sps.adapters.logins_home.folder import LoginFolder, read_file
from sps.lib import atomic, below
from sps.lib.lock import FileLock
from sps.ports.agent import AgentKind

_NOTE = "note.json"


class _Note(msgspec.Struct, frozen=True, kw_only=True):
    home: str
    files: tuple[str, ...]
    expiry: tuple[str, ...]


class Loan:
    """The copies in a session's HOME. On disk beside the login lies where they are and what they
    were, under a lock that dies with this process: so another can take them back."""

    def __init__(self, folder: LoginFolder, place: Path, note: _Note) -> None:
        self._folder = folder
        self._place = place
        self._note = note
        self._home = Path(note.home)
        self._lock = FileLock(place / "lock")
        self._last: dict[str, bytes] = {}
        self._seen: dict[str, tuple[int, int, int]] = {}
        self._secrets: set[str] = set()

    @staticmethod
    def begin(folder: LoginFolder, kind: AgentKind, home: Path, run_id: str) -> Loan:
        """Write down the loan, then put the copies into the HOME."""
        place = folder.lent / run_id
        note = _Note(home=str(home), files=kind.login_files, expiry=kind.login_expiry)
        loan = Loan(folder, place, note)
        with folder.writing():  # so that nobody takes it for one of the dead before it has its lock
            place.mkdir(mode=0o700, exist_ok=True)
            loan._lock.take(str(os.getpid()))
        atomic.write(place / _NOTE, msgspec.json.encode(note))
        for number, name in enumerate(note.files):
            kept = folder.read(name)
            below.remove(home, name)
            if kept is not None:
                atomic.write(place / str(number), kept[0])
                below.write(home, name, kept[0])
                loan._lent(name, kept[0])
        return loan

    @staticmethod
    def stale(folder: LoginFolder, place: Path) -> Loan | None:
        """Return the loan of a process that is dead, None while it lives or where nothing is."""
        with folder.writing():
            try:
                note = msgspec.json.decode((place / _NOTE).read_bytes(), type=_Note)
            except (OSError, msgspec.DecodeError):
                note = _Note(home=str(place), files=(), expiry=())  # nothing was lent yet
            loan = Loan(folder, place, note)
            try:
                if not loan._lock.take(str(os.getpid())):
                    return None
            except OSError:  # another one was quicker, and it is gone
                return None
        for number, name in enumerate(note.files):
            with contextlib.suppress(OSError):
                loan._last[name] = (place / str(number)).read_bytes()
        return loan

    def secrets(self) -> frozenset[str]:
        """Return what stands in the copies now, and all that stood there before."""
        for name in self._note.files:
            with contextlib.suppress(OSError):
                found = below.status(self._home, name)
                look = (found.st_ino, found.st_size, found.st_mtime_ns)
                if self._seen.get(name) != look:
                    self._seen[name] = look
                    now = read_file(self._home, name)
                    self._secrets |= content.secrets(now[0]) if now else frozenset()
        return frozenset(self._secrets)

    def sync(self) -> None:
        """Keep what the agent renewed, and give it what another session renewed."""
        for name in self._note.files:
            self._sync(name)

    def end(self) -> None:
        """Keep what was renewed and take the copies out of the HOME. Where that cannot be done the
        loan is given up all the same: whoever asks next takes it back as that of a dead one."""
        try:
            self.sync()
            for name in self._note.files:
                with contextlib.suppress(OSError):
                    below.remove(self._home, name)
            shutil.rmtree(self._place, ignore_errors=True)
        finally:
            self._lock.release()

    def _sync(self, name: str) -> None:
        mine = read_file(self._home, name)
        if mine is not None and not content.is_whole(name, mine[0]):
            mine = None  # it is being written; or the agent has put an end to its own login
        with self._folder.writing():
            kept = self._folder.read(name)
            last = self._last.get(name)
            if last is None:
                mine = (
                    None  # the agent made it out of the key it was given, and that is all it holds
                )
            if mine is not None and mine[0] != last:
                if kept is None or kept[0] == last or self._newer(mine, kept):
                    self._folder.write(name, mine[0])
                    kept = None
                self._lent(name, mine[0])
            if kept is not None and kept[0] != self._last.get(name):
                with contextlib.suppress(OSError):
                    below.write(self._home, name, kept[0])
                    self._lent(name, kept[0])

    def _newer(self, mine: tuple[bytes, float], kept: tuple[bytes, float]) -> bool:
        until = [content.expiry(one[0], self._note.expiry) for one in (mine, kept)]
        return until[0] > until[1] if all(until) else mine[1] > kept[1]

    def _lent(self, name: str, now: bytes) -> None:
        self._last[name] = now
        self._secrets |= content.secrets(now)
