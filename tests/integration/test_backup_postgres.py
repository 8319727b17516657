"""A home whose cards are in PostgreSQL goes into one file too, and comes back whole."""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest

from sps.adapters.store_postgres.lease import PostgresLease
from sps.adapters.store_postgres.migration import migrations
from sps.adapters.store_postgres.snapshot import PostgresSnapshots
from sps.model.errors import Absent, SpsError
from sps.ports.store import Worker
from sps.services.backup_home import backup_home
from tests.fakes.postgres_server import Server, database_for, drop_database
from tests.integration.backed_up import run_sps, worked
from tests.integration.scene import Make, Scene, file, scenes

pytestmark = pytest.mark.needs("bwrap", "git", "postgres", "pg_dump", "psql")
_PASSWORD = "canary-of-a-password"


@pytest.fixture
def url(postgres: Server, tmp_path: Path) -> Iterator[str]:
    plain = database_for(tmp_path)
    yield plain.replace("//sps@", f"//sps:{_PASSWORD}@")
    drop_database(tmp_path)


@pytest.fixture
def make(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    monkeypatch.setenv("SPS_DATABASE", url)
    with scenes(tmp_path / "scenes") as build:
        yield build


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every argument that PostgreSQL's programs are given, in a file."""
    tools, words = tmp_path / "bin", tmp_path / "words"
    tools.mkdir()
    words.touch()
    for name in ("pg_dump", "pg_restore", "psql"):
        real = shutil.which(name)
        (tools / name).write_text(f'#!/bin/sh\necho "$0 $@" >> {words}\nexec {real} "$@"\n')
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    return words


def _standing(make: Make) -> Scene:
    """Two cards that wait, without any work."""
    scene = make()
    for _ in range(2):
        scene.add(file("b.txt", "b\n"), hold=True)
    scene.tick()
    return scene


def _cards(url: str) -> list[tuple[int, str]]:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT seq, state FROM sps.cards ORDER BY seq").fetchall()


def test_home_and_database_that_are_lost_come_back_and_go_on(
    make: Make, tmp_path: Path, url: str, asked: Path
) -> None:
    scene = worked(make)
    home, kept = scene.world.home.root, tmp_path / "kept.tar.gz"
    backup_home(scene.world, kept)
    assert kept.stat().st_mode & 0o777 == 0o600
    with tarfile.open(kept) as archive:
        assert {"sps.dump", "projects.json"} <= set(archive.getnames())
    scene.close()
    home.rename(tmp_path / "lost")
    with psycopg.connect(url, autocommit=True) as by_hand:
        by_hand.execute("DROP SCHEMA sps CASCADE")

    said = run_sps(home, "restore", str(kept))
    assert said.returncode == 0, said.stderr
    assert _cards(url) == [(1, "done"), (2, "planning")]
    assert not [path.name for path in home.iterdir() if "dump" in path.name or "json" in path.name]
    assert run_sps(home, "verify").returncode == 0
    assert run_sps(home, "card", "move", "p", "2", "backlog").returncode == 0
    done = run_sps(home, "tick", "p")
    assert done.returncode == 0, done.stderr
    assert scene.repo.at("b.txt") == "b"
    words = asked.read_text()
    assert all(name in words for name in ("pg_dump", "pg_restore", "psql"))
    assert _PASSWORD not in words + said.stdout + said.stderr


def test_board_that_is_there_makes_way_only_when_told_and_never_under_a_worker(
    make: Make, tmp_path: Path, url: str
) -> None:
    scene = _standing(make)
    home, kept = scene.world.home.root, tmp_path / "kept.tar.gz"
    backup_home(scene.world, kept)
    scene.add(file("c.txt", "c\n"), hold=True)
    scene.tick()
    scene.close()
    elsewhere = tmp_path / "elsewhere"
    refused = run_sps(elsewhere, "restore", str(kept))
    assert (refused.returncode, "--force" in refused.stderr) == (2, True)

    worker = PostgresLease(url, tmp_path)
    worker.take(Worker(id="w", role="worker", host="there", pid=1, started_at=1))
    busy = run_sps(elsewhere, "restore", str(kept), "--force")
    assert busy.returncode == 4, busy.stderr
    assert "w on there works on the cards" in busy.stderr
    assert (len(_cards(url)), elsewhere.exists(), (home / "id").exists()) == (3, False, True)

    worker.release()
    done = run_sps(home, "restore", str(kept), "--force", "--json")
    assert done.returncode == 0, done.stderr
    assert _cards(url) == [(1, "planning"), (2, "planning")]
    [before] = home.glob("sps.dump.before-restore-*")
    assert (
        run_sps(home, "restore", str(before)).returncode == 0
    )  # and the database alone, back again
    assert len(_cards(url)) == 3


def test_copy_that_is_not_whole_changes_nothing(make: Make, tmp_path: Path, url: str) -> None:
    scene = _standing(make)
    copy = tmp_path / "copy.dump"
    assert scene.world.snapshots.take(copy) == migrations()[-1].number
    home = scene.world.home.root
    scene.close()
    whole = copy.read_bytes()
    for content in (whole[: len(whole) // 2], whole[:200], b"PGDMP", whole.replace(b"sps", b"spz")):
        copy.write_bytes(content)
        said = run_sps(home, "restore", str(copy), "--json")
        assert said.returncode == 3, said.stdout
        assert msgspec.json.decode(said.stdout)["error"]["code"] == "database-broken"
        assert len(_cards(url)) == 2
    assert not list(home.glob("*before-restore*"))


def test_backup_of_the_other_kind_is_refused_with_what_to_type(
    make: Make, tmp_path: Path, url: str
) -> None:
    scene = _standing(make)
    kept, home = tmp_path / "kept.tar.gz", tmp_path / "fresh"
    backup_home(scene.world, kept)
    scene.close()
    said = run_sps(home, "restore", str(kept), SPS_DATABASE="")
    assert (said.returncode, "keeps its cards in PostgreSQL" in said.stderr) == (2, True)
    own = tmp_path / "own"
    assert run_sps(own, "setup", SPS_DATABASE="").returncode == 0
    in_file = tmp_path / "file.tar.gz"
    assert run_sps(own, "backup", str(in_file), SPS_DATABASE="").returncode == 0
    said = run_sps(home, "restore", str(in_file), "--force")
    assert (said.returncode, "keeps its cards in a file" in said.stderr) == (2, True)
    assert (home.exists(), len(_cards(url))) == (False, 2)


def test_without_pg_dump_the_error_names_its_package(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Absent) as caught:
        PostgresSnapshots(url).take(tmp_path / "x")
    assert (caught.value.code, caught.value.hint) == (
        "pg-dump-missing", "apt install postgresql-client"
    )  # fmt: skip
    assert not (tmp_path / "x").exists()


def test_server_that_is_not_there_is_told_without_the_password(tmp_path: Path) -> None:
    nowhere = f"postgresql://sps:{_PASSWORD}@/x?host={tmp_path}"
    for ask in (PostgresSnapshots(nowhere).there,
                lambda: PostgresSnapshots(nowhere).take(tmp_path / "x")):  # fmt: skip
        with pytest.raises(SpsError) as caught:
            ask()
        assert _PASSWORD not in str(caught.value)
