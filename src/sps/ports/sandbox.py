"""The sandbox: what a child process may see, write and reach."""

from __future__ import annotations

from typing import Protocol

import msgspec


class Relay(msgspec.Struct, frozen=True, kw_only=True):
    """One way out of the sandbox: its own 127.0.0.1:`port` is joined to the
    unix socket `socket`, behind which the host side connects to the real endpoint."""

    socket: str
    port: int


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds for a process tree; 0 is no bound."""

    processes: int = 4096
    open_files: int = 4096
    file_bytes: int = 4 * 1024**3
    memory_bytes: int = 0


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """A process to be boxed. Paths are absolute. Nothing else of the host is visible but the
    system's programs and libraries, read-only."""

    argv: tuple[str, ...]
    cwd: str
    env: dict[str, str]  #: the whole environment; nothing is inherited
    writable: tuple[str, ...] = ()
    readonly: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()  #: files of these folders that cannot be opened inside
    home: str | None = None  #: folder that becomes HOME, writable; None: an empty one in memory
    relays: tuple[Relay, ...] = ()  #: none: no network at all
    limits: Limits = Limits()


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """What to execute so that the box holds."""

    argv: tuple[str, ...]
    env: dict[str, str]
    cwd: str


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a sandbox works here; if not, why, and the command that helps."""

    ok: bool
    cause: str = ""
    command: str = ""


class Sandbox(Protocol):
    """Turns a box into a command line."""

    name: str

    def launch(self, box: Box) -> Launch: ...
    def probe(self) -> Probe:
        """Really start something in the sandbox and report; the answer is kept for the process."""
        ...
