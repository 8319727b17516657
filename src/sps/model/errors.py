"""Every error a user can meet. The class decides the exit code, the instance its stable code."""

from __future__ import annotations

from typing import ClassVar


class SpsError(Exception):
    """Something the user should read: what happened, where, and the one command to run next."""

    exit_code: ClassVar[int] = 1

    def __init__(self, code: str, message: str, *, hint: str = "", where: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.where = where

    def as_json(self) -> dict[str, str]:
        """Return the fields of the error document: code, message, where, next."""
        return {"code": self.code, "message": self.message, "where": self.where, "next": self.hint}


class WorkFailed(SpsError):
    """The request was understood, and the work behind it failed (exit 1)."""


class Misuse(SpsError):
    """Wrong usage, wrong configuration or an unknown name (exit 2)."""

    exit_code = 2


class Absent(SpsError):
    """Something needed outside is missing: an agent, git, a repository, the database (exit 3)."""

    exit_code = 3


class Held(SpsError):
    """Another process holds what was asked for (exit 4)."""

    exit_code = 4


class NewerData(SpsError):
    """The data was written by a newer program; it is left untouched (exit 5)."""

    exit_code = 5


class Stale(SpsError):
    """A write was based on an older state: another writer came first, or a newer run took over."""

    def __init__(self, message: str) -> None:
        super().__init__("stale", message, hint="read the card again and repeat")
