"""The files of a commit, read from the objects: nothing is checked out, no filter is run.

Trees are read level by level, so that a small tree which unfolds into millions of paths is noticed
before it unfolds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sps.adapters.skill_sources import address
from sps.adapters.skill_sources.git import Git
from sps.adapters.skill_sources.limits import Limits
from sps.lib.file_tree import FILE, FOLDER, LINK, FlatListing, Item, Node, joined
from sps.model.errors import WorkFailed

_LONGEST_LINK = 4096
_MODES = {0o100644: FILE, 0o100755: FILE, 0o100664: FILE, 0o120000: LINK, 0o40000: FOLDER}
_SUBMODULE = 0o160000


class Objects:
    """Objects of one repository."""

    def __init__(self, git: Git, gitdir: Path, most: int) -> None:
        """`most` bounds the bytes read at once."""
        self._git = git
        self._gitdir = gitdir
        self._most = most

    def sizes(self, ids: Iterable[str]) -> dict[str, int]:
        """Return the size of each object. Raises `WorkFailed("git-failed")` for a missing one."""
        wanted = sorted(set(ids))
        lines = self._ask("--batch-check", wanted).splitlines() if wanted else []
        if len(lines) != len(wanted):
            raise _broken("cat-file gave another number of objects")
        return {name: _size(line, name) for name, line in zip(wanted, lines, strict=True)}

    def contents(self, ids: Iterable[str]) -> dict[str, bytes]:
        """Return the content of each object. Raises `Misuse("source-refused")` when it is too
        much."""
        wanted = sorted(set(ids))
        if sum(self.sizes(wanted).values()) > self._most:
            raise address.refused(f"the repository has more than {self._most} bytes to read")
        out = self._ask("--batch", wanted) if wanted else b""
        found: dict[str, bytes] = {}
        start = 0
        for name in wanted:
            end = out.index(b"\n", start)
            size = _size(out[start:end], name)
            found[name] = out[end + 1 : end + 1 + size]
            start = end + size + 2
        return found

    def _ask(self, option: str, ids: Sequence[str]) -> bytes:
        done = self._git.read(
            self._gitdir, "cat-file", option, stdin="".join(f"{one}\n" for one in ids).encode()
        )
        if done.code != 0 or done.timed_out:
            raise _broken(done.err.decode("utf-8", "replace").strip()[:300])
        return done.out

    def root(self, commit: str) -> str:
        """Return the tree of a commit."""
        done = self._git.read(self._gitdir, "rev-parse", "--verify", f"{commit}^{{tree}}")
        tree = done.out.decode("ascii", "replace").strip()
        if done.code != 0 or not address.is_commit(tree):
            raise _broken(f"{commit} has no tree")
        return tree


class _Reading:
    """The nodes found so far."""

    def __init__(self, objects: Objects, limits: Limits) -> None:
        self._objects = objects
        self._limits = limits
        self.nodes: dict[str, Node] = {}
        self.submodules: list[str] = []

    def all(self, tree: str) -> None:
        level = [("", tree)]
        for _ in range(self._limits.depth):
            found = self._objects.contents(one for _, one in level)
            level = [below for path, one in level for below in self._folder(path, one, found[one])]
            if not level:
                return
        raise address.refused(f"the repository has folders more than {self._limits.depth} deep")

    def _folder(self, path: str, tree: str, content: bytes) -> list[tuple[str, str]]:
        folders = []
        for mode, name, one in _entries(content, len(tree) // 2):
            whole = joined(path, name)
            if mode == _SUBMODULE:
                self.submodules.append(whole)
                continue
            kind = _MODES.get(mode)
            if kind is None or name in ("", ".", "..") or "/" in name:
                raise address.refused(f"git makes no such entry as the repository's {whole!r}")
            self.nodes[whole] = Node(kind, executable=mode == 0o100755, key=one)
            if len(self.nodes) > self._limits.entries:
                most = self._limits.entries
                raise address.refused(f"the repository has more than {most} entries")
            if kind == FOLDER:
                folders.append((whole, one))
        return folders


class GitTree:
    """A commit as a listing, with the contents of its files. `notes` names what was left out."""

    def __init__(self, git: Git, gitdir: Path, commit: str, limits: Limits) -> None:
        self._objects = Objects(git, gitdir, limits.size)
        reading = _Reading(self._objects, limits)
        reading.all(self._objects.root(commit))
        self.listing = FlatListing(self._sized(reading.nodes))
        self.notes = tuple(f"the submodule {path} is left out" for path in reading.submodules)

    def read(self, items: Sequence[Item]) -> dict[str, bytes]:
        """Return the content of gathered files by their real path."""
        found = self._objects.contents(item.node.key for item in items)
        return {item.real: found[item.node.key] for item in items}

    def _sized(self, nodes: dict[str, Node]) -> list[tuple[str, Node]]:
        sizes = self._objects.sizes(node.key for node in nodes.values() if node.kind != FOLDER)
        links = [
            node.key
            for node in nodes.values()
            if node.kind == LINK and sizes[node.key] <= _LONGEST_LINK
        ]
        targets = self._objects.contents(links)
        done = []
        for path, node in nodes.items():
            # A link that is too long keeps no target, which leads nowhere.
            target = targets.get(node.key, b"").decode("utf-8", "surrogateescape")
            kept = target if node.kind == LINK else ""
            done.append((path, node._replace(size=sizes.get(node.key, 0), target=kept)))
        return done


def _entries(content: bytes, width: int) -> Iterator[tuple[int, str, str]]:
    """Yield mode, name and id of each entry of a tree object."""
    start = 0
    while start < len(content):
        space = content.find(b" ", start)
        end = content.find(b"\0", space)
        one = content[end + 1 : end + 1 + width]
        if space < 0 or end < 0 or len(one) < width:
            raise address.refused("the repository has a tree that git did not make")
        mode, name = content[start:space], content[space + 1 : end]
        yield int(mode, 8), name.decode("utf-8", "surrogateescape"), one.hex()
        start = end + 1 + width


def _size(line: bytes, name: str) -> int:
    words = line.split(b" ")
    if len(words) != 3 or not words[2].isdigit():
        raise _broken(f"the object {name} is missing")
    return int(words[2])


def _broken(why: str) -> WorkFailed:
    hint = "remove the cached repository and repeat"
    return WorkFailed("git-failed", f"a cached repository cannot be read: {why}", hint=hint)
