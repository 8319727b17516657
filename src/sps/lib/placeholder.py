"""Words in command lines that stand for places of this installation."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from sps.lib.runtime import package_path


def fill(argv: Iterable[str]) -> tuple[str, ...]:
    """Replace `{python}` by this interpreter and `{scripted}` by the embedded agent's file."""
    places = {
        "{python}": sys.executable,
        "{scripted}": os.path.join(package_path(), "scripted", "__main__.py"),
    }
    return tuple(places.get(word, word) for word in argv)
