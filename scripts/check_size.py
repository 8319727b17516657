"""The size gate: files and functions stay small enough to be read in one go.

An exception stands in `scripts/size_exceptions.txt`, one a line: `path[:function] limit reason`.
One that is no longer needed fails too, so that the list only holds what is true.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FILE_LINES = 400
TEST_FILE_LINES = 600
FUNCTION_LINES = 50
FOLDERS = ("src", "scripts", "tests")
# Example code of skills and data of tests are read by programs.
SKIPPED = ("/src/sps/library/", "/data/")
EXCEPTIONS = "scripts/size_exceptions.txt"


@dataclass(frozen=True)
class Measure:
    """One file or function: `where` is `path` or `path:function`, sizes are in lines."""

    where: str
    lines: int
    limit: int


@dataclass
class Exceptions:
    """What may be larger, and what was wrong with the list itself."""

    limits: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def measure(root: Path) -> Iterator[Measure]:
    """Measure every Python file and every function below the checked folders."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            if not any(part in f"/{name}" for part in SKIPPED):
                yield from _measure_file(path, name)


def _measure_file(path: Path, name: str) -> Iterator[Measure]:
    text = path.read_text(encoding="utf-8")
    limit = TEST_FILE_LINES if name.startswith("tests/") else FILE_LINES
    yield Measure(name, len(text.splitlines()), limit)
    try:
        tree = ast.parse(text, filename=name)
    except SyntaxError:
        return  # check_repository.py reports it with its line
    yield from _measure_functions(tree, f"{name}:")


def _measure_functions(node: ast.AST, prefix: str) -> Iterator[Measure]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            where = prefix + child.name
            yield Measure(where, (child.end_lineno or 0) - child.lineno + 1, FUNCTION_LINES)
            yield from _measure_functions(child, f"{where}.")
        elif isinstance(child, ast.ClassDef):
            yield from _measure_functions(child, f"{prefix}{child.name}.")
        else:
            yield from _measure_functions(child, prefix)


def read_exceptions(root: Path) -> Exceptions:
    """Read the list of exceptions; a line without a limit or a reason is a problem."""
    found = Exceptions()
    listing = root / EXCEPTIONS
    lines = listing.read_text(encoding="utf-8").splitlines() if listing.exists() else []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        words = line.split(maxsplit=2)
        if len(words) < 3 or not words[1].isdigit():
            found.problems.append(f"{EXCEPTIONS}:{number}: wants `path[:function] limit reason`")
            continue
        found.limits[words[0]] = int(words[1])
    return found


def findings(root: Path) -> list[str]:
    """Say what is too large, and which exceptions nothing needs any more."""
    exceptions = read_exceptions(root)
    found = list(exceptions.problems)
    needed: set[str] = set()
    for size in measure(root):
        if size.lines <= size.limit:
            continue
        needed.add(size.where)
        limit = exceptions.limits.get(size.where, size.limit)
        if size.lines > limit:
            found.append(f"{size.where}: {size.lines} lines, the limit is {limit}; split it")
    found += [
        f"{EXCEPTIONS}: {where} keeps the usual limit (or is gone); remove its line"
        for where in sorted(exceptions.limits.keys() - needed)
    ]
    return found


def main() -> int:
    """Check the repository that this script lies in; 1 when something is too large."""
    found = findings(Path(__file__).resolve().parent.parent)
    for line in found:
        print(line)
    print(f"size gate: {len(found)} findings" if found else "size gate: ok")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
