"""What the tests of every store share: the adapters under test and small made-up values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sps.adapters import store_postgres, store_sqlite
from sps.model.card import Card, CardState, CardText
from sps.model.event import Event, EventKind
from sps.model.project import Project
from sps.model.run import Run, RunKind
from sps.ports.store import Reading, Store
from tests.fakes.postgres_server import database_for, drop_database

#: name -> how to open the store that lives in a folder, made when it is not there
ADAPTERS: dict[str, Callable[[Path], Store]] = {
    "sqlite": lambda folder: store_sqlite.open_store(folder / "sps.db", create=True),
    "postgres": lambda folder: store_postgres.open_store(database_for(folder), create=True),
}
_NEEDS = {"sqlite": (), "postgres": (pytest.mark.needs("postgres"),)}
#: the parameters of a fixture that gives a store's name
EACH = [pytest.param(name, marks=_NEEDS[name]) for name in sorted(ADAPTERS)]


def a_store(adapter: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    """Open the store that lives in a folder, with its server; leave nothing of it."""
    if adapter == "postgres":
        request.getfixturevalue("postgres")
    opened = ADAPTERS[adapter](folder)
    try:
        yield opened
    finally:
        opened.close()
        if adapter == "postgres":
            drop_database(folder)


def a_project(name: str = "shop", **changes: Any) -> Project:
    fields = {"repo": f"/src/{name}", "branch": "main", "agent": "scripted", "created_at": 1000}
    return Project(**{"name": name, "id": f"id-{name}", **fields, **changes})


def a_card(seq: int = 1, *, project: str = "shop", **changes: Any) -> Card:
    text = changes.pop("text", None) or CardText(title=f"card {seq}")
    fields: dict[str, Any] = {"state": CardState.READY, "created_at": 2000, "updated_at": 2000}
    return Card(project=project, seq=seq, id=f"{project}-{seq}", text=text, **{**fields, **changes})


def added(card: Card) -> Event:
    payload = {"title": card.text.title, "state": card.state.value, "seq": card.seq}
    return an_event(card, kind=EventKind.CARD_ADDED, payload=payload)


def an_event(card: Card, **changes: Any) -> Event:
    fields: dict[str, Any] = {"kind": EventKind.CARD_COMMENTED, "at": 3000, **changes}
    return Event(project=card.project, card_id=card.id, **fields)


def a_run(card: Card, run_id: str = "run-1", **changes: Any) -> Run:
    fields = {
        "generation": card.generation,
        "stage": "develop",
        "attempt": 1,
        "kind": RunKind.WORK,
        "agent": "scripted",
        "worker": "here",
        "workspace": "/tmp/w",
        "started_at": 5000,
    }
    return Run(id=run_id, card_id=card.id, project=card.project, **{**fields, **changes})


def put(store: Store, *cards: Card) -> None:
    """Add cards, and their projects where these are missing."""

    def change(writing: Any) -> None:
        for card in cards:
            if writing.project(card.project) is None:
                writing.add_project(a_project(card.project))
            writing.add_card(card, added(card))

    store.write(change)


def get(store: Store, card: Card) -> Card:
    """Return the card as it is stored now."""
    found = store.read(lambda reading: reading.card(card.id))
    assert found is not None
    return found


def seqs(store: Store, question: Callable[[Reading], list[Card]]) -> list[int]:
    """Return the numbers of the cards that a question answers."""
    return [card.seq for card in store.read(question)]
