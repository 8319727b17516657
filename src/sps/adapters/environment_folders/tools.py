"""Toolchains of the owner that lie outside /usr: which may be shown to a sandbox, and as what."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import stat
from pathlib import Path

from sps.lib.runtime import SYSTEM_PATH
from sps.model.errors import Misuse
from sps.ports.environments import Toolbox

_PROGRAMS = (
    "python3", "python", "pip3", "uv", "poetry", "node", "npm", "pnpm", "yarn", "bun", "go",
    "cargo", "rustc", "ruby", "bundle", "java", "php", "composer", "dotnet", "gcc", "cc", "make",
)  # fmt: skip
_BINS = ("bin", "shims")
_VARIABLES = {
    ".asdf": "ASDF_DATA_DIR", ".nvm": "NVM_DIR", ".pyenv": "PYENV_ROOT", ".rustup": "RUSTUP_HOME",
}  # fmt: skip
_CREDENTIALS = (
    "credentials", "credentials.toml", "auth.json", ".npmrc", ".netrc", ".pypirc",
    ".git-credentials", ".env", ".envrc", "etc/npmrc", "pip.conf",
)  # fmt: skip
_SECRETS = (
    ".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".password-store", ".pki", ".mozilla",
    ".thunderbird", ".config/gcloud", ".config/gh", ".config/google-chrome",
    ".local/share/keyrings", ".netrc", ".git-credentials", ".claude", ".codex", ".gemini",
    "Library",
)  # fmt: skip
_NOT_SHOWN = ("/", "/home", "/root", "/tmp", "/var", "/run", "/opt", "/mnt", "/media", "/srv")  # noqa: S108
_SYSTEM = ("/etc", "/proc", "/sys", "/dev", "/boot", "/run", "/var/run", "/var/lib")
_VERSIONS = ("version", "alias/default")  # where version managers note their choice


def toolbox(tools: tuple[str, ...], *, protected: Path) -> Toolbox:
    """Look the folders up. `protected` is the home of SPS. Raises `Misuse("bad-tool")`."""
    folders: list[str] = []
    for tool in tools:
        folder = canonical(tool, protected)
        if folder not in folders:
            folders.append(folder)
    path = [place for folder in folders for place in bins(folder)]
    return Toolbox(
        folders=tuple(folders),
        hidden=tuple(
            os.path.join(folder, name)
            for folder in folders
            for name in _CREDENTIALS
            if os.path.isfile(os.path.join(folder, name))
        ),
        path=tuple(path),
        env={
            _VARIABLES[os.path.basename(folder)]: folder
            for folder in folders
            if os.path.basename(folder) in _VARIABLES
        },
        identity=_identity(folders, path),
    )


def bins(folder: str) -> list[str]:
    """Return the folders of programs of a toolchain: its `bin` and `shims`, or itself."""
    inner = [os.path.join(folder, name) for name in _BINS]
    found = [place for place in inner if os.path.isdir(place)]
    return found + ([folder] if os.path.basename(folder) in _BINS else [])


def canonical(tool: str, protected: Path) -> str:
    """Return where a folder really lies. Raises `Misuse("bad-tool")` for one that is not shown."""
    home = os.path.realpath(os.path.expanduser("~"))
    real = os.path.realpath(os.path.expanduser(tool))
    if not os.path.isdir(real):
        raise _bad(tool, "there is no such folder on this machine")
    own = os.path.realpath(protected)
    if below(own, real) or below(real, own):
        raise _bad(tool, "the home of SPS is not shown, nor what it lies in")
    if real in _NOT_SHOWN or below(home, real):
        raise _bad(tool, "it is too wide: a home folder or the whole machine would be shown")
    secrets = [os.path.realpath(os.path.join(home, name)) for name in _SECRETS]
    if any(below(real, secret) or below(secret, real) for secret in secrets):
        raise _bad(tool, "credentials lie there")
    if any(below(real, folder) for folder in _SYSTEM):
        raise _bad(tool, "it belongs to the system")
    return real


def _bad(tool: str, why: str) -> Misuse:
    return Misuse(
        "bad-tool",
        f"environment.tools: {tool} cannot be used: {why}",
        hint="name the one folder of the toolchain, such as ~/.cargo, or take the line out",
    )


def below(path: str, top: str) -> bool:
    """Whether a path is this one or lies under it."""
    return path == top or path.startswith(top.rstrip("/") + "/")


def _identity(folders: list[str], path: list[str]) -> str:
    """Return a hash that changes with the machine, the toolchains and their chosen versions."""
    found = [platform.system(), platform.machine(), *folders]
    search = ":".join((*path, SYSTEM_PATH))
    for program in _PROGRAMS:
        real = os.path.realpath(shutil.which(program, path=search) or "")
        found += [program, real, *_looks(real)]
    for folder in folders:
        for name in _VERSIONS:
            found += _looks(os.path.join(folder, name))
    return hashlib.sha256("\0".join(found).encode("utf-8", "surrogateescape")).hexdigest()


def _looks(path: str) -> list[str]:
    try:
        facts = os.stat(path)
    except OSError:
        return []
    return [str(facts.st_size), str(facts.st_mtime_ns)] if stat.S_ISREG(facts.st_mode) else []
