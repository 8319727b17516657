"""Folder trees from untrusted hands, wherever they lie: which files one has, links resolved.

A `Listing` says what lies in a folder; disks, archives and repositories have one each. Nothing here
knows what the files are for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from sps.lib import file_names

FILE, FOLDER, LINK, OTHER = "file", "folder", "link", "other"
_HOPS = 40  # links in one path, as the kernel counts them
_LONGEST_TARGET = 4096

GENERATED = "__pycache__"  #: what an interpreter leaves behind is no part of a tree

Row = tuple[str, bytes, bool]  #: path, content, whether it is executable


class Node(NamedTuple):
    """What one name stands for. `target` is that of a link; `key` is the listing's own."""

    kind: str
    size: int = 0
    executable: bool = False
    target: str = ""
    key: str = ""


class Item(NamedTuple):
    """A file of a gathered tree: the path in it, and the real path and node in the listing."""

    path: str
    real: str
    node: Node


class Bounds(NamedTuple):
    """What a tree may hold at most; `depth` counts folders in a path."""

    files: int
    size: int
    depth: int


class Refused(Exception):
    """Something about a tree is not accepted: where, and why. `path` is "" for all of it."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path}: {why}" if path else why)
        self.path = path
        self.why = why


class Listing(Protocol):
    """Folders and what lies directly in each; the root is ""."""

    def below(self, folder: str) -> Mapping[str, Node]:
        """Return what lies in a folder that is there. Raises `Refused`."""
        ...


def joined(folder: str, name: str) -> str:
    """Return the path of a name in a folder, the root being ""."""
    return f"{folder}/{name}" if folder else name


def resolve(tree: Listing, path: str) -> tuple[str, Node]:
    """Return where a path really leads inside the tree, and to what.

    Raises `Refused` when a link on the way leads out of the tree, into a `.git`, in a circle or
    nowhere.
    """
    left = path.split("/")[::-1]
    done: list[str] = []
    node = Node(FOLDER)
    hops = 0
    while left:
        part = left.pop()
        if part in ("", "."):
            continue
        if node.kind != FOLDER:
            raise Refused(path, "a link that leads nowhere")
        if part == "..":
            if not done:
                raise Refused(path, "a link that leads out of it")
            done.pop()
            continue
        found = _child(tree, done, part, path)
        if found.kind != LINK:
            done.append(part)
            node = found
            continue
        hops += 1
        if hops > _HOPS:
            raise Refused(path, "a link that leads in a circle")
        left += _steps(found.target, path)[::-1]
    return "/".join(done), node


def _child(tree: Listing, folder: list[str], name: str, path: str) -> Node:
    if name.casefold() == ".git":
        raise Refused(path, "a link into a .git")
    found = tree.below("/".join(folder)).get(name)
    if found is None:
        raise Refused(path, "a link that leads nowhere")
    return found


def _steps(target: str, path: str) -> list[str]:
    if target.startswith("/"):
        raise Refused(path, "a link that leads out of it")
    if not target or len(target) > _LONGEST_TARGET or "\\" in target or ":" in target:
        raise Refused(path, "a link with a target that is no path")
    return target.split("/")


def gather(tree: Listing, folder: str, bounds: Bounds) -> list[Item]:
    """Return the files below a folder, by path, with links resolved to what they lead to.

    Links may lead anywhere in the tree but not out of it. A `.git` at the top of the folder is
    left out. Raises `Refused`: a bad name or link, anything that is no file, too much of it, two
    names that differ only in case.
    """
    walk = _Walk(tree, bounds)
    walk.enter("", folder, ())
    items = sorted(walk.items)
    twins = file_names.clash(item.path for item in items)
    if twins is not None:
        raise Refused(twins[1], twins[2] + _beside(twins))
    return items


def _beside(twins: tuple[str, str, str]) -> str:
    return "" if twins[0] == twins[1] else f" (beside {twins[0]})"


@dataclass
class _Walk:
    tree: Listing
    bounds: Bounds
    items: list[Item] = field(default_factory=list)
    seen: int = 0
    size: int = 0

    def enter(self, path: str, real: str, above: tuple[str, ...]) -> None:
        if len(above) > self.bounds.depth:
            raise Refused(path, f"folders nested more than {self.bounds.depth} deep")
        if real in above:
            raise Refused(path, "a link that leads in a circle")
        for name, node in sorted(self.tree.below(real).items()):
            if name == ".git" and not path:
                continue
            self._take(joined(path, name), name, joined(real, name), node, (*above, real))

    def _take(self, path: str, name: str, real: str, node: Node, above: tuple[str, ...]) -> None:
        why = file_names.fault(name)
        if why is not None:
            raise Refused(path, why)
        self.seen += 1
        if self.seen > 2 * self.bounds.files:  # folders too: links can multiply them
            raise Refused("", f"more than {2 * self.bounds.files} files and folders")
        if node.kind == LINK:
            real, node = _named(self.tree, real, path)
        if node.kind == FOLDER:
            self.enter(path, real, above)
        elif node.kind == FILE:
            self._add(Item(path, real, node))
        else:
            raise Refused(path, "no regular file")

    def _add(self, item: Item) -> None:
        self.items.append(item)
        self.size += item.node.size
        check(self.bounds, len(self.items), self.size)


def _named(tree: Listing, real: str, path: str) -> tuple[str, Node]:
    """Resolve a link; what is wrong with it is told by the path that leads to it."""
    try:
        return resolve(tree, real)
    except Refused as err:
        raise Refused(path, err.why) from err


def check(bounds: Bounds, files: int, size: int) -> None:
    """Raise `Refused` for more files or bytes than a tree may hold."""
    if files > bounds.files:
        raise Refused("", f"more than {bounds.files} files")
    if size > bounds.size:
        raise Refused("", f"more than {bounds.size} bytes")


class FlatListing:
    """A listing of a whole tree that is known at once, from the paths of its files and links."""

    def __init__(self, nodes: Iterable[tuple[str, Node]]) -> None:
        self._folders: dict[str, dict[str, Node]] = {"": {}}
        for path, node in nodes:
            folder, _, name = path.rpartition("/")
            self._folder(folder)[name] = node
            if node.kind == FOLDER:
                self._folder(path)

    def below(self, folder: str) -> Mapping[str, Node]:
        """Return what lies in a folder; nothing for a folder that is not there."""
        return self._folders.get(folder, {})

    def _folder(self, path: str) -> dict[str, Node]:
        missing = []
        while path not in self._folders:
            missing.append(path)
            path = path.rpartition("/")[0]
        for one in reversed(missing):
            self._folders[one] = {}
            above, _, name = one.rpartition("/")
            self._folders[above].setdefault(name, Node(FOLDER))
        return self._folders[missing[0] if missing else path]
