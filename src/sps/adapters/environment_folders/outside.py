"""Which folder has to be shown so that a program of the owner's PATH works in a sandbox."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from sps.adapters.environment_folders.tools import below, bins, canonical
from sps.lib import process
from sps.model.errors import Misuse

_ROOT = "import sys; print(sys.base_prefix)"
# Version managers put a script in front of these, so they are asked themselves.
_ASK = {
    "python": ("-c", _ROOT),
    "python3": ("-c", _ROOT),
    "node": ("-p", "require('path').dirname(require('path').dirname(process.execPath))"),
}
_PATIENCE = 10.0
_SYSTEM = ("/usr", "/nix/store")


def outside(program: str, *, protected: Path) -> tuple[str, ...]:
    """Return the folders that `tools` has to name; none when the program lies in the system, is not
    there, or lies where no folder may be shown. `protected` is the home of SPS."""
    found = shutil.which(program)
    if found is None or _in_system(os.path.realpath(found)):
        return ()
    for top in _candidates(program, found):
        try:
            folder = canonical(top, protected)
        except Misuse:
            continue
        if _in_system(folder):
            return ()
        if any(os.path.isfile(os.path.join(place, program)) for place in bins(folder)):
            return tuple(map(_from_home, (folder, *_beside(folder))))
    return ()


def _candidates(program: str, found: str) -> Iterator[str]:
    """Give folders to show, the most telling first: what the program says of itself, then where it
    is found, then where a link leads; of each the whole installation before its programs alone."""
    if program in _ASK and (said := _asked(found, _ASK[program])):
        yield said
    real = os.path.realpath(found)
    for place in (found, real):
        for top in (os.path.dirname(os.path.dirname(place)), os.path.dirname(place)):
            if below(real, os.path.realpath(top)):
                yield top


def _asked(program: str, words: tuple[str, ...]) -> str:
    """Return the folder that a program names, run where nobody else's folder can answer."""
    try:
        done = process.run((program, *words), env=dict(os.environ), cwd="/", timeout=_PATIENCE)
    except OSError:
        return ""
    said = os.fsdecode(done.out.strip())
    return said if done.code == 0 and os.path.isabs(said) else ""


def _beside(folder: str) -> list[str]:
    """Return what a toolchain needs next to it: the programs of Cargo stand for those of rustup."""
    other = os.path.join(os.path.dirname(folder), ".rustup")
    return [other] if os.path.basename(folder) == ".cargo" and os.path.isdir(other) else []


def _from_home(folder: str) -> str:
    home = os.path.expanduser("~")
    return f"~{folder[len(home) :]}" if folder.startswith(f"{home}/") else folder


def _in_system(path: str) -> bool:
    return any(below(path, top) for top in _SYSTEM)
