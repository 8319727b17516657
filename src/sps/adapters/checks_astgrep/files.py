"""The files of a change and of the tree around it. Nothing is read through a link."""

from __future__ import annotations

import functools
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from sps.adapters.checks_astgrep.globs import any_match
from sps.lib import plain_file

FILE_LIMIT = 1024 * 1024
_CACHE = 128 * 1024 * 1024  # characters of text kept in memory
_PATHS = 100_000

#: Never looked into when a tree is searched: what others wrote, or what was made from the rest.
_FOREIGN = frozenset({
    ".git", ".hg", ".svn", ".jj", "node_modules", "bower_components", "vendor", "third_party",
    "site-packages", ".venv", "venv", "__pycache__", ".tox", ".nox", ".mypy_cache", ".ruff_cache",
    ".pytest_cache", "dist", "build", "target", ".next", ".nuxt", ".gradle", "Pods", "generated",
    "__generated__", "_vendor", "vendored", ".terraform", "coverage",
})  # fmt: skip
_ASIDE = frozenset({
    "test", "tests", "testing", "__tests__", "spec", "specs", "e2e", "testdata", "test-data",
    "fixture", "fixtures", "__fixtures__", "__mocks__", "mocks", "example", "examples", "samples",
    "sample", "demo", "demos", "doc", "docs", "androidTest", "benchmark", "benchmarks",
})  # fmt: skip
_ASIDE_FILE = re.compile(
    r"(test_[^/]*|[^/]*_tests?|[^/]*_spec|conftest)\.\w+|[^/]*\.(test|spec|stories|e2e)\.\w+"
    r"|[^/]*(Test|Tests|Spec|IT)\.(java|kt|kts|swift|cs|scala|groovy|php)"
)
_GENERATED_FILE = re.compile(
    r"[^/]*(_pb2(_grpc)?\.pyi?|\.pb\.go|_generated\.\w+|\.gen\.\w+|\.generated\.\w+"
    r"|\.min\.(js|css)|\.bundle\.js|\.d\.ts|-lock\.(json|yaml)|\.g\.dart)"
)


class Files:
    """Texts by path relative to `root`, and the lines that a change adds to them."""

    def __init__(
        self, root: str, added: dict[str, tuple[tuple[int, int], ...]], *, everything: bool = False
    ) -> None:
        """`everything`: no kind of file is left out by default, as in the cases of a check."""
        self.root = Path(os.path.realpath(root))
        self.added = added
        self.whole = True  #: whether `tree` knows all paths
        self._everything = everything
        self._texts: dict[str, str | None] = {}
        self._split: tuple[str, list[str]] = ("", [""])
        self._cached = 0
        self._tree: tuple[str, ...] | None = None
        self._folders: dict[str, bool] = {"": True}

    @property
    def tree(self) -> tuple[str, ...]:
        """All paths below the root but those of foreign and generated folders, sorted."""
        if self._tree is None:
            found = set(self._walk())
            found.update(self.added)
            self._tree = tuple(sorted(found))
        return self._tree

    def text(self, path: str) -> str | None:
        """Return a file's text, None when there is no readable one: a link, too large, no UTF-8."""
        if path in self._texts:
            return self._texts[path]
        text = self._read(path)
        if self._cached < _CACHE:
            self._texts[path] = text
            self._cached += len(text or "")
        return text

    def lines(self, path: str) -> list[str]:
        """Return the lines of a file, the last one asked for being remembered."""
        if self._split[0] != path:
            text = self.text(path) or ""
            self._split = (path, text.replace("\r\n", "\n").split("\n"))
        return self._split[1]

    def touched(self, path: str, first: int, last: int) -> bool:
        """Say whether the change adds one of these lines."""
        return any(low <= last and first <= high for low, high in self.added.get(path, ()))

    def wanted(self, path: str, *, globs: tuple[str, ...], excluded: tuple[str, ...],
               tests: bool) -> bool:  # fmt: skip
        """Say whether a check with these globs looks at a path; no globs name all of them."""
        if globs and not any_match(path, globs):
            return False
        if excluded and any_match(path, excluded):
            return False
        return tests or self._everything or not aside(path)

    def _walk(self) -> Iterator[str]:
        count = 0
        for folder, names, files in os.walk(self.root, followlinks=False):
            names[:] = sorted(set(names) - _FOREIGN)
            below = os.path.relpath(folder, self.root)
            prefix = "" if below == "." else below.replace(os.sep, "/") + "/"
            for name in files:
                count += 1
                if count > _PATHS:
                    self.whole = False
                    return
                yield prefix + name

    def _read(self, path: str) -> str | None:
        folder, _, name = path.rpartition("/")
        if name in {"", ".", ".."} or "\0" in path or not self._inside(folder):
            return None
        try:
            content, _ = plain_file.read(self.root / path, FILE_LIMIT)
            text = content.decode("utf-8-sig")
        except (plain_file.NotPlain, plain_file.TooLarge, OSError, UnicodeDecodeError):
            return None
        return None if "\0" in text else text

    def _inside(self, folder: str) -> bool:
        """Say whether every part of a folder's path is a folder, and no link."""
        known = self._folders.get(folder)
        if known is None:
            above, _, name = folder.rpartition("/")
            try:
                mode = os.lstat(self.root / folder).st_mode
                plain = stat.S_ISDIR(mode) and name not in {"", ".", ".."} and folder[0] != "/"
            except OSError:
                plain = False
            known = self._folders[folder] = plain and self._inside(above)
        return known


@functools.cache
def aside(path: str) -> bool:
    """Say whether a path is a test, a fixture, an example, a document, or not the project's own."""
    *folders, name = path.split("/")
    if any(folder in _ASIDE or folder in _FOREIGN for folder in folders):
        return True
    return bool(_ASIDE_FILE.fullmatch(name) or _GENERATED_FILE.fullmatch(name))
