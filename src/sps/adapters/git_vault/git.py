"""Two ways to run git: `Inner` knows nothing but our own vault, `Outer` is the owner's git.

Inner runs with an environment from scratch and no configuration file but the vault's, which only
we write: no hook, filter, driver, monitor or helper can be named there by anybody else. Outer has
the owner's configuration, credential helper and ssh agent, for the landing target alone, and never
prompts.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sps.lib import process
from sps.lib.process import Finished
from sps.lib.reins import Reins
from sps.model.errors import Absent, WorkFailed

INNER_COMMANDS = frozenset(
    (
        *("add", "bundle", "cat-file", "diff-tree", "fast-import", "fetch", "for-each-ref", "fsck"),
        *("hash-object", "init", "ls-tree", "merge-base", "merge-tree", "read-tree", "rev-list"),
        *(
            "check-attr",
            "rev-parse",
            "repack",
            "show-index",
            "update-index",
            "update-ref",
            "write-tree",
        ),
    )
)
OUTER_COMMANDS = frozenset(
    ("config", "diff-index", "fetch", "ls-remote", "push", "read-tree", "rev-parse")
)

_NOTHING = os.devnull
_QUIET = {
    "core.hooksPath": _NOTHING,
    "core.fsmonitor": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "core.fsync": "committed,reference",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    "push.recurseSubmodules": "no",
    "core.protectHFS": "true",
    "core.protectNTFS": "true",
}
_INNER = _QUIET | {
    "core.attributesFile": _NOTHING,
    "core.excludesFile": _NOTHING,
    "core.autocrlf": "false",
    "core.safecrlf": "false",
    "core.symlinks": "true",
    "core.untrackedCache": "false",
    "core.splitIndex": "false",
    "core.sharedRepository": "false",
    "core.filesRefLockTimeout": "3000",
    "core.packedRefsTimeout": "3000",
    "core.logAllRefUpdates": "false",
    "core.commitGraph": "false",
    "index.version": "2",
    "index.sparse": "false",
    "diff.ignoreSubmodules": "all",
    "advice.addEmbeddedRepo": "false",
    "fetch.fsckObjects": "true",
    "transfer.fsckObjects": "true",
    "fetch.writeCommitGraph": "false",
    "protocol.allow": "never",
    "protocol.file.allow": "always",
}
# Faults of old histories that every host accepts; an owner's repository may have them.
_HISTORICAL = ("zeroPaddedFilemode", "missingSpaceBeforeDate", "badTimezone", "missingEmail")
_OUTER = (
    _QUIET
    | {
        "push.followTags": "false",
        "push.gpgSign": "false",
        "fetch.fsckObjects": "true",
        "fetch.writeCommitGraph": "false",
        "credential.interactive": "false",
    }
    | {f"fetch.fsck.{name}": "ignore" for name in _HISTORICAL}
)
# Of git's own variables only these say how to reach a host; all others could redirect us.
_OWNERS = frozenset(
    (
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "GIT_SSH_VARIANT",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_SYSTEM",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_SSL_CAINFO",
        "GIT_SSL_CAPATH",
        "GIT_SSL_CERT",
        "GIT_SSL_KEY",
        "GIT_SSL_NO_VERIFY",
        "GIT_PROXY_SSL_CAINFO",
        "GIT_PROXY_SSL_CERT",
        "GIT_PROXY_SSL_KEY",
        "GIT_EXEC_PATH",
    )
)
_SILENT = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_ASKPASS": "false",
    "SSH_ASKPASS": "false",
    "SSH_ASKPASS_REQUIRE": "never",
    "GCM_INTERACTIVE": "never",
}
_LOCKED = re.compile(r"Unable to create '(/[^'\n]+\.lock)': File exists")
_STALE_AFTER = 60.0


def _flags(settings: Mapping[str, str]) -> list[str]:
    return [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]


_INNER_FLAGS = _flags(_INNER)
_OUTER_FLAGS = _flags(_OUTER)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where files lie: a work tree and the private index that goes with it. `attributes` names a
    git dir of ours that replaces the vault's for its `info/attributes`."""

    tree: str | None = None
    index: str | None = None
    attributes: str | None = None


def words(finished: Finished) -> str:
    """Return what git said, bounded, for a message."""
    text = (finished.err or finished.out).decode("utf-8", "replace").strip()
    return text[-2000:] or f"exit status {finished.code}"


def _run(
    argv: Sequence[str],
    env: Mapping[str, str],
    *,
    cwd: str,
    stdin: bytes | None,
    timeout: float,
    stop: threading.Event | None = None,
) -> Finished:
    try:
        return process.run(argv, env=env, cwd=cwd, stdin=stdin, timeout=timeout, stop=stop)
    except (FileNotFoundError, NotADirectoryError) as err:
        if not os.path.isdir(cwd):
            says = f"the folder is gone: {cwd}"
            raise WorkFailed("folder-lost", says, hint="sps verify") from err
        raise Absent(
            "git-missing", f"git cannot be started: {argv[0]}", hint="install git 2.38 or newer"
        ) from err


@dataclass(frozen=True)
class Inner:
    """Hermetic git on one git dir of ours."""

    program: str
    gitdir: Path

    def run(
        self,
        command: str,
        *args: str,
        place: Place | None = None,
        stdin: bytes | None = None,
        ok: tuple[int, ...] = (0,),
        timeout: float = 60.0,
    ) -> Finished:
        """Run one allowed command. `ok` empty accepts every exit status.

        Raises `WorkFailed("git-failed")` with git's own words, `Absent("git-missing")`.
        """
        if command not in INNER_COMMANDS:
            raise ValueError(command)
        place = place or Place()
        argv = [self.program, *_INNER_FLAGS]
        if place.tree is not None:
            argv += ["-c", "core.bare=false"]
        argv += [command, *args]
        env = self._environment(place)
        cwd = place.tree or os.fspath(self.gitdir)
        finished = _run(argv, env, cwd=cwd, stdin=stdin, timeout=timeout)
        if finished.code == 128 and self._unlock(finished):
            finished = _run(argv, env, cwd=cwd, stdin=stdin, timeout=timeout)
        if finished.timed_out and ok:
            raise WorkFailed("git-failed", f"git {command} took longer than {timeout:.0f} s")
        if ok and finished.code not in ok:
            raise WorkFailed("git-failed", f"git {command}: {words(finished)}")
        return finished

    def text(self, command: str, *args: str, stdin: bytes | None = None) -> str:
        """Run one allowed command and return its output without the line end."""
        return self.run(command, *args, stdin=stdin).out.decode("utf-8", "replace").strip()

    def _environment(self, place: Place) -> dict[str, str]:
        env = {
            "PATH": f"{os.path.dirname(self.program)}:/usr/local/bin:/usr/bin:/bin",
            "LC_ALL": "C",
            "TZ": "UTC",
            "GIT_DIR": os.fspath(self.gitdir),
            "GIT_CONFIG_GLOBAL": _NOTHING,
            "GIT_CONFIG_SYSTEM": _NOTHING,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_PROTOCOL_FROM_USER": "0",
            "GIT_PAGER": "cat",
            "GIT_ASKPASS": "false",
        }
        if place.tree is not None:
            env["GIT_WORK_TREE"] = place.tree
        if place.index is not None:
            env["GIT_INDEX_FILE"] = place.index
        if place.attributes is not None:
            env["GIT_DIR"] = place.attributes
            env["GIT_OBJECT_DIRECTORY"] = os.fspath(self.gitdir / "objects")
        return env

    def _unlock(self, finished: Finished) -> bool:
        """Remove a lock file that a killed git left in our git dir; tell whether one was removed.

        Every git process of ours ends within its timeout, so an old lock has no owner.
        """
        found = _LOCKED.search(finished.err.decode("utf-8", "surrogateescape"))
        if found is None or not Path(found[1]).is_relative_to(self.gitdir):
            return False
        try:
            age = _now_of(self.gitdir) - os.lstat(found[1]).st_mtime
            if age < _STALE_AFTER:
                return False
            os.unlink(found[1])
        except OSError:
            return False
        return True


def _now_of(folder: Path) -> float:
    """Return the time by the clock of the folder's file system."""
    import tempfile

    with tempfile.TemporaryFile(dir=folder) as probe:
        return os.fstat(probe.fileno()).st_mtime


@dataclass(frozen=True)
class Outer:
    """The owner's git, with our vault as git dir unless another is named."""

    program: str
    timeout: float = 120.0
    reins: Reins = field(default_factory=Reins)

    def run(
        self,
        command: str,
        *args: str,
        gitdir: Path | None,
        cwd: str,
        settings: Sequence[tuple[str, str]] = (),
    ) -> Finished:
        """Run one allowed command; the caller looks at the exit status. Never prompts. `settings`
        are configuration beyond what this git finds by itself.

        Raises `WorkFailed("git-stopped")` when the process is about to end.
        """
        if command not in OUTER_COMMANDS:
            raise ValueError(command)
        env = self.environment() | self.reins.environment
        env |= {"GIT_CONFIG_COUNT": str(len(settings))}
        for number, (key, value) in enumerate(settings):
            env |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        argv = [self.program, *_OUTER_FLAGS]
        if gitdir is not None:
            env["GIT_DIR"] = os.fspath(gitdir)
        argv += [command, *args]
        stop = self.reins.stop
        finished = _run(argv, env, cwd=cwd, stdin=None, timeout=self.timeout, stop=stop)
        if finished.stopped:
            raise WorkFailed("git-stopped", f"git {command} was ended because SPS stops")
        return finished

    def environment(self) -> dict[str, str]:
        """Return the owner's environment, without git variables that could redirect us and without
        any way to ask a person."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("GIT_") or name in _OWNERS
        }
        kept.pop("GPG_TTY", None)
        return kept | _SILENT
