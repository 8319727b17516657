"""Folder trees on disk: read by folder handles, never through a link; written whole or not."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from sps.lib import file_names, plain_file
from sps.lib.file_tree import (
    FILE,
    FOLDER,
    GENERATED,
    LINK,
    OTHER,
    Bounds,
    Item,
    Node,
    Refused,
    Row,
    check,
    joined,
)

MOST_IN_A_FOLDER = 50_000
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class DiskTree:
    """A folder as a listing, looked at folder by folder when asked. Close it by leaving `with`.

    Its root must be no link; nor is a link on the way to anything in it followed, even when it
    was put there between two looks.
    """

    def __init__(self, root: Path) -> None:
        """Raises `OSError`, `NotADirectoryError` for a link."""
        self._handle = os.open(root, _FOLDER)
        self._known: dict[str, dict[str, Node]] = {}

    def __enter__(self) -> DiskTree:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)

    def below(self, folder: str) -> Mapping[str, Node]:
        """Return what lies in a folder. Raises `Refused`."""
        known = self._known.get(folder)
        if known is None:
            with _told(folder), self._opened(folder) as handle:
                known = self._known[folder] = _nodes(handle, folder)
        return known

    def content(self, path: str, limit: int) -> tuple[bytes, bool]:
        """Return the bytes of a regular file, and whether it is executable. Raises `Refused`."""
        folder, _, name = path.rpartition("/")
        with _told(path), self._opened(folder) as handle:
            content, status = plain_file.read(Path(name), limit, inside=handle)
        return content, bool(status.st_mode & 0o100)

    @contextlib.contextmanager
    def _opened(self, folder: str) -> Iterator[int]:
        handle = os.dup(self._handle)
        try:
            for part in folder.split("/") if folder else ():
                following = os.open(part, _FOLDER, dir_fd=handle)
                os.close(handle)
                handle = following
            yield handle
        finally:
            os.close(handle)


@contextlib.contextmanager
def _told(path: str) -> Iterator[None]:
    try:
        yield
    except plain_file.NotPlain as err:
        raise Refused(path, str(err)) from err
    except plain_file.TooLarge as err:
        raise Refused("", str(err)) from err
    except OSError as err:
        raise Refused(path, err.strerror or str(err)) from err


def _nodes(handle: int, folder: str) -> dict[str, Node]:
    found: dict[str, Node] = {}
    with os.scandir(handle) as entries:
        for entry in entries:
            if len(found) == MOST_IN_A_FOLDER:
                raise Refused(folder, f"more than {MOST_IN_A_FOLDER} entries in one folder")
            if entry.name == GENERATED and entry.is_dir(follow_symlinks=False):
                continue  # an installer compiles whatever looks like Python, wherever it lies
            found[entry.name] = _node(handle, entry)
    return found


def _node(handle: int, entry: os.DirEntry[str]) -> Node:
    if entry.is_dir(follow_symlinks=False):
        return Node(FOLDER)
    if entry.is_symlink():
        return Node(LINK, target=os.readlink(entry.name, dir_fd=handle))
    if not entry.is_file(follow_symlinks=False):
        return Node(OTHER)
    status = entry.stat(follow_symlinks=False)
    return Node(FILE, size=status.st_size, executable=bool(status.st_mode & 0o100))


def contents(tree: DiskTree, items: Iterable[Item], bounds: Bounds) -> list[Row]:
    """Return the files that were gathered. Raises `Refused`, also for one that grew meanwhile."""
    rows: list[Row] = []
    left = bounds.size
    for item in items:
        content, executable = _within(tree, item.real, left, bounds)
        left -= len(content)
        rows.append((item.path, content, executable))
    return rows


def regular(tree: DiskTree, bounds: Bounds) -> tuple[list[Row], list[str]]:
    """Return all regular files of a tree, and the paths of whatever is neither file nor folder,
    which is passed over. Raises `Refused`."""
    rows: list[Row] = []
    others: list[str] = []
    left = bounds.size
    for path, node in _everything(tree, "", 0, bounds.depth):
        if node.kind != FILE:
            others.append(path)
            continue
        check(bounds, len(rows) + 1, 0)
        content, executable = _within(tree, path, left, bounds)
        left -= len(content)
        rows.append((path, content, executable))
    return rows, others


def _within(tree: DiskTree, path: str, left: int, bounds: Bounds) -> tuple[bytes, bool]:
    try:
        return tree.content(path, left)
    except Refused as err:
        if not err.path:
            raise Refused("", f"more than {bounds.size} bytes") from err
        raise


def _everything(
    tree: DiskTree, folder: str, depth: int, deepest: int
) -> Iterator[tuple[str, Node]]:
    if depth > deepest:
        raise Refused("", f"folders nested more than {deepest} deep")
    for name, node in tree.below(folder).items():
        path = joined(folder, name)
        if node.kind == FOLDER:
            yield from _everything(tree, path, depth + 1, deepest)
        else:
            yield path, node


def write(folder: Path, rows: Sequence[Row], *, writable: bool) -> None:
    """Make a folder with these files: at once there, or not at all.

    Files get 644 or 755, without `writable` 444 and 555, and their folders 555. Raises `Refused`
    for a path that could leave the folder or clashes with another, `FileExistsError` when
    something is there, `OSError`.
    """
    _check_paths([path for path, _, _ in rows])
    if os.path.lexists(folder):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fspath(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.parent / f".{folder.name[:100]}.{os.urandom(6).hex()}.tmp"
    try:
        _fill(fresh, rows, writable=writable)
        _rename(fresh, folder)
    except BaseException:
        with contextlib.suppress(OSError):
            remove(fresh)
        raise


def _check_paths(paths: Sequence[str]) -> None:
    for path in paths:
        why = file_names.path_fault(path)
        if why is not None:
            raise Refused(path, why)
    twins = file_names.clash(paths)
    if twins is not None:
        raise Refused(twins[1], twins[2])


def _fill(folder: Path, rows: Iterable[Row], *, writable: bool) -> None:
    folder.mkdir(mode=0o700)
    for path, content, executable in rows:
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        mode = (0o644 if writable else 0o444) | (0o111 if executable else 0)
        _write_file(place, content, mode)
    for above, _, _ in os.walk(folder, topdown=False):
        os.chmod(above, 0o755 if writable else 0o555)


def _write_file(place: Path, content: bytes, mode: int) -> None:
    handle = os.open(place, _NEW, 0o600)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(handle, view) :]
        os.fchmod(handle, mode)
    finally:
        os.close(handle)


def _rename(fresh: Path, folder: Path) -> None:
    try:
        os.rename(fresh, folder)
    except OSError as err:
        if err.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            raise FileExistsError(errno.EEXIST, "already there", os.fspath(folder)) from err
        raise


def remove(folder: Path) -> None:
    """Remove a folder whatever its modes are; a link in its place is removed itself. Raises
    `OSError`."""
    if not stat.S_ISDIR(os.lstat(folder).st_mode):
        os.unlink(folder)
        return
    open_up(folder)
    shutil.rmtree(folder)


def open_up(folder: Path) -> None:
    """Make a folder and those in it writable for their owner. Raises `OSError`."""
    os.chmod(folder, 0o700)
    for _, names, _, handle in os.fwalk(folder, follow_symlinks=False):
        for name in names:
            if stat.S_ISDIR(os.stat(name, dir_fd=handle, follow_symlinks=False).st_mode):
                os.chmod(name, 0o700, dir_fd=handle)


def move(folder: Path, place: Path) -> None:
    """Move a folder, read-only ones and to another file system too, to a place that must not be
    there; links in it stay links. Raises `OSError`; the folder is then still where it was."""
    if os.path.lexists(place):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fspath(place))
    mode = os.lstat(folder).st_mode
    if stat.S_ISDIR(mode) and mode & 0o700 != 0o700:
        os.chmod(folder, stat.S_IMODE(mode) | 0o700)  # a folder that moves is written to
    try:
        os.rename(folder, place)
    except OSError as err:
        if err.errno != errno.EXDEV:
            raise
        _carry(folder, place)


def _carry(folder: Path, place: Path) -> None:
    if not stat.S_ISDIR(os.lstat(folder).st_mode):
        shutil.copy2(folder, place, follow_symlinks=False)
        os.unlink(folder)
        return
    try:
        shutil.copytree(folder, place, symlinks=True)
    except OSError:  # of which `shutil.Error` is one
        with contextlib.suppress(OSError):
            remove(place)
        raise
    remove(folder)
