"""A reviewer's verdict: read from the card's blocks, written to the file that is asked for."""

from __future__ import annotations

import json
import os
import re

from sps.scripted.errors import BadBlockError, StepFailedError
from sps.scripted.fences import split_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sps.scripted.blocks import Block

_VARIABLE = "SPS_VERDICT"
_WORDS = ("approve", "changes")
_PLACED = re.compile(r"([^:\s][^:]*):([0-9]{1,9}):[ \t]*(.*)")


class Verdict:
    """`word` is approve or changes; comments are `{path, line, text}`, path "" for general."""

    def __init__(self) -> None:
        self.word = "approve"
        self.comments: list[dict[str, object]] = []

    def add(self, block: Block) -> None:
        """Add a block's verdict: one that asks for changes outweighs all that approve.

        Raises BadBlockError unless the first line with text is `approve` or `changes`.
        """
        lines = [line.strip() for line in split_lines(block.content) if line.strip()]
        if not lines or lines[0] not in _WORDS:
            got = lines[0][:40] if lines else ""
            raise BadBlockError(block.line, f"verdict: expected approve or changes, got {got!r}")
        if lines[0] == "changes":
            self.word = "changes"
        self.comments += [_comment(line) for line in lines[1:]]

    def write(self, cwd: str) -> str:
        """Write the verdict as JSON to the file that $SPS_VERDICT names, and give its path.

        Raises StepFailedError when the variable is missing or the file cannot be written.
        """
        name = os.environ.get(_VARIABLE, "")
        if not name:
            raise StepFailedError(f"${_VARIABLE} is not set, so the verdict has no place to go")
        path = os.path.join(cwd, name)
        try:
            with open(path, "w", encoding="ascii") as file:
                json.dump({"verdict": self.word, "comments": self.comments}, file)
        except (OSError, ValueError) as err:
            raise StepFailedError(f"the verdict could not be written: {err}") from err
        return path


def _comment(line: str) -> dict[str, object]:
    placed = _PLACED.fullmatch(line)
    if placed is None:
        return {"path": "", "line": 0, "text": line}
    return {"path": placed[1], "line": int(placed[2]), "text": placed[3]}
