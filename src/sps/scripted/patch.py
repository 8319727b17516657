"""Applying a unified diff with `git apply`; one that is already applied changes nothing."""

from __future__ import annotations

import os
import re

from sps.scripted.command import Result, run
from sps.scripted.errors import StepFailedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading

_RENAME = re.compile(r"^rename from (.+)$", re.MULTILINE)
_APPLY = ["git", "apply", "--verbose", "--whitespace=nowarn"]
_FOREIGN = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")


class Patch:
    """A unified diff for the folder `cwd`."""

    def __init__(self, text: str, cwd: str, cancelled: threading.Event) -> None:
        self._text = text
        self._cwd = cwd
        self._cancelled = cancelled

    def paths(self) -> list[str]:
        """The absolute paths that the diff touches; none when it cannot be read."""
        listed = self._git("--numstat", "-z")
        if listed.code != 0:
            return []
        entries = [entry.split("\t", 2) for entry in listed.output.split("\0")]
        names = [entry[2] for entry in entries if len(entry) == 3]
        names += [line.strip('"') for line in _RENAME.findall(self._text)]
        return [os.path.join(self._cwd, name) for name in names]

    def apply(self) -> str:
        """Change the folder, wholly or not at all, and say what happened.

        Raises StepFailedError with git's own words when the diff does not fit.
        """
        forward = self._git("--check")
        reverse = self._git("--check", "--reverse")
        if reverse.code == 0 and (forward.code != 0 or _moved(forward) >= _moved(reverse)):
            return "already applied, nothing changed"
        if forward.code == 0:
            forward = self._git()
        if forward.code != 0:
            raise StepFailedError(f"the patch does not apply: {_errors(forward)}")
        return "applied"

    def _git(self, *options: str) -> Result:
        env = {key: value for key, value in os.environ.items() if key not in _FOREIGN}
        # Only the folder itself counts as a repository: inside another one git would silently
        # skip files that it takes to lie elsewhere.
        env.update(LC_ALL="C", GIT_CEILING_DIRECTORIES=os.path.dirname(self._cwd))
        return run(
            [*_APPLY, *options, "-"],
            cwd=self._cwd,
            cancelled=self._cancelled,
            env=env,
            text=self._text,
        )


def _moved(result: Result) -> int:
    """How many hunks fit only at another place than the one they name."""
    return sum(
        line.startswith("Hunk #") and "(offset" in line for line in result.output.splitlines()
    )


def _errors(result: Result) -> str:
    lines = result.output.strip().splitlines()
    says = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    return "; ".join(says or lines[-3:])
