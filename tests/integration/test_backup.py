"""A home goes into one file and comes back; an upgrade can be undone and survives a kill."""

from __future__ import annotations

import http.client
import io
import signal
import sqlite3
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from sps.adapters.store_sqlite import snapshot
from sps.adapters.store_sqlite.migration import fresh, migrations
from sps.bootstrap import open_world
from sps.model.errors import Held, Misuse, NewerData
from sps.services.backup_home import MANIFEST, backup_home
from sps.services.restore_home import unpack
from sps.services.settings import change_settings
from sps.services.verify import verify
from tests.integration.backed_up import run_sps, worked
from tests.integration.scene import Make, Scene, file, scenes, until

pytestmark = pytest.mark.needs("bwrap", "git")


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with scenes(tmp_path) as build:
        yield build


def _ready(home: Path) -> bool:
    """Whether the daemon works: it answers before it has opened everything."""
    port = msgspec.json.decode((home / "daemon.json").read_bytes())["port"]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _older(home: Path) -> int:
    """Let a home be of the schema before the last, with the rows it has; return its number."""
    steps = migrations()[:-1]
    old, now = fresh(steps), sqlite3.connect(home / "sps.db", timeout=20)
    guards = old.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in guards:
        old.execute(f"DROP TRIGGER {name}")
    tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    for (table,) in old.execute(tables).fetchall():
        names = [column[1] for column in old.execute(f"PRAGMA table_info({table})")]
        rows = now.execute(f"SELECT {', '.join(names)} FROM {table}").fetchall()
        marks = ", ".join("?" for _ in names)
        old.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)
    for _, guard in guards:
        old.execute(guard)
    old.backup(now)
    old.close()
    now.close()
    return steps[-1].number


def _of_an_older_program(home: Path) -> None:
    info = msgspec.json.decode((home / "daemon.json").read_bytes())
    (home / "daemon.json").write_bytes(msgspec.json.encode({**info, "version": "0.0.1"}))


def test_a_home_that_is_lost_comes_back_whole(make: Make, tmp_path: Path) -> None:
    scene = worked(make)
    home = scene.world.home.root
    kept = tmp_path / "kept.tar.gz"
    done = backup_home(scene.world, kept)
    assert done.projects == ["p"]
    assert kept.stat().st_mode & 0o777 == 0o600
    tips = scene.vault("for-each-ref")
    scene.close()
    home.rename(tmp_path / "lost")

    said = run_sps(home, "restore", str(kept))
    assert said.returncode == 0, said.stderr
    world = open_world(home)
    try:
        assert verify(world).ok
    finally:
        world.store.close()
    again = Scene.__new__(Scene)
    again.world = open_world(home)
    assert again.vault("for-each-ref") == tips
    assert again.states() == {1: "done", 2: "planning"}
    again.world.store.close()
    assert run_sps(home, "card", "move", "p", "2", "backlog").returncode == 0
    assert run_sps(home, "tick", "p").returncode == 0
    assert scene.repo.at("b.txt") == "b"


def test_a_project_on_a_shallow_clone_comes_back_too(make: Make, tmp_path: Path) -> None:
    scene = make()
    scene.repo.commit({"more.txt": "more\n"})
    shallow = tmp_path / "shallow"
    scene.repo.git("clone", "-q", "--depth=1", f"file://{scene.repo.path}", str(shallow))
    scene.project("cut", shallow)
    home, kept = scene.world.home.root, tmp_path / "kept.tar.gz"
    backup_home(scene.world, kept)
    scene.close()

    said = run_sps(home, "restore", str(kept), "--force")
    assert said.returncode == 0, said.stderr
    assert run_sps(home, "verify").returncode == 0
    assert run_sps(home, "card", "add", "cut", "More", file("b.txt", "b\n")).returncode == 0
    assert run_sps(home, "tick", "cut").returncode == 0
    show = ["git", "show", "main:b.txt"]
    landed = subprocess.run(show, cwd=shallow, capture_output=True, check=True)
    assert landed.stdout == b"b\n"


def test_a_home_that_is_there_is_moved_aside_only_when_told(make: Make, tmp_path: Path) -> None:
    scene = worked(make)
    home = scene.world.home.root
    kept = tmp_path / "kept.tar.gz"
    assert run_sps(home, "backup", str(kept)).returncode == 0
    refused = run_sps(home, "restore", str(kept))
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    scene.close()
    done = run_sps(home, "restore", str(kept), "--force", "--json")
    assert done.returncode == 0, done.stderr
    before = Path(msgspec.json.decode(done.stdout)["kept"])
    assert (before / "sps.db").is_file()
    assert run_sps(home, "verify").returncode == 0


def test_what_was_kept_by_a_restore_in_the_same_second_stays(make: Make, tmp_path: Path) -> None:
    scene = worked(make)
    home, copy, kept = scene.world.home.root, tmp_path / "copy.db", tmp_path / "kept.tar.gz"
    scene.world.snapshots.take(copy)
    backup_home(scene.world, kept)
    scene.close()
    mine = []
    for second in range(60):  # whenever it comes, there was one before
        stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(time.time() + second))
        mine += [home / f"sps.db.before-restore-{stamp}", Path(f"{home}.before-restore-{stamp}/x")]
    for path in mine:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    done = run_sps(home, "restore", str(copy), "--json")
    assert done.returncode == 0, done.stderr
    new = Path(msgspec.json.decode(done.stdout)["kept"])
    assert (new in mine, new.read_bytes()[:15]) == (False, b"SQLite format 3")
    assert {path.read_text() for path in mine} == {"mine"}
    done = run_sps(home, "restore", str(kept), "--force", "--json")
    assert done.returncode == 0, done.stderr
    before = Path(msgspec.json.decode(done.stdout)["kept"])
    assert (before / new.name).exists()
    assert run_sps(home, "verify").returncode == 0


_STAGE = """
import sys, time
from pathlib import Path
from sps.lib.staging import staged
names = iter(sys.argv[2:])
with staged(lambda: Path(sys.argv[1] + next(names)), "daemon.lock") as folder:
    (folder / "sps.db").write_bytes(b"half")
    print(flush=True)
    time.sleep(60)
"""


def _staging(beginning: Path) -> subprocess.Popen[bytes]:
    """Start what makes something ready in a folder that begins so, and is in the middle of it."""
    command = [sys.executable, "-c", _STAGE, str(beginning), "1"]
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"\n"
    return child


@pytest.mark.parametrize("then", ["backup", "restore", "start"])
def test_what_a_killed_backup_or_restore_left_is_removed_and_the_living_are_left_alone(
    make: Make, tmp_path: Path, then: str
) -> None:
    scene = make()
    home = scene.world.home.root
    beginnings = [home / ".backup-dead", home.with_name(f"{home.name}.restoring-dead")]
    dead = [Path(f"{one}1") for one in beginnings]
    children = [_staging(one) for one in beginnings]
    for child in children:
        child.kill()
        child.communicate()
    living = _staging(home.with_name(f"{home.name}.restoring-living"))
    assert all((one / "sps.db").is_file() for one in dead)
    try:
        if then == "start":
            scene.tick()
        else:
            backup_home(scene.world, tmp_path / "kept.tar.gz")
        if then == "restore":
            done = run_sps(home, "restore", str(tmp_path / "kept.tar.gz"), "--force")
            assert done.returncode == 0, done.stderr
        left = {path.name for folder in (home, home.parent) for path in folder.iterdir()
                if ".backup-" in path.name or ".restoring-" in path.name}  # fmt: skip
        assert left == {f"{home.name}.restoring-living1"}
    finally:
        living.kill()
        living.communicate()


def test_copy_of_a_database_that_another_program_holds_gives_up_and_says_who_may(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "_PATIENCE", 0.2)
    scene = make()
    path, copy = scene.world.home.database, tmp_path / "copy.db"
    assert scene.world.snapshots.take(copy) == migrations()[-1].number
    scene.close()
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        for ask in (lambda: scene.world.snapshots.take(tmp_path / "no.db"),
                    lambda: scene.world.snapshots.put_back(copy)):  # fmt: skip
            with pytest.raises(Held) as caught:
                ask()
            assert caught.value.code == "database-locked"
            assert (caught.value.where, caught.value.hint) == (str(path), f"fuser -v {path}")
    other.close()
    assert not (tmp_path / "no.db").exists()
    scene.world.snapshots.put_back(copy)


def test_settings_and_the_desk_come_back_too(make: Make, tmp_path: Path) -> None:
    world = make().world
    change_settings(world, {"agents.limit": "3"})
    kept, target = tmp_path / "kept.tar.gz", tmp_path / "target"
    world.home.desk.write_text('{"views": []}')
    backup_home(world, kept)
    target.mkdir()
    unpack(kept, target)
    for name in ("settings.json", "desk.json"):
        assert (target / name).read_bytes() == (world.home.root / name).read_bytes()


def test_a_copy_takes_the_place_of_a_broken_database_which_is_moved_aside(
    make: Make, tmp_path: Path
) -> None:
    scene = worked(make)
    home, copy = scene.world.home.root, tmp_path / "copy.db"
    scene.world.snapshots.take(copy)
    scene.close()
    broken = b"no database" * 1000
    (home / "sps.db").write_bytes(broken)
    done = run_sps(home, "restore", str(copy), "--json")
    assert done.returncode == 0, done.stderr
    assert Path(msgspec.json.decode(done.stdout)["kept"]).read_bytes() == broken
    assert run_sps(home, "verify").returncode == 0


@pytest.mark.parametrize("wrong", ["changed", "missing", "outside", "newer", "torn", "none"])
def test_what_is_no_whole_backup_changes_nothing(make: Make, tmp_path: Path, wrong: str) -> None:
    scene = make()
    kept, bad, target = tmp_path / "kept.tar.gz", tmp_path / "bad.tar.gz", tmp_path / "target"
    backup_home(scene.world, kept)
    target.mkdir()
    if wrong == "torn":
        bad.write_bytes(kept.read_bytes()[:-200])
    elif wrong == "none":
        bad.write_bytes(b"no archive")
    else:
        _spoil(kept, bad, wrong)
    expected = NewerData if wrong == "newer" else Misuse
    with pytest.raises(expected):
        unpack(bad, target)
    assert not (tmp_path / "evil").exists()


def _spoil(kept: Path, bad: Path, wrong: str) -> None:
    with tarfile.open(kept) as source, tarfile.open(bad, "w:gz") as archive:
        for member in source.getmembers():
            content = source.extractfile(member)
            raw = content.read() if content else b""
            if member.name == MANIFEST and wrong == "newer":
                raw = raw.replace(b'"format": 1', b'"format": 9')
            if member.name.endswith("pipeline.yaml") and wrong == "changed":
                raw += b"# more\n"
            if member.name.endswith("pipeline.yaml") and wrong == "missing":
                continue
            if member.name.endswith("pipeline.yaml") and wrong == "outside":
                member.name = "../evil"
            member.size = len(raw)
            archive.addfile(member, io.BytesIO(raw))


@pytest.fixture
def stopped_in_the_end() -> Iterator[Callable[[Path], Path]]:
    """Remember a home, whose daemon is stopped when the test is over."""
    homes: list[Path] = []

    def remember(home: Path) -> Path:
        homes.append(home)
        return home

    yield remember
    for home in homes:
        run_sps(home, "down")


def test_an_upgrade_drains_the_daemon_keeps_a_copy_and_can_be_undone(
    make: Make, stopped_in_the_end: Callable[[Path], Path]
) -> None:
    scene = worked(make)
    home = stopped_in_the_end(scene.world.home.root)
    scene.close()
    assert run_sps(home, "up", "--detach", "--port", "4711").returncode == 0
    _of_an_older_program(home)
    replaced = run_sps(home, "up", "--detach", "--port", "4711")
    assert "makes way for this one" in replaced.stderr
    until(lambda: _ready(home), "the daemon to have opened its home")
    pid = int(msgspec.json.decode((home / "daemon.json").read_bytes())["pid"])
    older = _older(home)

    done = run_sps(home, "status")
    assert done.returncode == 0, done.stderr
    assert f"the older daemon (pid {pid}) was stopped" in done.stderr
    until(lambda: not Path(f"/proc/{pid}").exists(), "the daemon's end")
    copy = home / f"sps.db.before-{older}"
    assert copy.stat().st_mode & 0o777 == 0o600

    back = run_sps(home, "restore", str(copy))
    assert back.returncode == 0, back.stderr
    with sqlite3.connect(home / "sps.db") as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (older,)
    connection.close()
    assert run_sps(home, "verify").returncode == 0


def test_data_of_a_newer_program_is_refused_and_left_alone(make: Make) -> None:
    scene = make()
    home = scene.world.home.root
    scene.close()
    with sqlite3.connect(home / "sps.db") as connection:
        connection.execute(f"PRAGMA user_version = {migrations()[-1].number + 1}")
    connection.close()
    before = (home / "sps.db").read_bytes()
    for words in (["status"], ["up"], ["backup", str(home / "x.tar.gz")]):
        assert run_sps(home, *words).returncode == 5, words
    assert run_sps(home, "restore", str(home / "sps.db")).returncode == 5
    assert (home / "sps.db").read_bytes() == before


_UPGRADE = """
import sys
from pathlib import Path
from sps.adapters.store_sqlite.migration import Migration, migrate, migrations
steps = migrations()
slow = (
    "CREATE TABLE extra (a INTEGER) STRICT;\\n"
    "INSERT INTO extra WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
    " WHERE i < 1000000000) SELECT i FROM n;\\n"
)
migrate(Path(sys.argv[1]), (*steps, Migration(steps[-1].number + 1, slow)), 5.0)
"""


def test_a_kill_in_the_middle_of_an_upgrade_leaves_the_old_data(make: Make) -> None:
    scene = worked(make)
    home = scene.world.home.root
    scene.close()
    database = home / "sps.db"
    known = migrations()[-1].number
    upgrade = subprocess.Popen([sys.executable, "-c", _UPGRADE, str(database)])
    try:
        until(database.with_name(f"sps.db.before-{known}").exists, "the copy")
        until(lambda: _size(home / "sps.db-wal") > 1 << 20, "the upgrade to be under way")
        assert upgrade.poll() is None
    finally:
        upgrade.send_signal(signal.SIGKILL)
        upgrade.wait(30)
    world = open_world(home)
    try:
        assert world.store.check() == []
        assert verify(world).ok
    finally:
        world.store.close()
    with sqlite3.connect(database) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (known,)
    connection.close()


def _size(path: Path) -> int:
    time.sleep(0.01)
    return path.stat().st_size if path.exists() else 0
