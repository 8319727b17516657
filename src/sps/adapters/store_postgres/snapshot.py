"""The tables as a file of their own, by PostgreSQL's own programs: pg_dump, pg_restore and psql."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from sps.adapters.store_postgres import failure
from sps.adapters.store_postgres.address import address_of
from sps.adapters.store_postgres.migration import migrations, schema_version
from sps.lib import process
from sps.model.errors import Absent, Held, Misuse, NewerData, SpsError, WorkFailed

_MAGIC = b"PGDMP"
_SECONDS = 4 * 3600.0
_SERVICE = "sps"
_ALIVE = "SELECT id, host FROM sps.workers WHERE expires_at > sps.now_ms() LIMIT 1"
_NUMBER = re.compile(rb"^(\d+)$", re.MULTILINE)


class PostgresSnapshots:
    """Implements `sps.ports.snapshot.Snapshots` for the tables at a URL."""

    name = "sps.dump"

    def __init__(self, url: str) -> None:
        self._address = address_of(url)

    def there(self) -> bool:
        try:
            with self._address.connect() as connection:
                return schema_version(connection) > 0
        except psycopg.Error as err:
            failure.give_up(err, self._address)

    def take(self, target: Path) -> int:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600))
        try:
            self._run(
                "pg_dump", "--format=custom", "--schema=sps", "--no-owner", "--no-privileges",
                "--lock-wait-timeout=20s", f"--file={target}", f"--dbname=service={_SERVICE}",
            )  # fmt: skip
            return self.check(target)
        except BaseException:
            target.unlink(missing_ok=True)
            raise

    def check(self, file: Path) -> int:
        try:
            self._run("pg_restore", "--file=/dev/null", str(file))  # reads all of it
            rows = self._run(
                "pg_restore", "--data-only", "--schema=sps", "--table=schema_version", "--file=-",
                str(file),
            )  # fmt: skip
        except WorkFailed as err:
            raise _broken(file, err.message) from err
        version = max((int(number) for number in _NUMBER.findall(rows)), default=0)
        if version < 1:
            raise _broken(file, "it holds no tables of SPS")
        if version > migrations()[-1].number:
            raise self._newer(file, version)
        return version

    def put_back(self, file: Path) -> None:
        self.check(file)
        self._refuse_the_living()
        with tempfile.TemporaryDirectory(prefix="sps-restore-") as folder:
            script = Path(folder) / "sps.sql"
            self._run("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(file))
            self._run(
                "psql", "--no-psqlrc", "--quiet", "--single-transaction",
                "--set=ON_ERROR_STOP=1", f"--dbname=service={_SERVICE}",
                "--command=DROP SCHEMA IF EXISTS sps CASCADE", f"--file={script}",
                "--command=SELECT count(*) FROM sps.cards",  # nothing is gone without another
            )  # fmt: skip

    def is_one(self, file: Path) -> bool:
        with file.open("rb") as opened:
            return opened.read(len(_MAGIC)) == _MAGIC

    def _refuse_the_living(self) -> None:
        """Make sure that nobody works on what is going to be replaced."""
        if not self.there():
            return
        try:
            with self._address.connect() as connection:
                found = connection.execute(_ALIVE).fetchone()
        except psycopg.errors.UndefinedTable:
            return  # older than workers are
        except psycopg.Error as err:
            failure.give_up(err, self._address)
        if found is not None:
            raise Held(
                "home-busy",
                f"{found[0]} on {found[1]} works on the cards in {self._address.shown}: stop it "
                "first (sps down there, or SIGTERM to sps worker run)",
                hint="sps worker ps",
                where=self._address.shown,
            )

    def _run(self, program: str, *words: str) -> bytes:
        """Run one of the programs; return what it wrote. Raises `Absent("pg-dump-missing")`,
        `WorkFailed("dump-failed")`."""
        found = shutil.which(program)
        if found is None:
            raise Absent(
                "pg-dump-missing",
                f"{program} was not found: cards in PostgreSQL are copied by its own programs, "
                "which come with the package postgresql-client (macOS: libpq)",
                hint="apt install postgresql-client",
            )
        with self._environment() as env:
            done = process.run([found, *words], env=env, timeout=_SECONDS)
        if done.code == 0 and not done.timed_out:
            return done.out
        said = self._address.clean(" ".join(done.err.decode("utf-8", "replace").split()))[-600:]
        if "server version mismatch" in said:
            raise Absent(
                "pg-dump-missing",
                f"this {program} is older than the server ({said}): install the package "
                "postgresql-client of the server's version",
                hint="psql --version",
            )
        raise WorkFailed(
            "dump-failed", f"{program} of {self._address.shown}: {said or f'exit {done.code}'}",
            hint="sps doctor", where=self._address.shown,
        )  # fmt: skip

    @contextlib.contextmanager
    def _environment(self) -> Iterator[dict[str, str]]:
        """Give the owner's environment, and in a file of its own, for no argument may hold a
        password, where the database is."""
        known = {name: str(value) for name, value in conninfo_to_dict(self._address.url).items()}
        if any("\n" in value for value in known.values()):
            raise Misuse("bad-database", "a value of the URL in SPS_DATABASE has a line end")
        text = "".join(f"{name}={value}\n" for name, value in known.items())
        with tempfile.TemporaryDirectory(prefix="sps-pg-") as folder:
            file = Path(folder) / "service"
            file.touch(mode=0o600)
            file.write_text(f"[{_SERVICE}]\n{text}", encoding="utf-8")
            own = {"PGSERVICEFILE": str(file), "LC_ALL": "C", "PGCONNECT_TIMEOUT": "10"}
            yield {**os.environ, **own}

    def _newer(self, file: Path, version: int) -> NewerData:
        return NewerData(
            "newer-data",
            f"{file} has schema {version}, this program knows {migrations()[-1].number}",
            hint="install the version of sps that wrote it, or a newer one",
            where=str(file),
        )


def _broken(file: Path, why: str) -> SpsError:
    return Absent(
        "database-broken", f"{file} is no whole copy of a database: {why}",
        hint="sps restore OTHER", where=str(file),
    )  # fmt: skip
