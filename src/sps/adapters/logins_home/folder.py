"""Where a home keeps the login of one agent kind."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from sps.lib import atomic, below, plain_file
from sps.lib.lock import held
from sps.ports.agent import AgentKind

LARGEST = 1024**2  # bytes of a login file
_PATIENCE = 30.0  # seconds for another process to finish a write
_OWN = ".sps"


class LoginFolder:
    """The folder of a kind: HOME of its vendor's login, and below `.sps` what is ours."""

    def __init__(self, root: Path, kind: AgentKind) -> None:
        self.root = root / kind.name
        self.files = kind.login_files

    @property
    def lent(self) -> Path:
        """A folder for each session that has the login now."""
        return self.root / _OWN / "lent"

    @property
    def turn(self) -> Path:
        """Held by the one session that may renew a login which cannot be shared."""
        return self.root / _OWN / "turn.lock"

    @property
    def _keys(self) -> Path:
        return self.root / _OWN / "keys.json"

    def make(self) -> None:
        """Make it, readable by its owner only."""
        for folder in (self.root.parent, self.root, self.root / _OWN, self.lent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root.chmod(0o700)

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Be the only one who changes it. Raises `TimeoutError`."""
        with held(self.root / _OWN / "write.lock", seconds=_PATIENCE):
            yield

    def read(self, name: str) -> tuple[bytes, float] | None:
        """Return content and time (seconds) of a login file, None when there is none."""
        return read_file(self.root, name)

    def write(self, name: str, content: bytes) -> None:
        below.write(self.root, name, content)

    def variables(self) -> dict[str, str]:
        """Return the variables that are kept here."""
        try:
            content, _ = plain_file.read(self._keys, LARGEST)
            return msgspec.json.decode(content, type=dict[str, str])
        except (OSError, plain_file.NotPlain, plain_file.TooLarge, msgspec.DecodeError):
            return {}

    def write_variables(self, keys: dict[str, str]) -> None:
        atomic.write(self._keys, msgspec.json.encode(keys))

    def kept(self) -> list[str]:
        """Return the names of the keys and login files that are kept."""
        return [*self.variables(), *(name for name in self.files if self.read(name))]

    def forget(self) -> list[str]:
        """Remove files and keys; return their names."""
        gone = [name for name in self.files if below.remove(self.root, name)] if self.exists else []
        gone += self.variables()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._keys)
        return gone

    @property
    def exists(self) -> bool:
        return self.root.is_dir()


def read_file(root: Path, name: str) -> tuple[bytes, float] | None:
    """Return content and time of a plain file below a folder, None for anything else."""
    try:
        content, status = below.read(root, name, LARGEST)
    except (OSError, plain_file.NotPlain, plain_file.TooLarge):
        return None
    return content, status.st_mtime
