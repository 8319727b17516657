"""Reports that can be given away: without names of people, machines, projects and folders."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from sps.lib.terminal import clean
from sps.model.errors import SpsError

if TYPE_CHECKING:
    from sps.model.project import Project
    from sps.ports.world import World

_SECRET = re.compile(r"(?i)\b(bearer\s+|(?:token|secret|password|passwd|api[_-]?key)\s*[=:]\s*)\S+")
_IN_ADDRESS = re.compile(r"(?<=://)[^/\s@]+@")
_MAIL = re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+\b")
_SHORTEST = 3  #: shorter names would mangle ordinary words


class Redaction:
    """Takes out what identifies this machine and its owner. Projects become p1, p2 and so on."""

    def __init__(self, world: World) -> None:
        home = str(world.home.root)
        folders = {home: "$SPS_HOME", os.path.realpath(home): "$SPS_HOME"}
        names: dict[str, str] = {}
        for number, project in enumerate(_projects(world), 1):
            folders |= {project.repo: f"<repository of p{number}>"}
            names[project.name] = f"p{number}"
        folders |= {str(Path.home()): "~"}
        names |= {socket.gethostname(): "<host>", _user(): "<user>"}
        # The longest first: a folder may lie in another one.
        self._folders = sorted(folders.items(), key=lambda one: -len(one[0]))
        self._names = [
            (re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])"), instead)
            for name, instead in names.items()
            if len(name) >= _SHORTEST
        ]

    def __call__(self, text: str) -> str:
        """Return a text without them."""
        shown = clean(text)
        for path, instead in self._folders:
            if len(path) > 1:
                shown = shown.replace(path, instead)
        for name, instead in self._names:
            shown = name.sub(instead, shown)
        shown = _SECRET.sub(r"\1[redacted]", shown)
        return _MAIL.sub("<address>", _IN_ADDRESS.sub("[redacted]@", shown))


def _projects(world: World) -> list[Project]:
    try:
        return world.store.read(lambda tx: tx.projects())
    except SpsError:
        return []


def _user() -> str:
    return os.environ.get("USER") or os.environ.get("LOGNAME") or ""
