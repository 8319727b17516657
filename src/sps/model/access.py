"""Who may use the console, and for what."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Role(StrEnum):
    """What a visitor may do. Each role of a person includes those before it."""

    VIEWER = "viewer"  #: read
    OPERATOR = "operator"  #: and move, answer, approve, retry
    ADMIN = "admin"  #: and change projects, skills, settings and access
    AGENT = "agent"  #: a machine that works on one card: reads it and reports on it, nothing else


_RANK = {Role.VIEWER: 0, Role.OPERATOR: 1, Role.ADMIN: 2}


def allows(has: Role, needs: Role) -> bool:
    """Whether a role is enough. An agent may do only what is open to agents."""
    if Role.AGENT in (has, needs):
        return has is needs
    return _RANK[has] >= _RANK[needs]


class GrantKind(StrEnum):
    """How a visitor proves itself."""

    LAUNCH = "launch"  #: a word that works once and soon expires; it becomes a session
    SESSION = "session"  #: a browser's cookie
    TOKEN = "token"  # noqa: S105  #: a personal token for scripts


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """A right to come in. The secret itself is kept nowhere: `proof` is its hash. Times in ms."""

    id: str
    kind: GrantKind
    role: Role
    name: str
    proof: str
    created_at: int
    expires_at: int  #: 0: never
    used_at: int = 0
    card: str = ""  #: for the role agent: the one card, as project#number
