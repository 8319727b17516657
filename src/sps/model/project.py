"""A project: a repository whose backlog SPS works off."""

from __future__ import annotations

import msgspec

from sps.model.pipeline import SandboxMode


class Identity(msgspec.Struct, frozen=True):
    """A git identity: who is named as the author of landings."""

    name: str
    email: str


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """A registered repository. `repo` is its absolute path."""

    name: str
    id: str
    repo: str
    branch: str
    agent: str
    sandbox: SandboxMode = SandboxMode.AUTO
    identity: Identity = Identity("SPS", "sps@localhost")
    created_at: int
    halted: str | None = None  #: reason code that stops new work, if any
    halt_detail: str = ""
