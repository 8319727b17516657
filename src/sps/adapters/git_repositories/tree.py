"""The files of a commit in which commands are looked for: the top level and one level down."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field

from sps.adapters.git_repositories.command import Git

FILE_LIMIT = 256 * 1024
_FOLDERS_LIMIT = 40
_FILES_LIMIT = 80
_SPECIAL = (".github/workflows/", ".husky/")
_FOREIGN = frozenset({"node_modules", "vendor", "third_party", "dist", "target", "testdata"})
_READ = frozenset({
    "pyproject.toml", "package.json", "Makefile", "makefile", "GNUmakefile", "Cargo.toml",
    ".gitlab-ci.yml", "setup.cfg", "tox.ini",
})  # fmt: skip
_REQUIREMENTS = re.compile(r"requirements[\w.-]*\.txt")
TEST_FOLDERS = frozenset({"tests", "test"})
_TEST_FILE = re.compile(r"(?:tests?|test_[\w-]+|[\w-]+_tests?|conftest|__init__)\.py")
_TESTS_LIMIT = 40


@dataclass(slots=True)
class Folder:
    """What a folder holds: all names, and the content of the files that may name commands. `tests`
    are Python's test files in it and in its folder of tests, by their path from here."""

    path: str  #: '' for the top level
    names: set[str] = field(default_factory=set)
    files: dict[str, str] = field(default_factory=dict)
    tests: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: str
    oid: str
    size: int
    path: str


def folders(git: Git, top: str, commit: str) -> list[Folder]:
    """Return the top level first, then its folders and the special ones by name. Read from the
    commit alone; links and large files are left out."""
    root = _listing(git, top, commit, ())
    below = sorted(
        f"{entry.path}/"
        for entry in root
        if entry.kind == "tree" and entry.path[0] != "." and entry.path not in _FOREIGN
    )[:_FOLDERS_LIMIT]
    entries = root + _listing(git, top, commit, (*below, *_SPECIAL))
    found: dict[str, Folder] = {"": Folder("")}
    wanted: list[_Entry] = []
    for entry in entries:
        path, name = posixpath.split(entry.path)
        found.setdefault(path, Folder(path)).names.add(name)
        readable = name in _READ or _REQUIREMENTS.fullmatch(name) or f"{path}/" in _SPECIAL
        if entry.kind == "blob" and readable and entry.size <= FILE_LIMIT:
            wanted.append(entry)
    for entry, text in _contents(git, top, wanted[:_FILES_LIMIT]):
        path, name = posixpath.split(entry.path)
        found[path].files[name] = text
    deeper = [f"{e.path}/" for e in entries if e.kind == "tree" and _tests_of(f"{e.path}/-")]
    _read_tests(git, top, entries + _listing(git, top, commit, tuple(deeper)), found)
    return [found[path] for path in sorted(found)]


def _read_tests(git: Git, top: str, entries: list[_Entry], found: dict[str, Folder]) -> None:
    """Put test files where they belong: to their own folder, or to that which has the folder of
    tests."""
    tests = [
        entry
        for entry in dict.fromkeys(entries)
        if entry.kind == "blob"
        and entry.size <= FILE_LIMIT
        and _TEST_FILE.fullmatch(posixpath.basename(entry.path))
    ]
    for entry, text in _contents(git, top, tests[:_TESTS_LIMIT]):
        for owner in (posixpath.dirname(entry.path), _tests_of(entry.path)):
            if owner is not None and owner in found:
                found[owner].tests[posixpath.relpath(entry.path, owner or ".")] = text


def _tests_of(path: str) -> str | None:
    """Return the folder whose folder of tests holds a file, None when it lies in no such folder."""
    parent, name = posixpath.split(posixpath.dirname(path))
    return parent if name in TEST_FOLDERS else None


def _listing(git: Git, top: str, commit: str, paths: tuple[str, ...]) -> list[_Entry]:
    argv = ("ls-tree", "-z", "-l", "--full-tree", "--end-of-options", commit)
    listed = git.must(top, *argv, *paths)
    entries: list[_Entry] = []
    for row in listed.split(b"\0")[:-1]:
        about, _, raw = row.partition(b"\t")
        mode, kind, oid, size = about.decode().split()
        try:
            path = raw.decode()
        except UnicodeDecodeError:
            continue
        # A link is a blob too; only its mode tells.
        kind = "link" if mode == "120000" else kind
        entries.append(_Entry(kind, oid, int(size) if size != "-" else 0, path))
    return entries


def _contents(git: Git, top: str, wanted: list[_Entry]) -> list[tuple[_Entry, str]]:
    if not wanted:
        return []
    asked = "".join(f"{entry.oid}\n" for entry in wanted).encode()
    answer = git.must(top, "cat-file", "--batch", stdin=asked)
    found: list[tuple[_Entry, str]] = []
    for entry in wanted:
        head, _, answer = answer.partition(b"\n")
        words = head.split()
        if len(words) != 3:
            continue  # the object is missing
        size = int(words[2])
        found.append((entry, answer[:size].decode(errors="replace")))
        answer = answer[size + 1 :]
    return found
