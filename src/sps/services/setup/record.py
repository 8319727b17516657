"""What setup wrote, so that it can be taken back: in the home, without any secret."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from sps.lib import atomic, plain_file
from sps.model.errors import Absent, NewerData

if TYPE_CHECKING:
    from sps.ports.home import Home

_FORMAT = 1
_LIMIT = 4 << 20


class Kind(StrEnum):
    """What was written."""

    HOME = "home"  #: the home's folder itself
    FOLDER = "folder"  #: made only to hold what follows
    RULES = "rules"  #: a part of a rule file; `text` is exactly what was put in
    LINK = "link"  #: a link to a skill; `text` is where it leads
    KEY = "key"  #: an agent's key; `path` names the agent, `text` the variable


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that setup wrote. `sha256` is of the file as setup left it."""

    kind: Kind
    path: str
    text: str = ""
    sha256: str = ""
    created: bool = False  #: whether the file was not there before


class SetupRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What the owner chose, and what was written for it, oldest first."""

    format: int = _FORMAT
    agent: str | None = None  #: the agent of new projects
    written: tuple[Written, ...] = ()

    def plus(self, *more: Written) -> SetupRecord:
        """Return the record with more in it; what is written again takes the older one's place."""
        fresh = {(one.kind, one.path) for one in more}
        kept = (one for one in self.written if (one.kind, one.path) not in fresh)
        return msgspec.structs.replace(self, written=(*kept, *more))

    def found(self, kind: Kind, path: str) -> Written | None:
        """Return what was written there, if it was."""
        return next((one for one in self.written if (one.kind, one.path) == (kind, path)), None)


def load(home: Home) -> SetupRecord:
    """Return the record of a home, an empty one without it. Raises `Absent("setup-record-broken")`,
    `NewerData`."""
    try:
        content, _ = plain_file.read(home.setup, _LIMIT)
        found = msgspec.json.decode(content, type=SetupRecord)
    except FileNotFoundError:
        return SetupRecord()
    except (OSError, plain_file.NotPlain, plain_file.TooLarge, msgspec.MsgspecError) as err:
        raise Absent(
            "setup-record-broken", f"{home.setup} cannot be read: {err}",
            hint=f"mv {home.setup} {home.setup}.kept",
        ) from err  # fmt: skip
    if found.format > _FORMAT:
        raise NewerData("newer-data", f"{home.setup} was written by a newer program")
    return found


def save(home: Home, record: SetupRecord) -> None:
    """Keep a record."""
    atomic.write(home.setup, msgspec.json.format(msgspec.json.encode(record)) + b"\n")
