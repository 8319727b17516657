"""What every store promises about transactions: whole or not at all, in a crowd, past a kill."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sps.model.errors import SpsError
from sps.ports.store import CardQuery, EventQuery, FileStamp, Store
from tests.contract.store_suite import EACH, a_card, a_store, added, an_event, put, seqs


@pytest.fixture(params=EACH)
def adapter(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store(adapter: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    yield from a_store(adapter, tmp_path, request)


def test_a_write_that_fails_leaves_nothing(store: Store) -> None:
    put(store, a_card(1))

    def change(w: Any) -> None:
        w.add_card(a_card(2), added(a_card(2)))
        raise KeyError("boom")

    with pytest.raises(KeyError):
        store.write(change)
    assert seqs(store, lambda r: r.cards(CardQuery())) == [1]


def test_a_reader_sees_one_snapshot_while_others_write(store: Store) -> None:
    put(store, a_card(1))

    def question(r: Any) -> tuple[int, int]:
        before = len(r.cards(CardQuery()))
        writer = threading.Thread(target=put, args=(store, a_card(2)))
        writer.start()
        writer.join(30)
        return before, len(r.cards(CardQuery()))

    assert store.read(question) == (1, 1)
    assert seqs(store, lambda r: r.cards(CardQuery())) == [1, 2]


def test_transactions_do_not_nest(store: Store) -> None:
    with pytest.raises(RuntimeError):
        store.write(lambda _: store.read(lambda r: r.projects()))
    assert store.read(lambda r: r.projects()) == []


def test_four_threads_write_gap_free_events_and_lose_none(store: Store) -> None:
    card = a_card()
    put(store, card)
    failed: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(25):
                store.write(lambda w: w.add_event(an_event(card)))
        except SpsError as err:
            failed.append(err)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    events = store.read(lambda r: r.events(EventQuery(card_id=card.id)))
    assert failed == []
    assert [event.seq for event in events] == list(range(1, 102))


_COUNTER = """
import sys
from pathlib import Path
from tests.contract.store_suite import ADAPTERS, a_card, an_event
store = ADAPTERS[sys.argv[1]](Path(sys.argv[2]))
for _ in range(40):
    def change(w):
        card = w.card("shop-1")
        w.add_event(an_event(card))
        w.set_file("shop", w.file_stamps("shop")["n"][0] + 1, w.file_stamps("shop")["n"][1])
    store.write(change)
store.close()
"""


def test_two_processes_that_read_and_write_lose_no_update(
    store: Store, adapter: str, tmp_path: Path
) -> None:
    put(store, a_card())
    store.write(lambda w: w.set_file("shop", 0, FileStamp(name="n", mtime_ns=0, size=0)))
    command = [sys.executable, "-c", _COUNTER, adapter, str(tmp_path)]
    workers = [subprocess.Popen(command) for _ in range(2)]
    assert [worker.wait(60) for worker in workers] == [0, 0]
    assert store.read(lambda r: r.file_stamps("shop")["n"][0]) == 80
    assert len(store.read(lambda r: r.events(EventQuery(card_id="shop-1")))) == 81


_WRITER = """
import sys
from pathlib import Path
from tests.contract.store_suite import ADAPTERS, a_card, an_event
store = ADAPTERS[sys.argv[1]](Path(sys.argv[2]))
while True:
    print(store.write(lambda w: w.add_event(an_event(a_card()))).seq, flush=True)
"""


def test_kill_nine_loses_no_acknowledged_row(store: Store, adapter: str, tmp_path: Path) -> None:
    put(store, a_card())
    for number in range(10):
        command = [sys.executable, "-c", _WRITER, adapter, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
            assert worker.stdout is not None
            told = [worker.stdout.readline() for _ in range(1 + 3 * number)]
            worker.kill()
            told += worker.stdout.read().splitlines()
        acknowledged = int([line for line in told if line.strip()][-1])
        events = store.read(lambda r: r.events(EventQuery(card_id="shop-1")))
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        assert acknowledged <= len(events) <= acknowledged + 1
    assert store.check() == []
