"""Git as it is run for skills: the owner's for fetching, one without configuration for reading."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from sps.lib import process
from sps.lib.process import Finished
from sps.lib.rlimit import limit_command
from sps.model.errors import Absent

_NOTHING = os.devnull
_COMMON = {
    "core.hooksPath": _NOTHING,
    "core.fsmonitor": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    "protocol.ext.allow": "never",
}
# Faults of old histories that every host accepts.
_HISTORICAL = ("zeroPaddedFilemode", "missingSpaceBeforeDate", "badTimezone", "missingEmail")
_FETCHING = (
    _COMMON
    | {
        "protocol.version": "2",
        "transfer.bundleURI": "false",
        "fetch.fsckObjects": "true",
        "fetch.writeCommitGraph": "false",
        "credential.interactive": "false",
    }
    | {f"fetch.fsck.{name}": "ignore" for name in _HISTORICAL}
)
# Of git's own variables only these say how to reach a host; all others could redirect us.
_OWNERS = frozenset(
    (
        *("GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH"),
        *("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH"),
    )
)
_ALWAYS = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_PROTOCOL_FROM_USER": "0",
    "GIT_PAGER": "cat",
    "GIT_ASKPASS": "false",
    "SSH_ASKPASS": "false",
    "SSH_ASKPASS_REQUIRE": "never",
}
_READ_S = 60.0


class Git:
    """Runs git on bare repositories of ours. Nothing of a skill's is run, nobody is asked."""

    def __init__(self, environment: Mapping[str, str], *, seconds: float, most: int) -> None:
        """`seconds` bounds a fetch, `most` the bytes of each file that it writes."""
        kept = {
            name: text
            for name, text in environment.items()
            if not name.startswith("GIT_") or name in _OWNERS
        }
        # Whatever the configuration says, other ways to a repository are closed.
        self._fetching = kept | _ALWAYS | {"GIT_ALLOW_PROTOCOL": "https:ssh:file"}
        self._reading = _ALWAYS | {
            "PATH": environment.get("PATH", os.defpath),
            "GIT_CONFIG_GLOBAL": _NOTHING,
            "GIT_CONFIG_SYSTEM": _NOTHING,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_ALLOW_PROTOCOL": "none",
        }
        self._seconds = seconds
        self._limited = limit_command(file_bytes=most)

    def make(self, gitdir: Path) -> None:
        """Make an empty bare repository."""
        self._run(gitdir.parent, "init", "--bare", "--quiet", "--template=", "--", str(gitdir))

    def fetch(self, gitdir: Path, place: str, specs: Sequence[str], *, depth: int) -> Finished:
        """Fetch from a place; the caller looks at how it ended."""
        options = ("--no-tags", "--no-write-fetch-head", "--force", "--quiet", f"--depth={depth}")
        argv = [*self._limited, "git", f"--git-dir={gitdir}", *_flags(_FETCHING), "fetch"]
        argv += [*options, "--", place, *specs]
        return _started(argv, self._fetching, str(gitdir), None, self._seconds)

    def read(self, gitdir: Path, command: str, *args: str, stdin: bytes | None = None) -> Finished:
        """Run a command that needs nothing but the repository."""
        return self._run(gitdir, f"--git-dir={gitdir}", command, *args, stdin=stdin)

    def _run(self, cwd: Path, *args: str, stdin: bytes | None = None) -> Finished:
        argv = ["git", *_flags(_COMMON), *args]
        return _started(argv, self._reading, str(cwd), stdin, _READ_S)


def _flags(settings: Mapping[str, str]) -> list[str]:
    return [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]


def _started(
    argv: Sequence[str], env: Mapping[str, str], cwd: str, stdin: bytes | None, seconds: float
) -> Finished:
    try:
        return process.run(argv, env=env, cwd=cwd, stdin=stdin, timeout=seconds)
    except FileNotFoundError as err:
        says = "git is not installed, or not on PATH"
        raise Absent("git-missing", says, hint="sps doctor") from err
