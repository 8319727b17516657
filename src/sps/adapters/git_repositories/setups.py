"""How a repository's dependencies are installed, as its lock files say. Nothing is run."""

from __future__ import annotations

import shlex
from typing import NamedTuple

from sps.adapters.git_repositories.command import Git
from sps.adapters.git_repositories.tree import Folder, folders
from sps.ports.vault import SetupProposal

_MOST = 6


class _Way(NamedTuple):
    """One way to install: what calls for it, the command, what it depends on and what it makes."""

    sign: str
    run: str
    also: tuple[str, ...]
    keep: tuple[str, ...]
    programs: tuple[str, ...]


_VENV = "python3 -m venv .venv && .venv/bin/pip install"
_PYTHON = (
    _Way("uv.lock", "uv sync --frozen", (".python-version",), (".venv",), ("python3", "uv")),
    _Way(
        "poetry.lock",
        "POETRY_VIRTUALENVS_IN_PROJECT=true poetry install --no-interaction",
        (),
        (".venv",),
        ("python3", "poetry"),
    ),
    _Way("requirements.txt", f"{_VENV} -r requirements.txt", (), (".venv",), ("python3",)),
)
_NODE = (
    _Way(
        "pnpm-lock.yaml",
        "pnpm install --frozen-lockfile",
        (),
        ("node_modules",),
        ("node", "pnpm"),
    ),
    _Way("yarn.lock", "yarn install --frozen-lockfile", (), ("node_modules",), ("node", "yarn")),
    _Way("package-lock.json", "npm ci", (), ("node_modules",), ("node", "npm")),
)
_GO = (_Way("go.mod", "go mod vendor", ("go.sum",), ("vendor",), ("go",)),)
_RUST = (
    _Way(
        "Cargo.lock",
        "mkdir -p .cargo && cargo vendor > .cargo/config.toml",
        (),
        ("vendor", ".cargo/config.toml"),
        ("cargo",),
    ),
)


def setups(git: Git, top: str, commit: str) -> list[SetupProposal]:
    """Return at most 6 proposals: of each language the first way that a folder calls for."""
    found = [
        _proposal(folder, way)
        for folder in folders(git, top, commit)
        if not folder.path.startswith(".")
        for ways in (_PYTHON, _NODE, _GO, _RUST)
        for way in [next((way for way in ways if way.sign in folder.names), None)]
        if way is not None and not set(way.keep) & folder.names
    ]
    return [one for one in found if one.run.isprintable()][:_MOST]


def _proposal(folder: Folder, way: _Way) -> SetupProposal:
    prefix = f"{folder.path}/" if folder.path else ""
    key = [way.sign, *(name for name in way.also if name in folder.names)]
    return SetupProposal(
        run=f"cd {shlex.quote(folder.path)} && {way.run}" if folder.path else way.run,
        key=tuple(prefix + name for name in key),
        keep=tuple(prefix + name for name in way.keep),
        programs=way.programs,
    )
