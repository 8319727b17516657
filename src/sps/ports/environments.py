"""What the setup of a project made, kept for its cards: named by what it was made from."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Protocol

import msgspec

from sps.lib.lock import FileLock


class Toolbox(msgspec.Struct, frozen=True, kw_only=True):
    """The toolchains of a project as they lie on this machine."""

    folders: tuple[str, ...] = ()  #: canonical; shown read-only
    hidden: tuple[str, ...] = ()  #: files in them that hold credentials
    path: tuple[str, ...] = ()  #: their folders of programs, in the order of the search
    env: dict[str, str] = {}  #: what tells their programs where they lie
    identity: str = ""  #: changes when the machine or one of its toolchains does


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """How something in a checkout came about, for being kept."""

    key: str  #: hash of commands, key files, platform, toolchains and variables
    tree: str  #: the tree it was made from
    own: bool  #: whether only cards with exactly this tree may use it
    root: str  #: the checkout in which the setup ran
    keep: tuple[str, ...]  #: paths in it
    may_lead_to: tuple[str, ...] = ()  #: folders outside that a link in it may point into
    seconds: float = 0.0  #: what the commands took
    made_at: int = 0  #: milliseconds


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A kept environment. Times in milliseconds."""

    name: str
    project: str
    key: str
    tree: str
    own: bool
    root: str
    stamp: str  #: hash of the contents
    files: int
    bytes: int
    seconds: float
    made_at: int
    used_at: int
    content: str  #: folder that holds each kept path
    mentions: dict[str, tuple[str, ...]]  #: kept path -> files in it that name `root`
    left_out: tuple[str, ...] = ()  #: what was not kept, and why (bounded)


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """The last failure of a setup. `at` in milliseconds."""

    at: int
    detail: str
    text: str  #: the end of what the command said
    log: str


class Environments(Protocol):
    """Kept environments of a home, a name each. Everything below blocks for some milliseconds, but
    for `publish`, which copies. Nothing that was published is ever changed."""

    def toolbox(self, tools: tuple[str, ...]) -> Toolbox:
        """Look the folders of `tools` up. Raises `Misuse("bad-tool")` for what does not exist or
        must never be shown: a home, a folder of secrets, the system, the home of SPS."""
        ...

    def outside(self, program: str) -> tuple[str, ...]:
        """Return the folders that have to stand in `tools` so that this program of the owner's PATH
        works in a sandbox; none when it lies in the system or is not there."""
        ...

    def find(self, project: str, name: str) -> Made | None:
        """Return what is kept under a name and note that it is used."""
        ...

    def adopt(self, project: str, own: str, name: str) -> Made | None:
        """Keep what lies under the name `own` for all cards, under another name; None when there is
        nothing. Whoever calls this holds the lock of `name`."""
        ...

    def publish(self, project: str, name: str, recipe: Recipe) -> Made:
        """Keep what a setup made, whole or not at all. Whoever calls this holds the lock of `name`.
        Raises `WorkFailed("setup-refused")` for what must not be kept, with the reason."""
        ...

    def lock(self, project: str, name: str) -> FileLock:
        """Return the lock under which something is made."""
        ...

    def lease(self, project: str, name: str) -> contextlib.AbstractContextManager[Made | None]:
        """Keep it from being dropped while inside; None when it is gone."""
        ...

    def log(self, project: str, name: str, step: int) -> Path:
        """Return the file for the output of a command of the setup, counted from 1."""
        ...

    def fail(self, project: str, name: str, failed: Failed) -> None:
        """Note a failure; `publish` forgets it."""
        ...

    def failed(self, project: str, name: str) -> Failed | None: ...
    def all(self, project: str) -> list[Made]:
        """Return what a project keeps, last used first."""
        ...

    def drop(self, project: str, name: str) -> bool:
        """Drop one; False when it is in use."""
        ...

    def trim(self, *, limit: int | None = None) -> list[Made]:
        """Drop those of the whole home that were not used for the longest time until the rest has
        at most `limit` bytes (None: the home's own limit); never one in use. Returns them."""
        ...

    @property
    def limit(self) -> int:
        """Bytes that all environments of the home may have together."""
        ...

    def sweep(self) -> None:
        """Remove what was half made when its maker died."""
        ...

    def fault(self, made: Made) -> str:
        """Say what is not as it was published; empty when everything is."""
        ...
