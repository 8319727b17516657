"""What the SQLite store does when its file is missing, damaged, replaced, locked, newer or full."""

from __future__ import annotations

import hashlib
import os
import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.adapters.store_sqlite import SqliteStore, open_store
from sps.adapters.store_sqlite.migration import Migration, migrate, migrations
from sps.model.errors import Absent, Held, NewerData, SpsError
from sps.ports.store import CardQuery, EventQuery, Reading
from tests.contract.store_suite import a_card, a_project, an_event, get, put


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "sps.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    opened = open_store(path, create=True, patience=0.2)
    yield opened
    opened.close()


def _everything(reading: Reading) -> object:
    return reading.projects(), reading.cards(CardQuery()), reading.events(EventQuery())


def test_a_missing_database_is_no_home_and_is_not_made(path: Path) -> None:
    with pytest.raises(Absent) as caught:
        open_store(path, create=False)
    assert (caught.value.code, caught.value.hint) == ("no-home", "sps setup")
    assert not path.parent.exists()


def test_a_new_database_is_private_marked_and_sound(path: Path, store: SqliteStore) -> None:
    put(store, a_card())
    files = [path, *path.parent.glob("sps.db-*")]
    assert len(files) == 3
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert store.check() == []
    header = path.read_bytes()[:100]
    assert header[68:72] == b"SPS1"
    assert int.from_bytes(header[60:64], "big") == migrations()[-1].number


def test_settings_are_durable_ones(store: SqliteStore) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    for purpose, query_only in (("read", 1), ("write", 0)):
        with store._connections.lend(purpose, wait=1.0) as connection:
            found = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted}
            assert found == wanted
            assert connection.execute("PRAGMA query_only").fetchone() == (query_only,)


def test_a_question_cannot_write(store: SqliteStore) -> None:
    with pytest.raises(Absent):
        store.read(lambda r: r._session._connection.execute("DELETE FROM breakers"))  # type: ignore[attr-defined]


def test_opening_and_reading_leaves_the_folder_as_it_was(path: Path, store: SqliteStore) -> None:
    put(store, a_card())
    store.close()
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    again = open_store(path, create=False)
    assert again.read(lambda r: len(r.cards(CardQuery()))) == 1
    again.close()
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == before


def test_newer_data_is_refused_and_left_untouched(path: Path, store: SqliteStore) -> None:
    put(store, a_card())
    store.close()
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA user_version = 99")
    raw.close()
    before = hashlib.sha256(path.read_bytes()).digest()
    for create in (False, True):
        with pytest.raises(NewerData) as caught:
            open_store(path, create=create)
        assert caught.value.exit_code == 5
    assert hashlib.sha256(path.read_bytes()).digest() == before
    assert [file.name for file in path.parent.iterdir()] == ["sps.db"]


def test_newer_data_that_is_only_in_the_log_is_left_untouched(
    path: Path, store: SqliteStore
) -> None:
    put(store, a_card())
    code = f"""
import os, sqlite3
raw = sqlite3.connect({str(path)!r}, isolation_level=None)
raw.execute("PRAGMA user_version = 99")
os._exit(0)
"""
    store.close()
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    log = path.with_name("sps.db-wal")
    before = path.read_bytes(), log.read_bytes()
    with pytest.raises(NewerData):
        open_store(path, create=False)
    assert (path.read_bytes(), log.read_bytes()) == before


@pytest.mark.parametrize(
    "content", [b"", b"SQLite format 3\0", b"not a database" * 100], ids=["empty", "head", "text"]
)
def test_a_broken_file_is_never_an_empty_board(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    for create in (False, True):
        with pytest.raises(Absent) as caught:
            open_store(path, create=create)
        assert caught.value.code == "database-broken"
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_refused(path: Path) -> None:
    path.parent.mkdir()
    raw = sqlite3.connect(path)
    raw.execute("CREATE TABLE cards (id)")
    raw.close()
    with pytest.raises(Absent) as caught:
        open_store(path, create=True)
    assert caught.value.code == "database-broken"


def test_a_truncated_database_is_reported(path: Path, store: SqliteStore) -> None:
    put(store, *[a_card(n) for n in range(1, 200)])
    store.close()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Absent) as caught:
        open_store(path, create=True).read(_everything)
    assert caught.value.code == "database-broken"
    assert len(path.read_bytes()) == len(whole) // 2


def test_only_a_log_without_its_database_is_reported(path: Path) -> None:
    path.parent.mkdir()
    path.with_name("sps.db-wal").write_bytes(b"rows that were acknowledged")
    with pytest.raises(Absent) as caught:
        open_store(path, create=True)
    assert caught.value.code == "database-broken"
    assert not path.exists()


def test_flipped_bytes_are_reported_or_harmless_and_the_file_is_left_alone(
    path: Path, store: SqliteStore
) -> None:
    put(store, *[a_card(n) for n in range(1, 60)])
    expected = store.read(_everything)
    store.close()
    whole = path.read_bytes()
    chance, reported, codes = random.Random(7), 0, set()
    offsets = [0, 30, 60, 68, 100, *(chance.randrange(100, len(whole)) for _ in range(200))]
    for offset in offsets:
        damaged = bytearray(whole)
        damaged[offset : offset + 8] = bytes(byte ^ 0xFF for byte in damaged[offset : offset + 8])
        path.write_bytes(damaged)
        try:
            opened = open_store(path, create=False, patience=0.2)
        except SpsError as err:
            codes.add(err.code)
            reported += 1
        else:
            reported += _says_so_or_is_unharmed(opened, expected)
            opened.close()
        assert path.read_bytes() == bytes(damaged)
    assert reported > 20
    assert codes <= {"database-broken", "newer-data"}
    assert {file.name for file in path.parent.iterdir()} == {"sps.db"}


def _says_so_or_is_unharmed(store: SqliteStore, expected: object) -> bool:
    """Damage inside a text can only be found by whoever knows the text; rows must not vanish."""
    if store.check():
        return True
    try:
        projects, cards, events = store.read(_everything)  # type: ignore[misc]
    except Absent:
        return True
    assert [len(projects), len(cards), len(events)] == [len(part) for part in expected]  # type: ignore[attr-defined]
    return False


def test_a_missing_rule_is_reported(path: Path, store: SqliteStore) -> None:
    raw = sqlite3.connect(path)
    raw.execute("DROP TRIGGER cards_stay_terminal")
    raw.execute("DROP INDEX cards_by_state")
    raw.execute("INSERT INTO verdicts VALUES (1, 'nobody', 1, 'approve', '[]', '', '', '')")
    raw.commit()
    raw.close()
    assert store.check() == [
        "a row of verdicts points to a missing row of cards",
        "the index cards_by_state is missing",
        "the trigger cards_stay_terminal is missing",
    ]


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_a_file_that_went_away_under_us_is_noticed(
    path: Path, store: SqliteStore, how: str
) -> None:
    put(store, a_card())
    if how == "replaced":
        other = open_store(path.with_name("other.db"), create=True)
        other.close()
        os.replace(path.with_name("other.db"), path)
    else:
        path.unlink()
    with pytest.raises(Absent) as caught:
        store.write(lambda w: w.add_project(a_project("blog")))
    assert caught.value.code == "database-replaced"
    assert store.check() == [caught.value.message]
    assert path.exists() is (how == "replaced")


def test_a_file_that_goes_away_during_a_write_is_noticed(path: Path, store: SqliteStore) -> None:
    with pytest.raises(Absent) as caught:
        store.write(lambda w: (w.add_project(a_project("blog")), path.unlink()))
    assert caught.value.code == "database-replaced"


def test_a_locked_database_is_held_and_free_again_afterwards(
    path: Path, store: SqliteStore
) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Held) as caught:
        store.write(lambda w: w.add_project(a_project()))
    assert caught.value.code == "database-locked"
    assert str(path) in caught.value.hint
    assert store.read(lambda r: r.projects()) == []
    other.execute("ROLLBACK")
    other.close()
    store.write(lambda w: w.add_project(a_project()))
    assert len(store.read(lambda r: r.projects())) == 1


def test_a_writer_behind_a_stuck_one_of_its_own_process_is_held(store: SqliteStore) -> None:
    inside, leave = threading.Event(), threading.Event()

    def stuck() -> None:
        store.write(lambda _: (inside.set(), leave.wait(30)))

    thread = threading.Thread(target=stuck)
    thread.start()
    inside.wait(30)
    with pytest.raises(Held):
        store.write(lambda w: w.add_project(a_project()))
    leave.set()
    thread.join(30)


def test_a_busy_change_is_repeated_as_a_whole(store: SqliteStore) -> None:
    calls = []

    def change(writing: object) -> int:
        calls.append(writing)
        if len(calls) < 3:
            busy = sqlite3.OperationalError("busy snapshot")
            busy.sqlite_errorcode = sqlite3.SQLITE_BUSY_SNAPSHOT
            raise busy
        return len(calls)

    assert store.write(change) == 3


_FILLER = """
import resource, sys
from pathlib import Path
from sps.adapters.store_sqlite import open_store
from sps.model.errors import Absent
from tests.contract.store_suite import a_card, an_event
path = Path(sys.argv[1])
store = open_store(path, create=False)
limit = path.stat().st_size + 400_000
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    while True:
        event = an_event(a_card(), payload={"text": "x" * 20_000})
        print(store.write(lambda w: w.add_event(event)).seq, flush=True)
except Absent as err:
    print(err.code)
"""


def test_a_full_disk_leaves_all_earlier_rows(path: Path, store: SqliteStore) -> None:
    put(store, a_card())
    done = subprocess.run(
        [sys.executable, "-c", _FILLER, str(path)],
        check=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    *told, code = done.stdout.split()
    assert code in {"disk-full", "database-unreachable"}
    events = store.read(lambda r: r.events(EventQuery(card_id="shop-1")))
    assert [event.seq for event in events] == list(range(1, int(told[-1]) + 1))
    assert store.check() == []
    assert store.write(lambda w: w.add_event(an_event(a_card()))).seq == int(told[-1]) + 1


@pytest.mark.parametrize("point, kept", [("store-before-commit", 0), ("store-after-commit", 1)])
def test_a_commit_is_whole_at_both_sides_of_its_kill_point(
    path: Path, store: SqliteStore, point: str, kept: int
) -> None:
    code = f"""
from pathlib import Path
from sps.adapters.store_sqlite import open_store
from tests.contract.store_suite import a_card, put
put(open_store(Path({str(path)!r}), create=False), a_card())
"""
    environment = {**os.environ, "SPS_KILL_AT": point}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, timeout=60, check=False)
    assert ended.returncode == -9
    assert store.read(lambda r: len(r.cards(CardQuery()))) == kept
    assert store.check() == []


def test_an_upgrade_keeps_a_copy_of_what_was_there(path: Path, store: SqliteStore) -> None:
    put(store, a_card())
    known = migrations()
    step = Migration(known[-1].number + 1, "CREATE TABLE extra (a TEXT) STRICT;\n")
    for _ in range(2):
        migrate(path, (*known, step), 1.0)
    copy = path.with_name(f"sps.db.before-{known[-1].number}")
    assert copy.stat().st_mode & 0o777 == 0o600
    old = open_store(copy, create=False)
    assert get(old, a_card()) == a_card()
    old.close()
    store.close()
    with pytest.raises(NewerData):
        open_store(path, create=False)


def test_an_upgrade_that_fails_leaves_the_old_schema(path: Path, store: SqliteStore) -> None:
    put(store, a_card())
    known = migrations()
    step = Migration(
        known[-1].number + 1,
        "CREATE TABLE extra (a TEXT) STRICT;\nINSERT INTO nowhere VALUES (1);\n",
    )
    with pytest.raises(Absent):
        migrate(path, (*known, step), 1.0)
    assert store.check() == []
    assert get(store, a_card()) == a_card()


def test_connections_of_threads_that_are_gone_do_not_pile_up(store: SqliteStore) -> None:
    put(store, a_card())
    for _ in range(20):
        thread = threading.Thread(target=lambda: store.read(_everything))
        thread.start()
        thread.join(30)
    assert sum(len(idle) for idle in store._connections._idle.values()) <= 2


def test_a_closed_store_says_so(store: SqliteStore) -> None:
    store.close()
    with pytest.raises(RuntimeError):
        store.read(_everything)
