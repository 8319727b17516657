"""What only a server can do to the store: refuse by hand, restart, lose an answer, be shared."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sps.adapters import store_sqlite
from sps.adapters.store_postgres import PostgresStore, open_store
from sps.adapters.store_postgres.address import address_of
from sps.adapters.store_postgres.session import queries
from sps.model.card import CardState
from sps.model.errors import Absent, Misuse, NewerData
from sps.ports.store import EventQuery, Landing
from tests.contract.store_suite import a_card, a_project, a_run, an_event, put
from tests.fakes.postgres_server import Server, database_for, drop_database

pytestmark = pytest.mark.needs("postgres")


@pytest.fixture
def url(postgres: Server, tmp_path: Path) -> Iterator[str]:
    yield database_for(tmp_path)
    drop_database(tmp_path)


@pytest.fixture
def store(url: str) -> Iterator[PostgresStore]:
    opened = open_store(url, create=True)
    yield opened
    opened.close()


@pytest.fixture
def by_hand(url: str, store: PostgresStore) -> Iterator[psycopg.Connection]:
    """A connection of somebody who goes round the store."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sps.cards SET state = 'ready', version = 9 WHERE seq = 2",
        "UPDATE sps.cards SET version = 0 WHERE seq = 1",
        "UPDATE sps.cards SET seq = 7, version = 9 WHERE seq = 1",
        "DELETE FROM sps.cards WHERE seq = 1",
        "TRUNCATE sps.cards CASCADE",
        "UPDATE sps.events SET kind = 'x'",
        "DELETE FROM sps.events",
        "INSERT INTO sps.events (project, card_id, seq, kind, at, payload)"
        " VALUES ('shop', 'shop-1', 9, 'x', 1, '{}')",
        "INSERT INTO sps.events (project, card_id, seq, kind, at, payload)"
        " VALUES ('shop', 'shop-1', 2, 'x', 1, 'no json')",
        "INSERT INTO sps.runs SELECT 'other', card_id, project, generation, stage, 2, kind, agent,"
        " worker, workspace, started_at, pid, pid_started, session_id, ended_at, outcome, detail"
        " FROM sps.runs WHERE ended_at = 0",
        "DELETE FROM sps.runs",
        "UPDATE sps.landings SET commit_id = 'other'",
        "DELETE FROM sps.landings",
        "INSERT INTO sps.landings SELECT card_id, 9, base, tip, tree, at, commit_id, state"
        " FROM sps.landings",
    ],
)
def test_database_itself_refuses_what_must_never_happen(
    store: PostgresStore, by_hand: psycopg.Connection, statement: str
) -> None:
    put(store, a_card(1), a_card(2, state=CardState.DROPPED))
    landing = Landing(
        card_id="shop-1", generation=1, base="b", tip="p", tree="t", at=7, commit="c", state="done"
    )
    store.write(lambda tx: (tx.start_run(a_run(a_card(1))), tx.save_landing(landing)))
    with pytest.raises((psycopg.IntegrityError, psycopg.DataError)):
        by_hand.execute(statement.encode())
    assert store.check() == []


def test_rule_that_is_missing_or_switched_off_is_named(
    store: PostgresStore, by_hand: psycopg.Connection
) -> None:
    by_hand.execute(b"ALTER TABLE sps.events DISABLE TRIGGER events_are_gap_free")
    by_hand.execute(b"DROP INDEX sps.runs_one_live_per_card")
    assert store.check() == [
        "the index runs_one_live_per_card is missing",
        "the trigger events_are_gap_free is missing",
    ]


def test_both_stores_have_the_same_tables_and_columns(
    store: PostgresStore, by_hand: psycopg.Connection, tmp_path: Path
) -> None:
    store_sqlite.open_store(tmp_path / "sps.db", create=True).close()
    with contextlib.closing(sqlite3.connect(tmp_path / "sps.db")) as file:
        tables = file.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        ours = {
            (table, row[1])
            for (table,) in tables
            if not table.startswith("sqlite_")
            for row in file.execute(f"PRAGMA table_info({table})")
        }
    theirs = by_hand.execute(
        b"SELECT table_name, column_name FROM information_schema.columns"
        b" WHERE table_schema = 'sps'"
        b" AND table_name NOT IN ('commits', 'home', 'schema_version', 'turn')"
    ).fetchall()
    assert set(theirs) == ours


def test_two_programs_make_the_tables_at_once(url: str) -> None:
    opened: list[PostgresStore] = []
    threads = [
        threading.Thread(target=lambda: opened.append(open_store(url, create=True)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [one.check() for one in opened] == [[]] * 4
    for one in opened:
        one.close()


def test_tables_of_a_newer_program_are_left_alone(url: str, by_hand: psycopg.Connection) -> None:
    by_hand.execute(b"INSERT INTO sps.schema_version VALUES (999)")
    with pytest.raises(NewerData):
        open_store(url, create=True)


def test_database_without_tables_is_no_empty_board(url: str) -> None:
    with pytest.raises(Absent) as caught:
        open_store(url, create=False)
    assert (caught.value.code, caught.value.hint) == ("no-home", "sps setup")
    with psycopg.connect(url) as connection:
        found = connection.execute(b"SELECT count(*) FROM pg_namespace WHERE nspname = 'sps'")
        assert found.fetchone() == (0,)


@pytest.mark.parametrize(
    "bad",
    [
        "postgresql://sps:tr0mbone@127.0.0.1:1/x",
        "postgresql://sps:tr0mbone@127.0.0.1:port/x",
        "postgresql://sps@127.0.0.1:1/x?password=tr0mbone&connect_timeout=1",
        "postgresql://sps:tr0mbone@[/x",
        "mysql://sps:tr0mbone@127.0.0.1/x",
        "tr0mbone",
    ],
)
def test_password_is_in_no_error(bad: str) -> None:
    with pytest.raises((Absent, Misuse)) as caught:
        open_store(bad, create=True)
    err: BaseException | None = caught.value
    assert not err.__suppress_context__ or err.__cause__ is None
    assert "tr0mbone" not in f"{caught.value} {caught.value.hint} {vars(caught.value)}"


def test_password_is_in_no_name_of_the_database() -> None:
    address = address_of("postgresql://sps:tr0mbone@db.example:5433/cards?sslmode=verify-full")
    assert "tr0mbone" not in f"{address!r} {address.shown}"
    assert address.shown == "postgresql://db.example:5433/cards"
    assert "tr0mbone" not in address.clean('password="tr0mbone" //sps:tr0mbone@db tr0mbone')


def test_server_that_restarts_is_waited_for_and_nothing_is_lost_or_doubled(
    tmp_path: Path,
) -> None:
    """On a server of its own, since the others need theirs."""
    from tests.fakes import postgres_server

    with postgres_server.server() as running:
        store = open_store(database_for(tmp_path), create=True)
        put(store, a_card())
        told: list[int] = []

        def work() -> None:
            while len(told) < 60:
                told.append(store.write(lambda tx: tx.add_event(an_event(a_card()))).seq)

        worker = threading.Thread(target=work)
        worker.start()
        for how in (signal.SIGINT, signal.SIGQUIT):
            while len(told) < 10 + 10 * (how is signal.SIGQUIT) and worker.is_alive():
                threading.Event().wait(0.01)
            running.stop(how)
            running.start()
        worker.join(60)
        events = store.read(lambda tx: tx.events(EventQuery(card_id="shop-1")))
        store.close()
    assert told == list(range(2, 62))
    assert [event.seq for event in events] == list(range(1, 62))


def test_commit_whose_answer_was_lost_is_not_made_twice(
    postgres: Server, url: str, tmp_path: Path
) -> None:
    with _forgetful_line(postgres.folder, tmp_path) as armed:
        store = open_store(url.replace(str(postgres.folder), str(tmp_path)), create=True)
        store.write(lambda tx: tx.add_project(a_project()))
        put(store, a_card())
        calls: list[int] = []

        def change(tx: object) -> None:
            calls.append(1)
            tx.add_event(an_event(a_card()))  # type: ignore[attr-defined]

        armed.set()
        store.write(change)
        assert not armed.is_set()
        events = store.read(lambda tx: tx.events(EventQuery(card_id="shop-1")))
        store.close()
    assert (len(calls), len(events)) == (1, 2)


@contextlib.contextmanager
def _forgetful_line(server: Path, folder: Path) -> Iterator[threading.Event]:
    """Stand between a client and the server. Once armed, the next commit reaches the server, and
    its answer gets lost together with the line."""
    armed = threading.Event()
    name = ".s.PGSQL.5432"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / name))
    listener.listen()

    def serve(client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as upstream:
            upstream.connect(str(server / name))
            back = threading.Thread(target=pump, args=(upstream, client), daemon=True)
            back.start()
            while data := client.recv(65536):
                losing = armed.is_set() and b"COMMIT" in data
                if losing:
                    client.shutdown(socket.SHUT_WR)  # before the answer can be on its way
                upstream.sendall(data)
                if losing:
                    armed.clear()
                    upstream.shutdown(socket.SHUT_WR)
                    back.join(10)
                    return

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                with contextlib.suppress(OSError):
                    sink.sendall(data)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=serve, args=(client,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield armed
    finally:
        listener.close()
        os.unlink(folder / name)


def test_others_are_told_of_a_write_and_nobody_of_a_look(
    url: str, store: PostgresStore, by_hand: psycopg.Connection
) -> None:
    put(store, a_card())
    heard, observed = threading.Semaphore(0), threading.Semaphore(0)
    store.observe(observed.release)
    with store.listening(heard.release):
        assert heard.acquire(timeout=10)  # what was missed before
        assert observed.acquire(timeout=10)
        by_hand.execute(b"NOTIFY sps_news, 'somebody else'")
        assert heard.acquire(timeout=10)
        assert observed.acquire(timeout=10)
        store.write(lambda tx: tx.projects())
        store.write(lambda tx: tx.add_event(an_event(a_card())))
        assert not heard.acquire(timeout=0.7)  # its own words are no news


@pytest.mark.parametrize(
    "name, index",
    [
        ("resting", "cards_at_rest"),
        ("resting_counts", "cards_at_rest"),
        ("gates_ran", "events_of_gates"),
        ("landings", "landings_by_age"),
    ],
)
def test_what_pages_ask_is_answered_from_an_index(
    by_hand: psycopg.Connection, name: str, index: str
) -> None:
    values = {"states": "[]", "reasons": "[]", "limit": 9, "project": "shop", "since": 1}
    by_hand.execute("SET search_path = sps")
    by_hand.execute("SET enable_seqscan = off")
    by_hand.execute("SET enable_bitmapscan = off")
    rows = by_hand.execute(b"EXPLAIN " + queries()[name], values).fetchall()
    plan = "\n".join(row[0] for row in rows)
    assert index in plan, plan
    assert "Sort" not in plan or name == "resting_counts", plan


def test_numbers_of_events_grow_in_the_order_in_which_they_can_be_seen(
    url: str, store: PostgresStore
) -> None:
    """A reader's bookmark must never pass a number that comes to light later."""
    put(store, a_card())
    other = open_store(url, create=False)
    inside, go_on = threading.Event(), threading.Event()

    def slow(tx: object) -> None:
        tx.add_event(an_event(a_card()))  # type: ignore[attr-defined]
        inside.set()
        go_on.wait(10)

    first = threading.Thread(target=store.write, args=(slow,))
    first.start()
    assert inside.wait(10)
    second = threading.Thread(
        target=lambda: other.write(lambda tx: tx.add_event(an_event(a_card(), at=9)))
    )
    second.start()
    second.join(0.3)
    assert other.read(lambda tx: tx.last_event()) == 1
    go_on.set()
    first.join(10)
    second.join(10)
    found = other.read(lambda tx: [(e.id, e.at) for e in tx.events(EventQuery(after_id=1))])
    other.close()
    assert [at for _, at in found] == [3000, 9]
