"""One file at a time, given by name and never by a name of a skill's."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from sps.lib import process
from sps.model.errors import Absent, WorkFailed

_TIMEOUT = 20.0
_KEPT = ("PATH", "HOME", "TMPDIR", "SYSTEMROOT")


class GitMerge:
    """Implements `Merge`."""

    def merge(self, base: bytes, mine: bytes, theirs: bytes) -> bytes | None:
        if any(b"\0" in one for one in (base, mine, theirs)):
            return None
        with TemporaryDirectory(prefix="sps-merge-") as folder:
            for name, content in (("mine", mine), ("base", base), ("theirs", theirs)):
                (Path(folder) / name).write_bytes(content)
            argv = ["git", "merge-file", "-p", "--quiet", "mine", "base", "theirs"]
            environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
            environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull,
                            "GIT_CEILING_DIRECTORIES": os.path.dirname(folder)}  # fmt: skip
            try:
                done = process.run(argv, env=environment, cwd=folder, timeout=_TIMEOUT)
            except FileNotFoundError as err:
                says = "git is not installed, or not on PATH"
                raise Absent("git-missing", says, hint="sps doctor") from err
        if done.timed_out:
            raise WorkFailed("merge-failed", f"git merge-file gave no answer in {_TIMEOUT:g} s")
        return done.out if done.code == 0 else None
