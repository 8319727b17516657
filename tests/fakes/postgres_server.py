"""A PostgreSQL server of our own, thrown away with the tests: one cluster, a database for each use.

It listens on a unix socket in its folder only, runs as an ordinary user also when the tests run as
root, and ends with whoever started it.
"""

from __future__ import annotations

import contextlib
import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import psycopg

VARIABLE = "SPS_TEST_POSTGRES"  #: tells child processes where the server of the tests listens
_PLACES = ("/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/pgsql-*/bin")
_SETTINGS = ("listen_addresses=", "fsync=off", "max_connections=200", "log_min_messages=fatal")
_PATIENCE_S = 60.0


def program(name: str) -> str | None:
    """Find a server program: Debian keeps them off the PATH."""
    found = [folder for place in _PLACES for folder in sorted(glob.glob(place), reverse=True)]
    return next((path for one in found if (path := shutil.which(name, path=one))), None) or (
        shutil.which(name)
    )


def missing() -> str | None:
    """Why no server can be run here; None when one can."""
    for name in ("initdb", "postgres"):
        if program(name) is None:
            return f"{name} of PostgreSQL is not installed"
    if os.geteuid() == 0 and (_user() is None or shutil.which("setpriv") is None):
        return "as root, a server needs another user (postgres, nobody) and the program setpriv"
    return None


def _user() -> pwd.struct_passwd | None:
    """Who runs the server when we are root, which it refuses."""
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    return None


class Server:
    """A cluster in a folder of its own; `start` and `stop` may be called again and again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._data = folder / "data"
        self._process: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        """Lay out the cluster."""
        user = _user()
        if os.geteuid() == 0 and user is not None:
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        command = ["-D", self._data, "-A", "trust", "-U", "sps", "-E", "UTF8", "--no-sync"]
        subprocess.run(
            [*self._as_user(), program("initdb"), *command, "--locale=C"],
            check=True, capture_output=True, timeout=_PATIENCE_S, cwd=self.folder,
        )  # fmt: skip

    def start(self) -> None:
        """Run the server and wait until it answers."""
        settings = [f"unix_socket_directories={self.folder}", *_SETTINGS]
        options = [word for setting in settings for word in ("-c", setting)]
        self._process = subprocess.Popen(
            [*self._as_user(), program("postgres"), "-D", self._data, *options],
            cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        end = time.monotonic() + _PATIENCE_S
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > end or self._process.poll() is not None:
                    raise
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server: by default at once and in good order, its clients cut off; with SIGQUIT
        as in a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_PATIENCE_S)
            self._process = None

    def url(self, database: str) -> str:
        return f"postgresql://sps@/{database}?host={self.folder}"

    def _as_user(self) -> list[str]:
        """The words in front of a command: not as root, and gone with us."""
        if shutil.which("setpriv") is None:
            return []
        words = ["setpriv", "--pdeathsig", "INT"]
        user = _user()
        if os.geteuid() != 0 or user is None:
            return words
        return [*words, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


@contextlib.contextmanager
def server() -> Iterator[Server]:
    """Run a server while inside; child processes find it by the environment."""
    folder = Path(tempfile.mkdtemp(prefix="sps-pg-"))
    made = Server(folder)
    before = os.environ.get(VARIABLE)
    try:
        made.make()
        made.start()
        os.environ[VARIABLE] = made.url("postgres")
        yield made
    finally:
        os.environ.pop(VARIABLE, None)
        if before is not None:
            os.environ[VARIABLE] = before
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


def database_for(folder: Path) -> str:
    """Return the URL of the database that belongs to a folder, made when it is not there."""
    name = f"t{sha256(os.fsencode(folder)).hexdigest()[:20]}"
    main = os.environ[VARIABLE]
    with psycopg.connect(main, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
        if known.fetchone() is None:
            connection.execute(f"CREATE DATABASE {name}".encode())
    return main.replace("/postgres?", f"/{name}?")


def drop_database(folder: Path) -> None:
    """Remove the database that belongs to a folder, whoever still uses it."""
    name = f"t{sha256(os.fsencode(folder)).hexdigest()[:20]}"
    with psycopg.connect(os.environ[VARIABLE], autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
