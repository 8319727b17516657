"""Which folders of a box are mounted, in an order in which nested ones work."""

from __future__ import annotations

import contextlib
import os
import pwd
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sps.model.errors import Misuse, WorkFailed
from sps.ports.sandbox import Box

DEFAULT_HOME = "/var/home"
_MOST_LINKS = 40  # as the kernel

# Not to be shown as a whole, nor anything above them.
_WHOLE = ("/dev", "/dev/shm", "/home", "/proc", "/root", "/run", "/sys", "/tmp", "/var", "/var/tmp")  # noqa: S108
# Not to be written, nor anything below them.
_SYSTEM = ("/bin", "/boot", "/etc", "/lib", "/lib64", "/nix", "/proc", "/sbin", "/sys", "/usr")


@dataclass(frozen=True)
class Mount:
    """One mount point; `how` is bubblewrap's option. A mount in memory has no source."""

    how: str
    target: str
    source: str | None = None

    @property
    def depth(self) -> int:
        return len(Path(self.target).parts)

    def options(self) -> list[str]:
        """Return the words that make bubblewrap do it."""
        return [self.how, *([self.source] if self.source else []), self.target]


def mount_options(box: Box, *, protected: tuple[str, ...] = ()) -> list[str]:
    """Return the options for the folders of a box. Links in the given paths are followed, and a
    path that was reached through a link works inside as well. What is listed both as writable and
    as read-only is read-only.

    Raises `Misuse("sandbox-path")` for a folder that would hand over the host: the root, a home
    folder, a system folder, a `protected` one or anything above these; `WorkFailed` for a folder
    that does not exist, or that is reached through a link which leads out of a writable folder,
    because whoever could write there may have planted it.
    """
    writable = [*box.writable, *([box.home] if box.home else [])]
    trusted = _Paths(writable)
    forbidden = tuple(os.path.realpath(path) for path in (*_WHOLE, *_owner_homes(), *protected))
    planned: dict[str, Mount] = {}
    for path in writable:
        real = trusted.canonical(path)
        _refuse(real, forbidden, system=_SYSTEM)
        planned[real] = Mount("--bind", real, real)
    for path in box.readonly:
        real = trusted.canonical(path)
        _refuse(real, forbidden, system=())
        if not _below(real, ("/usr",)):
            planned[real] = Mount("--ro-bind", real, real)
    aliases = _aliases([*writable, *box.readonly], planned)
    home = home_of(box)
    if box.home is None and not _below(os.path.realpath(home), planned):
        planned[home] = Mount("--tmpfs", home)
    planned.setdefault("/tmp", Mount("--tmpfs", "/tmp"))  # noqa: S108 - the box's own
    ordered = sorted(planned.values(), key=lambda mount: (mount.depth, mount.target))
    return [word for mount in ordered for word in mount.options()] + aliases


def hiding_options(box: Box) -> list[str]:
    """Return the options that put something unreadable over the hidden files. One that is gone by
    then is not missed."""
    there = [real for real in map(os.path.realpath, box.hidden) if os.path.isfile(real)]
    return [word for path in there for word in ("--ro-bind", "/dev/null", path)]


def home_of(box: Box) -> str:
    """Return the HOME of the box."""
    if box.home is not None:
        return box.home
    home = box.env.get("HOME", DEFAULT_HOME)
    if not os.path.isabs(home) or _below(home, (*_SYSTEM, "/dev", "/run")) or home == "/":
        raise Misuse("sandbox-path", f"{home!r} cannot be the home folder in a sandbox")
    return os.path.normpath(home)


def _owner_homes() -> list[str]:
    homes = [os.environ.get("HOME", "")]
    with contextlib.suppress(KeyError):  # a user without an entry has no folder to protect
        homes.append(pwd.getpwuid(os.getuid()).pw_dir)
    return [home for home in homes if os.path.isabs(home)]


class _Paths:
    """Follows links, and trusts none that lies in a writable folder and leads out of it."""

    def __init__(self, writable: Iterable[str]) -> None:
        self._roots = [os.path.realpath(root) for root in writable]

    def canonical(self, path: str) -> str:
        """Return where an existing absolute path really lies."""
        if not os.path.isabs(path) or "\0" in path:
            raise Misuse("sandbox-path", f"the sandbox takes absolute paths only, not {path!r}")
        real, folders = _follow(path)
        if not os.path.exists(real):
            raise WorkFailed("sandbox-path", "a folder for the sandbox does not exist", where=path)
        for root in self._roots:
            if _below(real, (root,)) or not any(_below(folder, (root,)) for folder in folders):
                continue
            raise WorkFailed(
                "sandbox-path",
                "a link leads out of a folder that the sandbox may write",
                where=path,
                hint=f"look at what {path} points to and remove the link",
            )
        return real


def _follow(path: str) -> tuple[str, list[str]]:
    """Return where a path leads, and the canonical folder of each link on the way."""
    done, todo, folders = "/", path.split("/")[::-1], list[str]()
    while todo:
        part = todo.pop()
        if part in {"", "."}:
            continue
        step = os.path.dirname(done) if part == ".." else os.path.join(done, part)
        if not os.path.islink(step):
            done = step
            continue
        folders.append(done)
        if len(folders) > _MOST_LINKS:
            raise WorkFailed("sandbox-path", "the links of this path go in circles", where=path)
        target = os.readlink(step)
        done = "/" if target.startswith("/") else done
        todo += target.split("/")[::-1]
    return done, folders


def _refuse(real: str, forbidden: tuple[str, ...], *, system: tuple[str, ...]) -> None:
    if any(_below(other, (real,)) for other in forbidden) or _below(real, system):
        raise Misuse(
            "sandbox-path",
            "this folder is never handed to a sandbox",
            where=real,
            hint="keep the home of sps in a folder of its own, as ~/.sps is",
        )


def _aliases(paths: Iterable[str], planned: dict[str, Mount]) -> list[str]:
    """Return links for the given paths that are not canonical, where no mount shows them yet."""
    links: dict[str, str] = {}
    for path in sorted(set(map(os.path.normpath, paths)), key=len):
        real = os.path.realpath(path)
        if real != path and not _below(path, (*planned, *links, "/usr")):
            links[path] = real
    return [word for path, real in links.items() for word in ("--symlink", real, path)]


def _below(path: str, roots: Iterable[str]) -> bool:
    """Say whether a path is one of the roots or lies under one."""
    return any(Path(path).is_relative_to(root) for root in roots)
