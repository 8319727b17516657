"""Rules about the repository as a whole that no linter knows.

No path of somebody's machine, no host of a package registry, syntax that the oldest supported
Python reads, and a reason in `docs/dependencies.md` for every direct dependency.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

OLDEST_PYTHON = (3, 11)
DEPENDENCIES = "docs/dependencies.md"
CLASSES = ("essential", "nice")

# Names that examples may use for a home folder that is nobody's.
_PLACEHOLDERS = ("user", "you", "someone")
# The patterns are put together from pieces so that this file obeys its own rule.
_MACHINE_PATH = re.compile(
    r"(?<![\w.~$})\]-])/(?:(?:root|work)/|home/(?!(?:" + "|".join(_PLACEHOLDERS) + r")\b)[a-z_])"
)
_REGISTRY_HOST = re.compile(
    r"(?<![\w-])(?:"
    + "|".join(
        re.escape(name) + r"\." + end
        for name, end in (
            ("pypi", "org"),
            ("files.pythonhosted", "org"),
            ("registry.npmjs", "org"),
            ("registry.yarnpkg", "com"),
            ("deb.debian", "org"),
            ("security.debian", "org"),
        )
    )
    + r")\b",
    re.IGNORECASE,
)


def repository_files(root: Path) -> list[str]:
    """Name every file that Git has or would take, relative to the root."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
        timeout=60,
    )
    names = listing.stdout.decode("utf-8", "surrogateescape").split("\0")
    return sorted(name for name in set(names) if name and (root / name).is_file())


def check_text(name: str, text: str) -> Iterator[str]:
    """Look for machine paths and registry hosts, line by line."""
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _MACHINE_PATH.search(line):
            yield f"{name}:{number}: names a path of one machine ({found.group()}...)"
        if found := _REGISTRY_HOST.search(line):
            yield f"{name}:{number}: names a package registry ({found.group()}); leave the host out"


def check_syntax(name: str, text: str) -> Iterator[str]:
    """Parse our Python with the grammar of the oldest supported release."""
    if not name.endswith(".py") or "/data/" in name or name.startswith("src/sps/library/"):
        return
    try:
        ast.parse(text, filename=name, feature_version=OLDEST_PYTHON)
    except SyntaxError as err:
        yield f"{name}:{err.lineno}: is no Python {'.'.join(map(str, OLDEST_PYTHON))}: {err.msg}"


def check_dependencies(root: Path) -> Iterator[str]:
    """Compare the direct dependencies with each other and with their written reasons."""
    runtime = _direct(root / "requirements.in")
    developer = _direct(root / "requirements-dev.in")
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {_normal(name) for name in project["dependencies"]}
    for name in sorted(runtime ^ declared):
        yield f"{name}: stands in only one of requirements.in and pyproject.toml"
    rows = _dependency_rows(root / DEPENDENCIES)
    for section, wanted in (("Runtime", runtime), ("Development", developer)):
        described = {_normal(cells[0]) for cells in rows.get(section, [])}
        for name in sorted(wanted - described):
            yield f"{DEPENDENCIES}: section {section} has no line for {name}"
        for name in sorted(described - wanted):
            yield f"{DEPENDENCIES}: section {section} describes {name}, no direct dependency"
        for cells in rows.get(section, []):
            if len(cells) != 4 or not all(cells) or cells[1] not in CLASSES:
                yield f"{DEPENDENCIES}: {cells[0]} wants: name, essential or nice, why, without it"


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\s<>=!~;\[]", name.strip("` "))[0]).lower()


def _direct(path: Path) -> set[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return {_normal(line) for line in lines if line.strip() and line[0] not in "#-"}


def _dependency_rows(path: Path) -> dict[str, list[list[str]]]:
    """Read the tables of the page: section title -> rows of cells, without head and rule."""
    rows: dict[str, list[list[str]]] = {}
    section = ""
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        if line.startswith("## "):
            section = line.removeprefix("## ").strip()
        elif line.startswith("|") and not line.startswith(("| name", "|---", "| ---")):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            rows.setdefault(section, []).append(cells)
    return rows


def findings(root: Path) -> list[str]:
    """Say everything in the repository that breaks a rule of this file."""
    found: list[str] = []
    for name in repository_files(root):
        content = (root / name).read_bytes()
        if b"\0" in content:
            continue
        text = content.decode("utf-8", "replace")
        found += [*check_text(name, text), *check_syntax(name, text)]
    return [*found, *check_dependencies(root)]


def main() -> int:
    """Check the repository that this script lies in; 1 when a rule is broken."""
    found = findings(Path(__file__).resolve().parent.parent)
    for line in found:
        print(line)
    print(f"repository rules: {len(found)} findings" if found else "repository rules: ok")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
