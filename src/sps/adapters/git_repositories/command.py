"""Git on a repository of the owner: reading only, nothing of the repository is run."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from sps.lib import process
from sps.lib.process import Finished
from sps.model.errors import Absent, WorkFailed

TIMEOUT = 30.0
#: Whatever the configuration says: no hooks, no monitor, no pager, no lazy fetch.
_OFF = (
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.fsmonitor=false",
    "-c", "core.quotePath=false",
)  # fmt: skip


class Git:
    """Runs git in a folder, with the owner's configuration but nobody's `GIT_*` variables."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        kept = {name: text for name, text in environment.items() if not name.startswith("GIT_")}
        self._environment = kept | {
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_ALLOW_PROTOCOL": "none",
            "GIT_PAGER": "cat",
            "LC_ALL": "C",
        }

    def with_settings(self, settings: Mapping[str, str]) -> Git:
        """Return a git for which these settings hold, whatever any configuration says."""
        other = Git(self._environment)
        numbered = {"GIT_CONFIG_COUNT": str(len(settings))}
        for number, (name, value) in enumerate(settings.items()):
            numbered |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
        other._environment |= numbered
        return other

    def ask(self, path: str, *argv: str, stdin: bytes | None = None) -> Finished:
        """Run a git command and return how it ended.

        Raises `Absent("git-missing")`, `WorkFailed("git-failed")` when it takes too long.
        """
        command = ["git", "--no-pager", "-C", os.path.abspath(path), *_OFF, *argv]
        try:
            done = process.run(command, env=self._environment, stdin=stdin, timeout=TIMEOUT)
        except FileNotFoundError as err:
            says = "git is not installed, or not on PATH"
            raise Absent("git-missing", says, hint="sps doctor") from err
        if done.timed_out:
            raise _failed(argv, f"no answer within {TIMEOUT:g} s", path)
        return done

    def must(self, path: str, *argv: str, stdin: bytes | None = None) -> bytes:
        """Return the output of a command that has no reason to fail. Raises as `ask` does."""
        done = self.ask(path, *argv, stdin=stdin)
        if done.code != 0:
            raise _failed(argv, done.err.decode(errors="replace").strip()[:500], path)
        return done.out

    def line(self, path: str, *argv: str) -> str | None:
        """Return the output as one line, None when the command says no."""
        done = self.ask(path, *argv)
        return None if done.code != 0 else os.fsdecode(done.out).rstrip("\n")


def _failed(argv: Sequence[str], says: str, path: str) -> WorkFailed:
    message = f"git {argv[0]} failed: {says}"
    return WorkFailed("git-failed", message, hint=f"git -C {path} status", where=path)
