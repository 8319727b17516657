"""Toolchains of the owner that lie outside /usr: which may be shown to a sandbox, and as what."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import stat
from pathlib import Path

from sps.lib import process
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
_ASK = {
    "python": ("-c", "import sys; print(sys.base_prefix)"),
    "node": ("-p", "require('path').dirname(require('path').dirname(process.execPath))"),
}
_PATIENCE = 10.0


def toolbox(tools: tuple[str, ...], *, protected: Path) -> Toolbox:
    """Look the folders up. `protected` is the home of SPS. Raises `Misuse("bad-tool")`."""
    folders: list[str] = []
    for tool in tools:
        folder = _canonical(tool, protected)
        if folder not in folders:
            folders.append(folder)
    path = [
        os.path.join(folder, name)
        for folder in folders
        for name in _BINS
        if os.path.isdir(os.path.join(folder, name))
    ]
    path += [folder for folder in folders if os.path.basename(folder) in _BINS]
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


def outside(program: str) -> tuple[str, ...]:
    """Return the folders that `tools` has to name so that a program of the owner's PATH works in a
    sandbox; none when it is not there or lies in the system."""
    found = shutil.which(program)
    if found is None:
        return ()
    real = _behind_the_shim(program, found)
    if real.is_relative_to("/usr") or real.is_relative_to("/nix/store"):
        return ()
    needed = [real]
    if real.name == ".cargo":  # its programs stand for those of a toolchain beside it
        needed += [folder for folder in (real.with_name(".rustup"),) if folder.is_dir()]
    home = os.path.expanduser("~")
    return tuple(
        f"~{path[len(home) :]}" if path.startswith(f"{home}/") else path
        for path in map(str, needed)
    )


def _behind_the_shim(program: str, found: str) -> Path:
    """Return the installation that a program belongs to. Version managers put a script in front of
    it, so the program itself is asked, where nobody else's folder can answer."""
    ask = next((words for name, words in _ASK.items() if program.startswith(name)), None)
    if ask is not None:
        try:
            done = process.run((found, *ask), env=dict(os.environ), cwd="/", timeout=_PATIENCE)
        except OSError:
            done = None
        said = Path(os.fsdecode(done.out.strip())) if done is not None and done.code == 0 else None
        if said is not None and said.is_absolute() and said.is_dir():
            return said
    folder = Path(os.path.realpath(found)).parent
    return folder.parent if folder.name in _BINS else folder


def _canonical(tool: str, protected: Path) -> str:
    home = os.path.realpath(os.path.expanduser("~"))
    real = os.path.realpath(os.path.expanduser(tool))
    if not os.path.isdir(real):
        raise _bad(tool, "there is no such folder on this machine")
    own = os.path.realpath(protected)
    if _below(own, real) or _below(real, own):
        raise _bad(tool, "the home of SPS is not shown, nor what it lies in")
    if real in _NOT_SHOWN or _below(home, real):
        raise _bad(tool, "it is too wide: a home folder or the whole machine would be shown")
    secrets = [os.path.realpath(os.path.join(home, name)) for name in _SECRETS]
    if any(_below(real, secret) or _below(secret, real) for secret in secrets):
        raise _bad(tool, "credentials lie there")
    if any(_below(real, folder) for folder in _SYSTEM):
        raise _bad(tool, "it belongs to the system")
    return real


def _bad(tool: str, why: str) -> Misuse:
    return Misuse(
        "bad-tool",
        f"environment.tools: {tool} cannot be used: {why}",
        hint="name the one folder of the toolchain, such as ~/.cargo, or take the line out",
    )


def _below(path: str, top: str) -> bool:
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
