"""A check as a skill declares it."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from sps.model.skills.check import CheckKind, CheckSeverity
from sps.model.skills.config_path import ConfigPath


class When(StrEnum):
    """Which part of a change a check looks at."""

    ADDED_LINES = "added-lines"
    CHANGED_FILES = "changed-files"
    REPO = "repo"


class ConfigFormat(StrEnum):
    """How a configuration file is read."""

    YAML = "yaml"
    TOML = "toml"
    JSON = "json"
    LINES = "lines"


class Must(StrEnum):
    """What has to hold at a path."""

    PRESENT = "present"
    ABSENT = "absent"
    MATCHES = "matches"
    NEVER = "never"


class Marker(msgspec.Struct, frozen=True):
    """A text (a regular expression, MULTILINE) that some file of a glob holds."""

    glob: str
    text: str


class Applies(msgspec.Struct, frozen=True, kw_only=True):
    """Where a check looks. Empty `globs` mean what its kind needs."""

    globs: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()  #: `not` in the file, beside the defaults
    tests: bool = False  #: look at tests, fixtures, examples and documents as well
    requires: tuple[Marker, ...] = ()  #: all of them have to be found


class AstRule(msgspec.Struct, frozen=True, kw_only=True):
    """The rule for one language: ast-grep's `rule` and `constraints` as JSON."""

    language: str
    config: str


class Presence(msgspec.Struct, frozen=True, kw_only=True):
    """The tree has a marker, so it has to have one of what belongs to it."""

    marker: tuple[Marker, ...]
    wants: tuple[Marker, ...]


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """Which places of a `*` an assertion is about."""

    path: ConfigPath
    must: Must
    text: str = ""


class ConfigRule(msgspec.Struct, frozen=True, kw_only=True):
    """One assertion about configuration files. With a path for yaml, toml and json; with `forbid`
    or `require` for lines."""

    globs: tuple[str, ...]
    format: ConfigFormat
    path: ConfigPath = ()
    must: Must | None = None
    text: str = ""
    where: Where | None = None
    forbid: str = ""
    require: str = ""
    within: str = ""  #: only files that hold this
    unless: str = ""  #: not on lines that hold this


class CommandRule(msgspec.Struct, frozen=True, kw_only=True):
    """A command line of the skill's author; it runs only after the owner trusted its hash."""

    run: str
    timeout: int = 60  #: seconds


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One example. `path` is its file, or its folder with `files` below it; all from the root of
    the skill."""

    name: str
    path: str
    files: tuple[str, ...]


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One check. Exactly the part of its kind is set; `judge` has none."""

    id: str
    says: str
    anchor: str  #: file and slug, `references/x.md#timeouts`
    kind: CheckKind
    severity: CheckSeverity
    when: When
    applies: Applies = Applies()
    satisfied_by: tuple[Marker, ...] = ()
    hint: str = ""
    waivable: bool = True
    languages: tuple[str, ...] = ()
    rules: tuple[AstRule, ...] = ()
    presence: Presence | None = None
    config: ConfigRule | None = None
    command: CommandRule | None = None
    bad: tuple[Case, ...] = ()
    good: tuple[Case, ...] = ()
    line: int = 1  #: where it begins in the checks file
