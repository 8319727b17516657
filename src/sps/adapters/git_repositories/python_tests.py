"""With what a Python project runs its tests, by the evidence of its files."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple

from sps.adapters.git_repositories.tree import TEST_FOLDERS, Folder

_PYTEST = "python3 -m pytest -q"
_REQUIRED = re.compile(r"^\s*[\"']?pytest(?:[-_][\w-]+)?(?![\w-])", re.MULTILINE | re.IGNORECASE)
_SECTIONS = {"setup.cfg": "[tool:pytest]", "tox.ini": "[pytest]"}
_IMPORTS = {
    name: re.compile(rf"^\s*(?:import|from)\s+{name}\b", re.MULTILINE)
    for name in ("pytest", "unittest")
}


class PythonTests(NamedTuple):
    """The command, and the file that calls for it."""

    command: str
    file: str


def python_tests(folder: Folder, project: dict[str, object]) -> PythonTests | None:
    """Return what runs the tests of a folder, None where nothing speaks of tests. `project` is its
    pyproject.toml. What is set up for pytest counts more than what the tests import."""
    if posixpath.basename(folder.path) in TEST_FOLDERS:
        return None  # they belong to the folder above
    for file in (*_set_up(folder, project), *_importing(folder, "pytest")):
        return PythonTests(_PYTEST, file)
    for file in _importing(folder, "unittest"):
        return PythonTests(_unittest(folder, file), file)
    there = sorted(folder.names & TEST_FOLDERS) + [
        path for path in sorted(folder.tests) if not path.endswith("__init__.py")
    ]
    return PythonTests(_PYTEST, there[0]) if there else None


def _set_up(folder: Folder, project: dict[str, object]) -> Iterator[str]:
    tools = project.get("tool")
    if isinstance(tools, dict) and "pytest" in tools:
        yield "pyproject.toml"
    yield from sorted(folder.names & {"pytest.ini", ".pytest.ini", "conftest.py"})
    yield from (path for path in folder.tests if posixpath.basename(path) == "conftest.py")
    for name, section in _SECTIONS.items():
        if section in folder.files.get(name, ""):
            yield name
    if any(_REQUIRED.match(text) for text in _texts(project)):
        yield "pyproject.toml"
    for name, text in sorted(folder.files.items()):
        lists = name.startswith("requirements") or name == "setup.cfg"
        if lists and _REQUIRED.search(text):
            yield name


def _importing(folder: Folder, module: str) -> Iterator[str]:
    return (path for path, text in sorted(folder.tests.items()) if _IMPORTS[module].search(text))


def _texts(value: object) -> Iterator[str]:
    """Give each text and each key in a value, which is where requirements stand."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield str(key)
            yield from _texts(one)


def _unittest(folder: Folder, file: str) -> str:
    """Return the command that finds such tests: unittest looks for test*.py, and only into folders
    that are packages. Packages below `src` it has to be shown; pytest has a setting for that."""
    where, name = posixpath.split(file)
    start = f" -s {where}" if where and f"{where}/__init__.py" not in folder.tests else ""
    named = "" if name.startswith("test") else " -p '*_test.py'"
    found = f"{start}{named}"
    shown = "PYTHONPATH=src " if "src" in folder.names else ""
    return f"{shown}python3 -m unittest{f' discover{found}' if found else ''}"
