"""What the SQLite store's schema refuses by itself, and that its questions use their indexes."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import msgspec
import pytest

from sps.adapters.store_sqlite import open_store
from sps.adapters.store_sqlite.session import queries
from sps.model.card import CardState, Landed
from sps.model.run import Outcome, RunKind
from sps.model.verdict import Decision
from sps.ports.store import Landing
from tests.contract.store_suite import a_card, a_run, put


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A filled database through a plain connection, as its owner's own tools would open it."""
    store = open_store(tmp_path / "sps.db", create=True)
    finished, second = a_card(1, state=CardState.DONE, landed=Landed("c", "t")), a_card(2)
    put(store, finished, second, a_card(3, state=CardState.DROPPED))
    store.write(lambda w: w.start_run(a_run(second)))
    store.write(lambda w: w.start_run(a_run(finished, "old", ended_at=9, outcome=Outcome.ENDED)))
    landing = Landing(
        card_id=finished.id,
        generation=1,
        base="b",
        tip="p",
        tree="t",
        at=1,
        commit="c",
        state="done",
    )
    store.write(lambda w: w.save_landing(landing))
    store.close()
    connection = sqlite3.connect(tmp_path / "sps.db", isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    yield connection
    connection.close()


_CARD_COPY = """
    CREATE TEMP TABLE copy AS SELECT * FROM cards WHERE seq = {seq};
    UPDATE copy SET {change};
    {verb} INTO cards SELECT * FROM copy
"""
_RUN_COPY = _CARD_COPY.replace("cards WHERE seq = {seq}", "runs WHERE id = '{seq}'").replace(
    "INTO cards", "INTO runs"
)

REFUSED = {
    "unknown state": "UPDATE cards SET version = 9, state = 'lost' WHERE seq = 2",
    "done to ready": "UPDATE cards SET version = 9, state = 'ready' WHERE seq = 1",
    "dropped to ready": "UPDATE cards SET version = 9, state = 'ready' WHERE seq = 3",
    "other landed commit": "UPDATE cards SET version = 9, landed_commit = 'x' WHERE seq = 1",
    "landed taken back": (
        "UPDATE cards SET version = 9, landed_commit = NULL, landed_tree = NULL WHERE seq = 1"
    ),
    "commit without tree": "UPDATE cards SET version = 9, landed_commit = 'x' WHERE seq = 2",
    "version stays": "UPDATE cards SET title = 'x' WHERE seq = 2",
    "generation shrinks": "UPDATE cards SET version = 9, generation = -1 WHERE seq = 2",
    "other number": "UPDATE cards SET version = 9, seq = 7 WHERE seq = 2",
    "other id": "UPDATE cards SET version = 9, id = 'x' WHERE seq = 2",
    "card deleted": "DELETE FROM cards WHERE seq = 2",
    "terminal card replaced": _CARD_COPY.format(
        seq=1, change="state = 'ready'", verb="INSERT OR REPLACE"
    ),
    "number replaced": _CARD_COPY.format(seq=2, change="id = 'x'", verb="INSERT OR REPLACE"),
    "number taken": _CARD_COPY.format(seq=2, change="id = 'x'", verb="INSERT"),
    "text in a number": "UPDATE cards SET version = 9, updated_at = 'soon' WHERE seq = 2",
    "broken list": "UPDATE cards SET version = 9, skills = '[' WHERE seq = 2",
    "card without project": _CARD_COPY.format(
        seq=2, change="id = 'x', project = 'nowhere'", verb="INSERT"
    ),
    "event changed": "UPDATE events SET at = 0",
    "event deleted": "DELETE FROM events WHERE id = 1",
    "event gap": "INSERT INTO events VALUES (NULL, 'shop', 'shop-1', 9, NULL, 'x', 1, '{}')",
    "event number again": (
        "INSERT INTO events VALUES (NULL, 'shop', 'shop-1', 1, NULL, 'x', 1, '{}')"
    ),
    "event replaced": (
        "INSERT OR REPLACE INTO events VALUES (1, 'shop', 'shop-1', 2, NULL, 'x', 1, '{}')"
    ),
    "event of no card": "INSERT INTO events VALUES (NULL, 'shop', 'no', 1, NULL, 'x', 1, '{}')",
    "second live run": _RUN_COPY.format(seq="run-1", change="id = 'x', attempt = 2", verb="INSERT"),
    "live run replaced": _RUN_COPY.format(
        seq="run-1", change="id = 'x', attempt = 2", verb="INSERT OR REPLACE"
    ),
    "same attempt again": _RUN_COPY.format(seq="old", change="id = 'x'", verb="INSERT"),
    "ended run revived": "UPDATE runs SET ended_at = 0, outcome = NULL WHERE id = 'old'",
    "other outcome": "UPDATE runs SET outcome = 'failed' WHERE id = 'old'",
    "end without outcome": "UPDATE runs SET ended_at = 5 WHERE id = 'run-1'",
    "run deleted": "DELETE FROM runs WHERE id = 'run-1'",
    "done landing changed": "UPDATE landings SET commit_id = 'x'",
    "done landing deleted": "DELETE FROM landings",
    "done landing replaced": (
        "INSERT OR REPLACE INTO landings VALUES ('shop-1', 2, 'b', 'p', 't', 1, 'x', 'done')"
    ),
    "done without commit": (
        "INSERT INTO landings VALUES ('shop-2', 2, 'b', 'p', 't', 1, NULL, 'done')"
    ),
    "message twice": """
        INSERT INTO outbox VALUES (NULL, 'start', 'k', '', 1, NULL);
        INSERT INTO outbox VALUES (NULL, 'start', 'k', '', 1, NULL)
    """,
    "verdict of no card": "INSERT INTO verdicts VALUES (1, 'no', 1, 'approve', '[]', '', '', '')",
}


@pytest.mark.parametrize("name", REFUSED)
def test_no_statement_breaks_an_invariant(database: sqlite3.Connection, name: str) -> None:
    before = list(database.iterdump())
    with pytest.raises(sqlite3.IntegrityError):
        for statement in REFUSED[name].split(";"):
            database.execute(statement)
    if name != "message twice":
        assert list(database.iterdump()) == before


@pytest.mark.parametrize(
    "words, statement",
    [
        (CardState, "UPDATE cards SET version = version + 1, state = ? WHERE seq = 2"),
        (RunKind, "UPDATE runs SET kind = ? WHERE id = 'run-1'"),
        (Outcome, "UPDATE runs SET ended_at = 5, outcome = ? WHERE id = 'run-1'"),
        (Decision, "INSERT INTO verdicts VALUES (NULL, 'shop-1', 1, ?, '[]', '', '', '')"),
    ],
)
def test_the_schema_takes_every_word_of_the_model(
    database: sqlite3.Connection, words: type[StrEnum], statement: str
) -> None:
    for word in words:
        database.execute("BEGIN")
        database.execute(statement, (word.value,))
        database.execute("ROLLBACK")


@pytest.mark.parametrize(
    "name",
    [
        "card", "card_by_seq", "cards_of_project", "cards_of_project_in_states", "cards_in_states",
        "startable", "startable_of", "children", "next_not_before", "parked_ahead", "events",
        "events_of_project", "events_of_card", "newest_events", "attempts", "spent", "spent_by",
        "gates_by", "runs_of_card",
        "runs_of_card_live", "gate_verdict", "gate_verdicts", "verdicts", "landing", "save_card",
        "add_event", "end_run", "recall", "gates_ran", "still", "landings",
    ],
)  # fmt: skip
def test_no_question_reads_a_whole_table(database: sqlite3.Connection, name: str) -> None:
    statement = queries()[name]
    values = dict.fromkeys(re.findall(r":(\w+)", statement))
    plan = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    assert [step for step in plan if step.startswith("SCAN") and "json_each" not in step] == []


@pytest.mark.parametrize(
    "name", ["cards", "counts", "runs_live", "outbox", "resting", "resting_counts"]
)
def test_overviews_read_an_index_instead_of_the_table(
    database: sqlite3.Connection, name: str
) -> None:
    statement = queries()[name]
    values = dict.fromkeys(re.findall(r":(\w+)", statement))
    plan = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    scans = [step for step in plan if step.startswith("SCAN") and "json_each" not in step]
    assert all("USING" in step for step in scans)


def test_startable_and_pages_need_no_sorting(database: sqlite3.Connection) -> None:
    for name in (
        "startable",
        "startable_of",
        "cards_of_project",
        "events_of_card",
        "events_of_project",
        "resting",
        "gates_ran",
        "landings",
    ):
        statement = queries()[name]
        values = dict.fromkeys(re.findall(r":(\w+)", statement))
        plan = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
        assert not any("TEMP B-TREE" in step for step in plan), name


def test_cards_have_a_column_for_every_field(database: sqlite3.Connection) -> None:
    columns = {row[1] for row in database.execute("PRAGMA table_info(cards)")}
    fields = set(msgspec.structs.asdict(a_card())) | set(msgspec.structs.asdict(a_card().text))
    renamed = {"text", "after", "landed"}
    assert fields - columns == renamed
    assert columns - fields == {"after_seqs", "landed_commit", "landed_tree"}
