"""A project's board: its columns, each a window of its cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.model.card import CardState
from sps.model.errors import SpsError
from sps.model.pipeline import COLUMNS as TITLES
from sps.ports.store import CardSearch
from sps.services import card_view, lookup, project_view, telling
from sps.services.card_filter import EVERY, CardFilter
from sps.services.card_view import CardView
from sps.services.columns import COLUMNS, NEWEST_FIRST, column_of, ways
from sps.services.project_view import ProjectView, all_states

if TYPE_CHECKING:
    from sps.model.card import Card
    from sps.model.event import Event
    from sps.ports.store import Reading
    from sps.ports.world import World

WINDOW = 50
_TOLD = (CardState.RUNNING, CardState.GATING)
_SAID_LIMIT = 200


class BoardCard(CardView, frozen=True, kw_only=True):
    """A card on the board. `to` are the columns that a person can move it to; `rank` orders a
    column; `says` tells, while something works on it, what happened last."""

    version: int
    column: str
    to: tuple[str, ...]
    rank: int
    says: str = ""


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column's window. `more` is the number from which the next window begins, 0 at its end;
    `limit` how many cards it should hold at most, 0 without such a limit."""

    key: str
    title: str
    cards: list[BoardCard]
    total: int
    limit: int = 0
    more: int = 0


class BoardView(msgspec.Struct, frozen=True, kw_only=True):
    """A project's board as of one event. `broken` are card files that cannot be read."""

    project: ProjectView
    filter: str
    columns: list[Column]
    broken: list[str]
    cursor: int


def board(world: World, project: str, wanted: CardFilter = EVERY) -> BoardView:
    """Read a board in one snapshot. Raises `Misuse("unknown-project")`."""
    names, workers = _frame(world, project)

    def question(tx: Reading) -> BoardView:
        counts = tx.counts().get(project, {})
        seen = totals(tx, project, wanted, counts)
        return BoardView(
            project=project_view.view(lookup.project(tx, project), counts),
            filter=wanted.text,
            columns=[
                msgspec.structs.replace(
                    _window(tx, project, key, wanted),
                    title=names[key],
                    total=seen[key],
                    limit=workers if key == "active" else 0,
                )
                for key in COLUMNS
            ],
            broken=[f"{one.file}:{one.line}: {one.message}" for one in tx.file_errors(project)],
            cursor=tx.last_event(),
        )

    return world.store.read(question)


def column(
    world: World, project: str, key: str, wanted: CardFilter, start: int | None = None
) -> Column:
    """Read one window of a column from a card number on. Raises `Misuse("unknown-project")`."""
    names, _ = _frame(world, project)

    def question(tx: Reading) -> Column:
        lookup.project(tx, project)
        seen = totals(tx, project, wanted, tx.counts().get(project, {}))
        window = _window(tx, project, key, wanted, start)
        return msgspec.structs.replace(window, title=names[key], total=seen[key])

    return world.store.read(question)


def titles(world: World, project: str) -> dict[str, str]:
    """Return what the columns are called."""
    return _frame(world, project)[0]


def on_board(tx: Reading, card: Card, newest: Event | None = None) -> BoardCard:
    """Show a card as the board does; `newest` is its newest event, if it is known already."""
    key = column_of(card.state)
    says = ""
    if card.state in _TOLD:
        event = newest or tx.newest_event(card.id)
        says = " ".join(telling.sentence(event).split())[:_SAID_LIMIT] if event else ""
    return BoardCard(
        **msgspec.structs.asdict(card_view.view(card)),
        version=card.version,
        column=key,
        to=ways(card),
        rank=-card.seq if key in NEWEST_FIRST else card.seq,
        says=says,
    )


def totals(tx: Reading, project: str, wanted: CardFilter, counts: dict[str, int]) -> dict[str, int]:
    """Return column -> number of cards that pass; `counts` are those of all the project's cards."""
    if wanted.labels or wanted.words:
        counts = tx.found_counts(_search(project, wanted, tuple(CardState)))
    full = all_states(counts)
    return {
        key: sum(full[state.value] for state in wanted.among(states))
        for key, states in COLUMNS.items()
    }


def _window(
    tx: Reading, project: str, key: str, wanted: CardFilter, start: int | None = None
) -> Column:
    search = msgspec.structs.replace(
        _search(project, wanted, COLUMNS[key]), start=start, newest=key in NEWEST_FIRST
    )
    cards = tx.found(search) if search.states else []
    return Column(
        key=key,
        title=key,
        cards=[on_board(tx, card) for card in cards[:WINDOW]],
        total=0,
        more=cards[WINDOW].seq if len(cards) > WINDOW else 0,
    )


def _search(project: str, wanted: CardFilter, states: tuple[CardState, ...]) -> CardSearch:
    return CardSearch(
        project=project, states=wanted.among(states), labels=wanted.labels, words=wanted.words,
        limit=WINDOW + 1,
    )  # fmt: skip


def _frame(world: World, project: str) -> tuple[dict[str, str], int]:
    """Return the columns' titles and how many cards may be worked on at a time."""
    try:
        pipeline = world.pipeline_files.load(project)
    except SpsError:  # the board is shown all the same; its page about the pipeline says why
        return dict(TITLES), 0
    return {**TITLES, **pipeline.columns}, pipeline.workers
