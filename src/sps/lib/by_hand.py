"""What to type to mend a file by hand."""

from __future__ import annotations

import shlex
from pathlib import Path


def edit(path: Path) -> str:
    """Return the command that opens a file in its reader's own editor, for a shell."""
    return f"${{EDITOR:-vi}} {shlex.quote(str(path))}"
