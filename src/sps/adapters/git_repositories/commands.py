"""Commands that test, lint or build, as the files of a folder name them. Nothing is run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from sps.adapters.git_repositories.python_tests import python_tests
from sps.adapters.git_repositories.tree import Folder
from sps.lib import yaml_nodes
from sps.lib.yaml_nodes import BrokenYaml, Mapping, Node, Scalar, Sequence

_TARGET = re.compile(r"^(test|check|lint|build)[ \t]*:(?!=)", re.MULTILINE)
_KINDS = {"test": "tests", "check": "check", "lint": "lint", "build": "build"}
_SCRIPTS = {
    "test": "tests", "lint": "lint", "typecheck": "types", "type-check": "types", "build": "build",
}  # fmt: skip
_PYTHON_PROJECT = frozenset({"pyproject.toml", "setup.py", "setup.cfg", "requirements.txt"})
_LOCKS = {"pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn"}
# What means something to a shell beyond words is left out: a proposal is a plain command.
_PLAIN = re.compile(r"[\w ./:=,@%+'\"\[\]*-]{3,200}")
_RUNNER = (
    r"(?:(?:npm|pnpm|yarn|bun)(?: run)? |npx |(?:uv|poetry|pdm|hatch|pipenv) run |python3? -m )?"
)
_TESTS = (
    r"pytest|unittest|tox|nox|jest|vitest|mocha|phpunit|rspec|ctest|make test|go test"
    r"|cargo (?:test|nextest)|dotnet test|(?:\./)?mvnw? (?:test|verify)"
    r"|(?:\./)?gradlew? (?:test|check)|(?<=npm )test|(?<=yarn )test|(?<=run )test"
)
_LINT = (
    r"ruff|flake8|pylint|black --check|isort --check|eslint|prettier --check|biome|go vet"
    r"|golangci-lint|cargo (?:clippy|fmt)|rubocop|shellcheck|make lint|(?<=run )lint"
)
_LOOKS = tuple(
    (kind, re.compile(rf"{_RUNNER}(?:{words})(?: |:|$)"))
    for kind, words in (
        ("tests", _TESTS),
        ("lint", _LINT),
        ("types", r"mypy|pyright|tsc|(?<=run )type-?check"),
        ("build", r"make build|go build|cargo build|dotnet build|(?<=run )build"),
        ("check", r"make check"),
    )
)


class Found(NamedTuple):
    """A command and what it is for: tests, lint, types, build, check or the name of a tool."""

    kind: str
    command: str
    file: str


def toolchains(folder: Folder) -> list[Found]:
    """Return what the folder's own languages suggest."""
    found: list[Found] = []
    for read in (_python, _node, _go, _rust):
        found += read(folder)
    return found


def make(folder: Folder) -> list[Found]:
    for name in ("GNUmakefile", "makefile", "Makefile"):
        targets = dict.fromkeys(_TARGET.findall(folder.files.get(name, "")))
        if targets:
            return [Found(_KINDS[target], f"make {target}", name) for target in targets]
    return []


def runners(folder: Folder) -> list[Found]:
    found = []
    if "tox.ini" in folder.names:
        found.append(Found("tests", "tox", "tox.ini"))
    elif "noxfile.py" in folder.names:
        found.append(Found("tests", "nox", "noxfile.py"))
    return found


def hooks(folder: Folder) -> list[Found]:
    found = []
    if ".pre-commit-config.yaml" in folder.names:
        command = "pre-commit run --all-files"
        found.append(Found("pre-commit", command, ".pre-commit-config.yaml"))
    for name in ("lefthook.yml", ".lefthook.yml", "lefthook.yaml", ".lefthook.yaml"):
        if name in folder.names:
            found.append(Found("lefthook", "lefthook run pre-commit --all-files", name))
            break
    return found


def husky(folder: Folder) -> list[Found]:
    """Return the plain commands of git hooks in `.husky/`."""
    lines = ((name, text.splitlines()) for name, text in sorted(folder.files.items()))
    return [found for name, text in lines for found in _judged(text, f".husky/{name}")]


def workflows(folder: Folder) -> list[Found]:
    """Return the plain `run:` lines of GitHub's workflows."""
    found: list[Found] = []
    for name, text in sorted(folder.files.items()):
        if name.endswith((".yml", ".yaml")):
            found += _judged(_yaml_lines(text, ("run",)), f".github/workflows/{name}")
    return found


def gitlab(folder: Folder) -> list[Found]:
    """Return the plain `script:` lines of GitLab's jobs."""
    text = folder.files.get(".gitlab-ci.yml", "")
    return _judged(_yaml_lines(text, ("script",)), ".gitlab-ci.yml")


def _python(folder: Folder) -> list[Found]:
    names = folder.names
    if not names & _PYTHON_PROJECT:
        return []
    project = _toml(folder.files.get("pyproject.toml", ""))
    tools = project.get("tool")
    tools = tools if isinstance(tools, dict) else {}
    found = []
    if tests := python_tests(folder, project):
        found.append(Found("tests", *tests))
    if "ruff" in tools or names & {"ruff.toml", ".ruff.toml"}:
        found.append(Found("lint", "ruff check .", "pyproject.toml"))
    if "mypy" in tools or "mypy.ini" in names:
        mypy = tools.get("mypy")
        files = isinstance(mypy, dict) and mypy.keys() & {"files", "packages", "modules"}
        found.append(Found("types", "mypy" if files else "mypy .", "pyproject.toml"))
    return found


def bare_python(folder: Folder) -> list[Found]:
    """Return what runs Python's tests in a folder that holds no file of a Python project."""
    some = any(not path.endswith("__init__.py") for path in folder.tests)
    if folder.names & _PYTHON_PROJECT or not some:
        return []
    tests = python_tests(folder, {})
    return [Found("tests", *tests)] if tests else []


def _toml(text: str) -> dict[str, object]:
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _node(folder: Folder) -> list[Found]:
    try:
        package = json.loads(folder.files.get("package.json", "{}"))
    except (json.JSONDecodeError, RecursionError):
        return []
    scripts = package.get("scripts") if isinstance(package, dict) else None
    if not isinstance(scripts, dict):
        return []
    tool = next((tool for lock, tool in _LOCKS.items() if lock in folder.names), "npm")
    found = []
    for script, kind in _SCRIPTS.items():
        text = scripts.get(script)
        if isinstance(text, str) and text.strip() and "no test specified" not in text:
            command = f"{tool} test" if script == "test" else f"{tool} run {script}"
            found.append(Found(kind, command, "package.json"))
    return found


def _go(folder: Folder) -> list[Found]:
    if "go.mod" not in folder.names:
        return []
    return [Found("tests", "go test ./...", "go.mod"), Found("lint", "go vet ./...", "go.mod")]


def _rust(folder: Folder) -> list[Found]:
    if "Cargo.toml" not in folder.files:
        return []
    where = "Cargo.toml"
    return [Found("tests", "cargo test", where), Found("lint", "cargo clippy", where)]


def _judged(lines: list[str], where: str) -> list[Found]:
    found = []
    for line in lines:
        command = " ".join(line.split())
        if not _PLAIN.fullmatch(command):
            continue
        kind = next((kind for kind, looks in _LOOKS if looks.match(command)), None)
        if kind:
            found.append(Found(kind, command, where))
    return found


def _yaml_lines(text: str, keys: tuple[str, ...]) -> list[str]:
    try:
        root = yaml_nodes.parse(text)
    except BrokenYaml:
        return []
    return [] if root is None else list(_texts_under(root, keys))


def _texts_under(node: Node, keys: tuple[str, ...]) -> Iterator[str]:
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _texts_under(item, keys)
    if not isinstance(node, Mapping):
        return
    if any(key.text == "working-directory" for key, _ in node):
        return  # meant for another folder
    for key, value in node:
        if key.text in keys:
            values = value.items if isinstance(value, Sequence) else (value,)
            for one in values:
                if isinstance(one, Scalar):
                    yield from one.text.splitlines()
        yield from _texts_under(value, keys)


#: In the order in which they are believed: the first that names a kind of command decides it.
GENERAL: tuple[tuple[str, Callable[[Folder], list[Found]]], ...] = (
    ("", make),
    ("", runners),
    ("", hooks),
    (".husky", husky),
    (".github/workflows", workflows),
    ("", gitlab),
)
