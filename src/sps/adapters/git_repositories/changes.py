"""What the owner of a repository has changed since it left another branch."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from sps.adapters.git_repositories.command import Git
from sps.adapters.git_repositories.hunks import WHOLE, added_lines, binary_paths, utf8
from sps.model.errors import Misuse
from sps.ports.changes import LocalChange

_FILTERS = r"^filter\..*\.(clean|smudge|process|required)$"
#: Whatever the configuration says about how a diff looks.
_SHAPE = {
    "diff.noprefix": "false",
    "diff.mnemonicPrefix": "false",
    "diff.srcPrefix": "a/",
    "diff.dstPrefix": "b/",
    "diff.relative": "false",
    "diff.interHunkContext": "0",
    "diff.suppressBlankEmpty": "false",
    "diff.orderFile": os.devnull,
    "core.quotePath": "false",
    "core.untrackedCache": "false",
}
_DIFF = (
    "diff", "-U0", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames",
    "--ignore-submodules=all", "--no-relative", "--diff-filter=AMT",
)  # fmt: skip
_MAIN = ("main", "master")
_FILE_LIMIT = 1024 * 1024
_BATCH = 200
_REGULAR = ("100644", "100755")


class GitChanges:
    """Looks with the owner's own git. Blocks for some milliseconds, longer in large trees."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._git = Git(os.environ if environment is None else environment)

    def top(self, path: str) -> str | None:
        if not os.path.isdir(path):
            return None
        return self._git.line(path, "rev-parse", "--show-toplevel")

    def look(self, path: str, *, base: str | None = None, staged: bool = False) -> LocalChange:
        top = self._must_top(path)
        start = self._base(top, base)
        git = self._git.with_settings({**_SHAPE, **self._without_filters(top)})
        against = ("--cached", start) if staged else (start,)
        added = added_lines(git.must(top, *_DIFF, *against, "--"))
        # An attribute is enough to make git take a file for binary: then all of it counts.
        for binary in binary_paths(git.must(top, *_DIFF, "--numstat", "-z", *against, "--")):
            added[binary] = WHOLE
        if not staged:
            for new in self._untracked(git, top):
                added.setdefault(new, WHOLE)
        return LocalChange(root=top, base=start, added=added)

    def write_staged(self, root: str, folder: Path) -> None:
        listed = self._git.must(root, "ls-files", "--stage", "-z", "--full-name")
        entries: list[tuple[str, str]] = []
        for row in listed.split(b"\0")[:-1]:
            about, _, raw = row.partition(b"\t")
            mode, oid, stage = about.decode().split()
            path = utf8(raw)
            if mode in _REGULAR and stage == "0" and path is not None and _harmless(path):
                entries.append((oid, path))
        for begin in range(0, len(entries), _BATCH):
            self._write(root, folder, entries[begin : begin + _BATCH])

    def _write(self, root: str, folder: Path, entries: list[tuple[str, str]]) -> None:
        asked = "".join(f"{oid}\n" for oid, _ in entries).encode()
        sizes = self._git.must(root, "cat-file", "--batch-check", stdin=asked).decode().splitlines()
        small = [
            entry
            for entry, said in zip(entries, sizes, strict=True)
            if said.split()[1] == "blob" and int(said.split()[2]) <= _FILE_LIMIT
        ]
        asked = "".join(f"{oid}\n" for oid, _ in small).encode()
        answer = self._git.must(root, "cat-file", "--batch", stdin=asked)
        at = 0
        for _, path in small:
            line = answer.index(b"\n", at)
            size = int(answer[at:line].split()[2])
            content = answer[line + 1 : line + 1 + size]
            at = line + 2 + size
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

    def _must_top(self, path: str) -> str:
        top = self.top(path)
        if top is None:
            done = self._git.ask(path, "rev-parse", "--show-toplevel")
            lines = done.err.decode(errors="replace").strip().splitlines() or ["no work tree"]
            says = f"{path} lies in no git repository: {lines[-1][:300]}"
            raise Misuse("not-a-repository", says, hint=f"git init {path}", where=path)
        return top

    def _base(self, top: str, named: str | None) -> str:
        """Return the commit to compare with, the empty tree where there is none."""
        if named is not None:
            commit = self._commit(top, named)
            if commit is None:
                says = f"{named!r} is no revision of {top}"
                raise Misuse("unknown-base", says, hint=f"git -C {top} branch --all", where=top)
        else:
            commit = self._usual(top)
        if commit is None:
            empty = self._git.must(top, "hash-object", "-t", "tree", os.devnull)
            return empty.decode().strip()
        return self._git.line(top, "merge-base", commit, "HEAD") or commit

    def _usual(self, top: str) -> str | None:
        remote = self._git.line(top, "symbolic-ref", "--quiet", "refs/remotes/origin/HEAD")
        names = [*([remote] if remote else []), *(f"refs/heads/{name}" for name in _MAIN), "HEAD~1"]
        found = (self._commit(top, name) for name in names)
        return next((commit for commit in found if commit is not None), None)

    def _commit(self, top: str, name: str) -> str | None:
        if not name or "\0" in name:
            return None
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return self._git.line(top, *asked)

    def _without_filters(self, top: str) -> dict[str, str]:
        """Return settings that leave no filter of the configuration in force."""
        done = self._git.ask(top, "config", "--null", "--name-only", "--get-regexp", _FILTERS)
        names = [os.fsdecode(name) for name in done.out.split(b"\0") if name]
        return {name: "false" if name.endswith(".required") else "" for name in names}

    def _untracked(self, git: Git, top: str) -> Iterator[str]:
        asked = ("ls-files", "--others", "--exclude-standard", "-z", "--full-name")
        for raw in git.must(top, *asked).split(b"\0"):
            path = utf8(raw)
            # A folder here is a repository of its own.
            if path and not path.endswith("/"):
                yield path


def _harmless(path: str) -> bool:
    """Say whether a path of the index stays below the folder it is written to."""
    return not path.startswith("/") and not {"", ".", ".."} & set(path.split("/"))
