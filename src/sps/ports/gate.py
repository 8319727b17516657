"""Running one gate command on one checkout."""

from __future__ import annotations

from typing import Protocol

import msgspec

from sps.model.pipeline import SandboxMode
from sps.ports.sandbox import Relay


class GateJob(msgspec.Struct, frozen=True, kw_only=True):
    """One command, in one checkout. `tag` marks every process of it, for the sweep."""

    name: str
    run: str
    checkout: str
    timeout: float
    log: str  #: file that gets the whole output
    env: dict[str, str]
    sandbox: SandboxMode
    tag: str
    readonly: tuple[str, ...] = ()  #: folders outside the checkout that the command needs
    hidden: tuple[str, ...] = ()  #: files in these that it must not read
    path: tuple[str, ...] = ()  #: folders of programs, before the system's own
    relays: tuple[Relay, ...] = ()  #: none: no network at all


class GateRun(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended. `infrastructure` is set when the command itself could not be started."""

    exit_code: int | None
    timed_out: bool
    seconds: float
    tail: str
    infrastructure: str | None = None


class GateRunner(Protocol):
    """Runs commands boxed, without network but for their relays, and leaves no process behind."""

    async def run(self, job: GateJob) -> GateRun:
        """Run `bash -c <run>` (sh where bash is missing). Cancellation kills the tree."""
        ...
