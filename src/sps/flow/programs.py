"""Which files of a repository a shell command runs. A reading of words, not of a shell: it may find
too much, which costs a look, and it follows the forms that gates are written in."""

from __future__ import annotations

import posixpath
import re

_RUNNERS = frozenset(
    ("bash", "sh", "dash", "zsh", "env", "exec", "time", "timeout", "nice", "command", "xvfb-run",
     "python", "python3", "node", "deno", "bun", "tsx", "ruby", "perl", "php", "uv", "run", "npx",
     "poetry", "pipenv", "hatch", "pdm")
)  # fmt: skip
_TASK_FILES = {
    "make": ("Makefile", "makefile", "GNUmakefile"),
    "just": ("justfile", ".justfile", "Justfile"),
    "task": ("Taskfile.yml", "Taskfile.yaml"),
}


def run_by(command: str) -> frozenset[str]:
    """Return the paths that a command runs: the first word of each part, what a runner is given,
    the file behind `-m module`; relative to the repository, `cd folder &&` included."""
    found: set[str] = set()
    folder = ""
    for part in re.split(r"[;&|()\n]+", command):
        words = [word.strip("'\"") for word in part.split() if "=" not in word]
        if words[:1] == ["cd"]:
            folder = posixpath.join(folder, words[1] if len(words) > 1 else "")
            continue
        found |= {posixpath.normpath(posixpath.join(folder, name)) for name in _program(words)}
    return frozenset(found)


def task_files(command: str) -> tuple[str, ...]:
    """Return the names of the task files that a command reads."""
    first = {posixpath.basename(path) for path in run_by(command)}
    return tuple(name for tool, names in _TASK_FILES.items() if tool in first for name in names)


def _program(words: list[str]) -> list[str]:
    """Return the candidates for what one part of a command runs."""
    module = False
    for word in words:
        if module:
            path = word.replace(".", "/")
            return [f"{path}.py", f"{path}/__main__.py"]
        module = word == "-m"
        plain = not word.startswith("-") and not re.fullmatch(r"[\d.]+[smhd]?", word)
        if plain and posixpath.basename(word) not in _RUNNERS:
            return [word]
    return []
