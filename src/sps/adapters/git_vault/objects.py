"""Objects read by file and commits written: what saves a process per question."""

from __future__ import annotations

import fnmatch
import os
import re
import stat
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from sps.adapters.git_vault.git import Inner
from sps.adapters.git_vault.names import is_id, object_id
from sps.model.errors import WorkFailed

_HEAD = re.compile(rb"(commit|tree|blob|tag) (\d{1,20})\0")
_MOST = 8 << 20  # a larger commit is left to git


@dataclass(frozen=True)
class Commit:
    """The parts of a commit that we use."""

    tree: str
    parents: tuple[str, ...]
    author: bytes
    seconds: int
    message: bytes


def parse_commit(body: bytes) -> Commit:
    """Read a raw commit. Raises `ValueError` when it has no tree."""
    head, _, message = body.partition(b"\n\n")
    tree, author, seconds = "", b"", 0
    parents: list[str] = []
    for line in head.split(b"\n"):
        key, _, value = line.partition(b" ")
        if key == b"tree":
            tree = value.decode("ascii", "replace")
        elif key == b"parent":
            parents.append(value.decode("ascii", "replace"))
        elif key == b"author":
            author = value
        elif key == b"committer":
            found = re.search(rb"> (\d{1,12}) [+-]\d{4}\Z", value)
            seconds = int(found[1]) if found else 0
    if not is_id(tree) or not all(is_id(parent) for parent in parents):
        raise ValueError("not a commit")
    return Commit(tree, tuple(parents), author, seconds, message)


def read_loose(objects: Path, name: str) -> tuple[str, bytes] | None:
    """Return (type, body) of a loose object. The body is read for commits only. None when it is
    not there as a regular file, is broken or too large."""
    path = os.fspath(objects / name[:2] / name[2:])
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return None
        return _inflate(handle)
    except (OSError, zlib.error):
        return None
    finally:
        os.close(handle)


def _inflate(handle: int) -> tuple[str, bytes] | None:
    stream = zlib.decompressobj()
    start = stream.decompress(os.read(handle, 4096), 4096)
    found = _HEAD.match(start)
    if found is None:
        return None
    kind = found[1].decode()
    if kind != "commit":
        return kind, b""
    size = int(found[2])
    if size > _MOST:
        return None
    body = start[found.end() :]
    while len(body) < size:
        feed = stream.unconsumed_tail or os.read(handle, 65536)
        if not feed:
            return None
        body += stream.decompress(feed, size - len(body))
    return kind, body[:size]


def read_commit(git: Inner, name: str) -> Commit:
    """Return a commit of the vault. Raises `WorkFailed("git-failed")` when there is none."""
    loose = read_loose(git.gitdir / "objects", object_id(name))
    body = loose[1] if loose and loose[0] == "commit" else None
    if body is None:
        body = git.run("cat-file", "commit", name).out
    try:
        return parse_commit(body)
    except ValueError as err:
        raise WorkFailed("git-failed", f"the commit {name} cannot be read") from err


def tree_of(git: Inner, name: str) -> str:
    """Return the tree id of a commit, or of a tree."""
    loose = read_loose(git.gitdir / "objects", object_id(name))
    if loose and loose[0] == "tree":
        return name
    if loose and loose[0] == "commit":
        return read_commit(git, name).tree
    return git.text("rev-parse", "--verify", "--end-of-options", f"{name}^{{tree}}")


Sign = Callable[[bytes, bytes], bytes]  #: (body of a commit, its committer) -> signature


@dataclass(frozen=True)
class Draft:
    """A commit that is not written yet. Author and committer as they stand in it."""

    tree: str
    parents: Iterable[str]
    author: bytes
    committer: bytes
    message: bytes


def write_commit(git: Inner, draft: Draft, sign: Sign | None = None) -> str:
    """Write a commit and return its id; equal values make the same id, unless it is signed."""
    lines = [b"tree " + object_id(draft.tree).encode()]
    lines += [b"parent " + object_id(parent).encode() for parent in draft.parents]
    lines += [b"author " + draft.author, b"committer " + draft.committer]
    head = b"\n".join(lines)
    message = b"\n\n" + draft.message.replace(b"\0", b"").strip(b"\n") + b"\n"
    if sign is not None:
        key = b"gpgsig" if len(draft.tree) == 40 else b"gpgsig-sha256"
        signed = sign(head + message, draft.committer)
        head += b"\n" + key + b" " + signed.replace(b"\n", b"\n ")
    return git.text("hash-object", "-t", "commit", "-w", "--stdin", stdin=head + message)


def files(git: Inner, tree: str, patterns: tuple[str, ...]) -> dict[str, str]:
    """Return path -> object id of the files of a tree that match a pattern or lie below a folder of
    that name."""
    patterns = tuple(one.removeprefix("./").rstrip("/") for one in patterns)
    if not patterns:
        return {}
    wanted = re.compile(
        "|".join(f"{fnmatch.translate(one)}|{re.escape(one)}/.*" for one in patterns), re.DOTALL
    )
    # Told which paths, git does not read the whole tree.
    plain = [one for one in patterns if not set("*?[") & set(one)]
    named = ["--", *plain] if len(plain) == len(patterns) else []
    found: dict[str, str] = {}
    for row in git.run("ls-tree", "-r", "-z", "--full-tree", tree, *named).out.split(b"\0")[:-1]:
        head, _, raw = row.partition(b"\t")
        path = os.fsdecode(raw)
        if wanted.fullmatch(path):
            found[path] = head.split()[2].decode()
    return found
