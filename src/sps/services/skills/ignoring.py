"""What Git shall not see of a repository: links into this machine's store."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from sps.lib import atomic, paths
from sps.services.skills.repository import Repository

_LIMIT = 4 * 1024 * 1024


def ignore(repository: Repository, places: Iterable[str], *, shared: bool = False) -> None:
    """Have Git ignore places (relative to the root), each by one line and once.

    The line goes into `.git/info/exclude`, or into `.gitignore` when it is to be `shared`. Without
    a `.git` nothing is written unless shared.
    """
    lines = [f"/{place}" for place in places]
    target = repository.root / ".gitignore" if shared else _exclude(repository.root)
    if target is None or repository.dry:
        return
    known = {line for file in _files(repository) for line in _lines(file)}
    new = [line for line in dict.fromkeys(lines) if line not in known]
    if new:
        _write(target, [*_lines(target), *new])


def reveal(repository: Repository, places: Iterable[str]) -> None:
    """Take the lines of places away again."""
    gone = {f"/{place}" for place in places}
    for file in [] if repository.dry else _files(repository):
        lines = _lines(file)
        kept = [line for line in lines if line not in gone]
        if len(kept) != len(lines):
            _write(file, kept)


def _files(repository: Repository) -> list[Path]:
    found = [repository.root / ".gitignore", _exclude(repository.root)]
    return [one for one in found if one is not None]


def _exclude(root: Path) -> Path | None:
    """Return where this clone keeps its own list; worktrees share that of their repository."""
    git = root / ".git"
    if git.is_file():
        text = git.read_text(errors="replace")[:4096].strip()
        named = text.removeprefix("gitdir:").strip()
        git = Path(os.path.normpath(root / named)) if named != text else git
        common = git / "commondir"
        if common.is_file():
            git = Path(os.path.normpath(git / common.read_text(errors="replace")[:4096].strip()))
    if not (git / "HEAD").is_file() or paths.inside(git, "info/exclude") is None:
        return None
    return git / "info" / "exclude"


def _lines(file: Path) -> list[str]:
    if not file.is_file() or file.stat().st_size > _LIMIT:
        return []
    text = file.read_bytes().decode(errors="surrogateescape")
    return text.removesuffix("\n").split("\n") if text else []


def _write(file: Path, lines: list[str]) -> None:
    if file.is_symlink() or (file.is_file() and file.stat().st_size > _LIMIT):
        return
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o644
    file.parent.mkdir(exist_ok=True)
    text = "".join(f"{line}\n" for line in lines)
    atomic.write(file, text.encode(errors="surrogateescape"), mode=mode)
