"""Logins: the one secret of its owner's that an agent may see, and only its own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import msgspec

from sps.ports.agent import AgentKind


class LoginBy(StrEnum):
    """By what an agent is logged in."""

    NOTHING_NEEDED = "not-needed"  #: its entry names neither files nor variables
    VARIABLE = "variable"  #: of the owner's environment, or of the entry
    KEY = "key"  #: a variable that this home keeps
    FILE = "file"  #: files that this home keeps
    MISSING = "missing"


class LoginState(msgspec.Struct, frozen=True, kw_only=True):
    """Whether an agent is logged in. `expires_at` in milliseconds, 0 unknown: then the agent
    renews it itself."""

    by: LoginBy
    names: tuple[str, ...] = ()  #: of the variables or files
    expires_at: int = 0

    @property
    def ready(self) -> bool:
        return self.by is not LoginBy.MISSING


class Lent(msgspec.Struct, frozen=True, kw_only=True):
    """A login during one session. `secrets` returns every value that must not be shown, as of this
    moment, since the agent may have renewed it."""

    env: dict[str, str]
    secrets: Callable[[], frozenset[str]]


class Logins(Protocol):
    """The logins of a home, a folder per agent kind, 0700."""

    def folder(self, kind: AgentKind) -> Path:
        """Return the HOME in which the vendor's own login is run; made if need be."""
        ...

    def state(self, kind: AgentKind) -> LoginState: ...
    def found(self, kind: AgentKind) -> list[str]:
        """Return the files of a login that the owner has for himself, in his own HOME."""
        ...

    def bring(self, kind: AgentKind) -> list[str]:
        """Copy these into the home. Raises `WorkFailed("no-login-found")`."""
        ...

    def keep_key(self, kind: AgentKind, name: str, value: str) -> None: ...
    def kept(self, kind: AgentKind) -> list[str]:
        """Return the names of the variables and files that this home keeps of a login."""
        ...

    def forget(self, kind: AgentKind) -> list[str]:
        """Remove all this home keeps of a login; return what was removed."""
        ...

    def vendor(self, kind: AgentKind) -> int:
        """Run the vendor's login at the terminal of this process; return its exit code. Raises
        `Absent("agent-missing")`."""
        ...

    def lend(
        self, kind: AgentKind, home: Path, *, run_id: str, seconds: float
    ) -> AbstractAsyncContextManager[Lent]:
        """Put a login into a session's HOME for as long as the block lasts, and take it out again.

        What the agent renewed comes back at once and atomically; of two the newer one stays. Where
        a renewal cannot be shared and one is due within `seconds`, only one session has it at a
        time; another waits, and after a bound it raises `Held("login-busy")`.
        """
        ...

    def reclaim(self) -> None:
        """Take back what a process that is dead had lent. Again changes nothing."""
        ...

    def secrets(self, kind: AgentKind) -> frozenset[str]:
        """Return every value of this kind's login that must not be shown."""
        ...
