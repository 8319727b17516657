"""An agent's `.git`, read as files. Its configuration, hooks, alternates, grafts have no authority
here: refs and objects are all that is taken from it.

Objects are fetched from a quarantine, a git dir of ours that borrows the agent's object files and
has a configuration and refs that we wrote.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sps.adapters.git_vault.git import Inner
from sps.adapters.git_vault.names import is_id
from sps.adapters.git_vault.objects import parse_commit, read_loose
from sps.adapters.git_vault.workspace import plain_gitdir
from sps.lib.open_folder import opened

_MOST_REF_TEXT = 16 << 20
_MOST_REFS = 20_000
_MOST_FETCHES = 400
_PACK = re.compile(r"pack-(?:[0-9a-f]{40}|[0-9a-f]{64})\.(?:pack|idx)\Z")
_SETTINGS = (
    "[core]\n\tcommitGraph = false\n\tmultiPackIndex = false\n\thooksPath = /dev/null\n"
    "[pack]\n\tuseBitmaps = false\n[safe]\n\tbareRepository = all\n"
)


@dataclass
class Foreign:
    """What an agent's repository holds."""

    head: str | None = None  #: commit at HEAD; None without a usable repository
    refs: dict[str, str] = field(default_factory=dict)  #: full ref name -> object id
    commits: dict[str, tuple[str, ...]] = field(default_factory=dict)  #: own commits -> parents
    packed: bool = False  #: whether some objects lie in packs


def look(gitdir: Path, git: Inner, quarantine: Path, *, sha256: bool) -> Foreign:
    """Read a repository. One that is missing, or is no folder itself, holds nothing."""
    found = Foreign()
    if not _is_folder(gitdir):
        return found
    found.refs = _refs(gitdir)
    found.head = _resolve(_text(gitdir / "HEAD"), found.refs)
    loose, packs = _clean_objects(gitdir / "objects")
    _restore_alternates(gitdir / "objects", git.gitdir / "objects")
    for name in loose:
        read = read_loose(gitdir / "objects", name)
        if read and read[0] == "commit":
            with contextlib.suppress(ValueError):
                found.commits[name] = parse_commit(read[1]).parents
    if packs:
        found.packed = True
        _quarantine(gitdir, git, quarantine, sha256=sha256)
        found.commits |= _packed_commits(Inner(git.program, quarantine), gitdir, packs)
    return found


def fetch(
    gitdir: Path, git: Inner, quarantine: Path, wanted: dict[str, str], known: str
) -> dict[str, str]:
    """Bring objects into the vault under the given refs. `wanted` maps ref -> object id, `known` is
    a commit that the vault has. Returns ref -> git's words for what could not be had."""
    sha256 = len(known) == 64
    _quarantine(gitdir, git, quarantine, sha256=sha256)
    lines = "".join(f"{name} refs/wanted/{ref}\n" for ref, name in wanted.items())
    (quarantine / "packed-refs").write_text(lines, encoding="ascii")
    failed: dict[str, str] = {}
    todo = [sorted(wanted)]
    for _ in range(_MOST_FETCHES):
        if not todo:
            return failed
        refs = todo.pop()
        said = _fetch_some(git, quarantine, known, refs)
        if said is None:
            continue
        if len(refs) == 1:
            failed[refs[0]] = said
        else:  # one bad object refuses a whole fetch: find it
            middle = len(refs) // 2
            todo += [refs[middle:], refs[:middle]]
    return failed | {ref: "not fetched: too much is broken" for refs in todo for ref in refs}


def _fetch_some(git: Inner, quarantine: Path, known: str, refs: list[str]) -> str | None:
    finished = git.run(
        "fetch",
        "--quiet",
        "--no-tags",
        "--no-write-fetch-head",
        "--no-auto-maintenance",
        "--refmap=",
        f"--negotiation-tip={known}",
        f"--upload-pack={shlex.quote(git.program)} upload-pack",
        "--stdin",
        "--",
        os.fspath(quarantine),
        stdin="".join(f"+refs/wanted/{ref}:{ref}\n" for ref in refs).encode(),
        ok=(),
        timeout=120.0,
    )
    if finished.code == 0:
        return None
    return finished.err.decode("utf-8", "replace").strip()[-300:] or "fetch failed"


def _quarantine(gitdir: Path, git: Inner, quarantine: Path, *, sha256: bool) -> None:
    plain_gitdir(quarantine, sha256=sha256, settings=_SETTINGS)
    borrowed = (gitdir / "objects", git.gitdir / "objects")
    (quarantine / "objects" / "info" / "alternates").write_text(
        "".join(f"{folder}\n" for folder in borrowed), encoding="utf-8", errors="surrogateescape"
    )
    with contextlib.suppress(FileNotFoundError):
        os.unlink(quarantine / "packed-refs")


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def _text(path: Path) -> str:
    """Return the text of a small regular file, empty for anything else; never blocks."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return ""
        return file.read(_MOST_REF_TEXT).decode("utf-8", "surrogateescape")


def _refs(gitdir: Path) -> dict[str, str]:
    """Return every ref that names an object, symbolic ones resolved."""
    raw: dict[str, str] = {}
    for line in _text(gitdir / "packed-refs").splitlines()[:_MOST_REFS]:
        name, _, ref = line.partition(" ")
        if is_id(name) and ref.startswith("refs/"):
            raw[ref] = name
    if _is_folder(gitdir / "refs"):
        with opened(gitdir / "refs") as handle:
            for ref, text in _loose_refs(handle, "refs/", 0):
                raw[ref] = text
                if len(raw) > _MOST_REFS:
                    break
    resolved = {ref: _resolve(text, raw) for ref, text in raw.items()}
    return {ref: name for ref, name in resolved.items() if name is not None}


def _loose_refs(handle: int, prefix: str, depth: int) -> Iterator[tuple[str, str]]:
    for name in sorted(os.listdir(handle)):
        mode = os.stat(name, dir_fd=handle, follow_symlinks=False).st_mode
        if stat.S_ISDIR(mode) and depth < 50:
            with opened(name, inside=handle) as below:
                yield from _loose_refs(below, f"{prefix}{name}/", depth + 1)
        elif stat.S_ISREG(mode) and not name.endswith(".lock"):
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
            file = os.open(name, flags, dir_fd=handle)
            try:
                text = os.read(file, 4096).decode("utf-8", "surrogateescape")
            finally:
                os.close(file)
            yield prefix + name, text


def _resolve(text: str | None, refs: dict[str, str]) -> str | None:
    """Follow `ref: name` at most five times to an object id."""
    for _ in range(5):
        if text is None:
            return None
        text = text.strip()
        if is_id(text):
            return text
        if not text.startswith("ref:"):
            return None
        text = refs.get(text[4:].strip())
    return None


def _clean_objects(objects: Path) -> tuple[list[str], list[str]]:
    """Leave only object files in an object store: no alternates, no graph or bitmap that could
    lie about history, no link to a file elsewhere. Returns loose object ids and pack names."""
    loose: list[str] = []
    packs: list[str] = []
    if not _is_folder(objects):
        return loose, packs
    with opened(objects) as handle:
        for name in os.listdir(handle):
            if not stat.S_ISDIR(os.stat(name, dir_fd=handle, follow_symlinks=False).st_mode):
                os.unlink(name, dir_fd=handle)
                continue
            with opened(name, inside=handle) as below:
                if name == "pack":
                    packs = _keep_files(below, _PACK)
                elif name == "info":
                    _keep_files(below, re.compile(r"\Z."))
                elif re.fullmatch(r"[0-9a-f]{2}", name):
                    rest = re.compile(r"(?:[0-9a-f]{38}|[0-9a-f]{62})\Z")
                    loose += [name + tail for tail in _keep_files(below, rest)]
    stems = {name.removesuffix(".pack") for name in packs if name.endswith(".pack")}
    stems &= {name.removesuffix(".idx") for name in packs if name.endswith(".idx")}
    return sorted(loose), sorted(stems)


def _restore_alternates(objects: Path, vault: Path) -> None:
    """Let the repository find the vault's objects again, and no others."""
    with contextlib.suppress(OSError), opened(objects / "info") as handle:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.open("alternates", flags, 0o644, dir_fd=handle)
        with os.fdopen(file, "wb") as target:
            target.write(os.fsencode(vault) + b"\n")


def _keep_files(handle: int, wanted: re.Pattern[str]) -> list[str]:
    kept: list[str] = []
    for name in os.listdir(handle):
        mode = os.stat(name, dir_fd=handle, follow_symlinks=False).st_mode
        if stat.S_ISREG(mode) and wanted.match(name):
            kept.append(name)
        elif not stat.S_ISDIR(mode):
            os.unlink(name, dir_fd=handle)
    return kept


def _packed_commits(git: Inner, gitdir: Path, packs: list[str]) -> dict[str, tuple[str, ...]]:
    """Return the commits that lie in packs, with their parents. A pack that cannot be read holds
    none: its objects then are missed by the refs that need them, which is reported there."""
    names: list[str] = []
    for pack in packs:
        content = (gitdir / "objects" / "pack" / f"{pack}.idx").read_bytes()
        shown = git.run("show-index", stdin=content, ok=())
        names += [line.split()[1] for line in shown.out.decode("ascii", "replace").splitlines()]
    asked = "".join(f"{name}\n" for name in names if is_id(name)).encode()
    form = "--batch-check=%(objectname) %(objecttype)"
    kinds = git.run("cat-file", "--buffer", form, stdin=asked, ok=()).out.decode("ascii", "replace")
    commits = [line.split()[0] for line in kinds.splitlines() if line.endswith(" commit")]
    if not commits:
        return {}
    listed = git.run(
        "rev-list",
        "--parents",
        "--no-walk=unsorted",
        "--ignore-missing",
        "--stdin",
        stdin="".join(f"{name}\n" for name in commits).encode(),
        ok=(),
    )
    rows = [line.split() for line in listed.out.decode("ascii", "replace").splitlines()]
    return {row[0]: tuple(row[1:]) for row in rows if row}
