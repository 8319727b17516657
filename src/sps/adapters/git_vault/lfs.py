"""Git LFS without its program: pointers, and the objects that the owner has.

A repository says in `.gitattributes` which paths hold pointers instead of content. What that file
asks git to run is never run; a pointer is plain text and names its content by SHA-256.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sps.adapters.git_vault.git import Inner, Place
from sps.adapters.git_vault.index import Entry
from sps.lib.file_copy import pour

_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-[^\n]*\n)*"
    rb"oid sha256:([0-9a-f]{64})\nsize (\d{1,18})\n\Z"
)
_MOST = 1024  # bytes of a pointer, as its specification says
_LEAST = 100
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Pointer:
    """What a pointer says about its content."""

    oid: str
    size: int


def pointer_in(content: bytes) -> Pointer | None:
    """Read a pointer; None for anything else."""
    found = _POINTER.match(content) if len(content) <= _MOST else None
    return Pointer(found[1].decode(), int(found[2])) if found else None


def store_of(common: Path) -> Path:
    """Return where git-lfs keeps the objects of a repository."""
    return common / "lfs" / "objects"


def fill(root: Path, entries: dict[str, Entry], store: Path) -> None:
    """Put content in the place of the pointers in a work tree, as far as the store has it."""
    for path, pointer in _pointers(root, entries):
        source = store / pointer.oid[:2] / pointer.oid[2:4] / pointer.oid
        if not _is(source, pointer):
            continue
        _put(source, root / path)


def _put(source: Path, place: Path) -> None:
    """Replace a file. The tree is somebody else's: what it may hold beside is never written to."""
    fresh = place.with_name(f".{os.urandom(8).hex()}.tmp")
    mode = stat.S_IMODE(place.stat(follow_symlinks=False).st_mode)
    target = os.open(fresh, _NEW, 0o600)
    try:
        with source.open("rb") as content:
            pour(content.fileno(), target)
        os.fchmod(target, mode)
    finally:
        os.close(target)
    os.replace(fresh, place)


def _pointers(root: Path, entries: dict[str, Entry]) -> Iterator[tuple[str, Pointer]]:
    """Yield the pointers among files that git has just written."""
    for path, entry in entries.items():
        if _LEAST <= entry.size <= _MOST and entry.mode & 0o170000 == 0o100000:
            pointer = pointer_in((root / path).read_bytes())
            if pointer is not None:
                yield path, pointer


def _is(source: Path, pointer: Pointer) -> bool:
    return not source.is_symlink() and source.is_file() and source.stat().st_size == pointer.size


def raw_contents(git: Inner, tree: str, paths: Iterable[str]) -> tuple[str, ...]:
    """Return the paths that the tree's attributes give to Git LFS although they hold content."""
    wanted = [path for path in paths if path]
    if not wanted or b"filter=lfs" not in _attributes(git, tree, wanted):
        return ()
    given = _given_to_lfs(git, tree, wanted)
    return tuple(path for path in given if not _holds_pointer(git, tree, path))


def _attributes(git: Inner, tree: str, paths: list[str]) -> bytes:
    """Return all that the attribute files in the folders above some paths say."""
    folders = {"", *(f"{folder}/" for path in paths for folder in _above(path))}
    names = "".join(f"{tree}:{folder}.gitattributes\n" for folder in sorted(folders))
    return git.run("cat-file", "--buffer", "--batch", stdin=os.fsencode(names)).out


def _above(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]


def _given_to_lfs(git: Inner, tree: str, paths: list[str]) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="lfs.", dir=git.gitdir.parent) as folder:
        place = Place(index=os.path.join(folder, "index"))
        git.run("read-tree", tree, place=place)
        asked = b"".join(os.fsencode(path) + b"\0" for path in paths)
        options = ("--cached", "-z", "--stdin", "filter")
        said = git.run("check-attr", *options, place=place, stdin=asked).out
    words = said.split(b"\0")
    rows = zip(words[0::3], words[2::3], strict=False)
    return [os.fsdecode(path) for path, value in rows if value == b"lfs"]


def _holds_pointer(git: Inner, tree: str, path: str) -> bool:
    row = git.run("ls-tree", "-l", "-z", "--full-tree", tree, "--", f":(literal){path}").out
    head = row.partition(b"\t")[0].split()
    if len(head) != 4 or not head[0].startswith(b"100") or head[3] == b"0":
        return True  # gone, a link or empty: nothing that a pointer could stand for
    if int(head[3]) > _MOST:
        return False
    return pointer_in(git.run("cat-file", "blob", head[2].decode()).out) is not None
