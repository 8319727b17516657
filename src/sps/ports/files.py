"""Card files and pipeline files: what owners write by hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from sps.model.card import CardText
from sps.model.errors import Misuse
from sps.ports.store import FileError, FileStamp
from sps.ports.vault import SetupProposal

if TYPE_CHECKING:
    from sps.model.pipeline import Pipeline


class CardFileBroken(Misuse):
    """A card file cannot be read; says where."""

    def __init__(self, error: FileError) -> None:
        super().__init__(
            error.code,
            error.message,
            where=f"{error.file}:{error.line}:{error.column}",
            hint=f"mend {error.file}; the last good version stays in force",
        )
        self.error = error


class CardFile(msgspec.Struct, frozen=True, kw_only=True):
    """A card file that was read. `seq` comes from its name; 0 when the name has none."""

    seq: int
    stamp: FileStamp
    text: CardText


class CardFiles(Protocol):
    """The card folder of a project. Writes are atomic: temporary file, fsync, rename."""

    def scan(self, project: str) -> list[FileStamp]:
        """Return a stamp (without digest) of each card file, by one directory listing."""
        ...

    def names(self, project: str) -> frozenset[str]:
        """Return the names of the card files, without looking at the files themselves."""
        ...

    def stamp(self, project: str, name: str) -> FileStamp | None:
        """Return the stamp (without digest) of one file, None for what `scan` would not give."""
        ...

    def highest(self, project: str) -> int:
        """Return the highest card number a file name carries, 0 without any."""
        ...

    def read(self, project: str, name: str) -> CardFile:
        """Read one file. Raises `CardFileBroken` (codes invalid-yaml, invalid-utf-8, nul-byte,
        too-large, unknown-type, missing-title, bad-number, ...)."""
        ...

    def check(self, text: CardText) -> None:
        """Raise `Misuse` with the code of what is out of bounds in a text."""
        ...

    def create(self, project: str, seq: int, text: CardText) -> FileStamp:
        """Write a new card file; never overwrites (`Misuse("duplicate-number")`)."""
        ...

    def edit(self, project: str, name: str, text: CardText, expected: FileStamp) -> FileStamp:
        """Write changed front matter and body, keeping unknown keys, comments and, if unchanged,
        the body to the byte. Raises `Stale` when the file is not the expected one any more."""
        ...

    def find(self, project: str, seq: int) -> str | None:
        """Return the name of the file of a card, None when it is gone."""
        ...


class Mistake(msgspec.Struct, frozen=True, kw_only=True):
    """One mistake in a pipeline file."""

    file: str
    line: int
    column: int
    code: str
    message: str


class PipelineBroken(Misuse):
    """A pipeline file has mistakes: all of them at once."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        first = mistakes[0]
        lines = "\n".join(f"{m.file}:{m.line}:{m.column}: {m.message}" for m in mistakes)
        super().__init__(
            "pipeline-broken",
            lines,
            where=f"{first.file}:{first.line}:{first.column}",
            hint="mend the lines named, then: sps pipeline lint FILE",
        )
        self.mistakes = mistakes


class StepsPipeline(Misuse):
    """A file of sps-cli in mode steps: it is valid, and nothing here runs it yet."""

    def __init__(self, file: str, steps: int) -> None:
        super().__init__(
            "steps-pipeline",
            f"{file} is a valid pipeline of {steps} steps (mode: steps), which this version checks"
            " but cannot run yet; a project needs stages (version: 1, or mode: project)",
            where=file,
            hint="sps pipeline lint FILE",
        )
        self.steps = steps


class OldSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings file of an sps-cli project, as far as it has an effect; `notes` names the rest,
    a line for each key."""

    repo: str | None = None
    branch: str | None = None
    notes: tuple[str, ...] = ()


class Installs(msgspec.Struct, frozen=True, kw_only=True):
    """How dependencies may be installed: proposals of the repository, and the toolchains outside
    the system that they need (folder -> a program that lies there)."""

    setups: tuple[SetupProposal, ...] = ()
    tools: dict[str, str] = {}


class PipelineFiles(Protocol):
    """Pipeline files."""

    def parse(self, text: str, name: str) -> Pipeline:
        """Raise `PipelineBroken` with every mistake, `StepsPipeline`."""
        ...

    def load(self, project: str) -> Pipeline:
        """Return the project's pipeline from the home. Raises `PipelineBroken`, `Absent`."""
        ...

    def install(self, project: str, text: str) -> None:
        """Put a text in force for a project, atomically. It is parsed first."""
        ...

    def read(self, path: Path) -> str:
        """Read a pipeline file of the owner. Raises `Misuse("unreadable-file")`."""
        ...

    def old_settings(self, path: Path) -> OldSettings:
        """Read the `conf` of an sps-cli project as data: nothing in it is run or replaced. Raises
        `Misuse("unreadable-file")`."""
        ...

    def draft(
        self,
        gates: list[tuple[str, str, str]],
        *,
        active: bool,
        installs: Installs = Installs(),  # noqa: B008  # frozen
    ) -> str:
        """Write a commented pipeline file with proposed gates (name, command, where found), as
        comments or in force, and with what installs dependencies as comments."""
        ...
