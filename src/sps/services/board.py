"""A project's board: its columns, each a window of its cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.model.card import CardState
from sps.ports.store import CardSearch
from sps.services import card_view, lookup, project_view, telling
from sps.services.card_filter import EVERY, CardFilter
from sps.services.card_view import CardView
from sps.services.columns import ways
from sps.services.layout import NEWEST_FIRST, Layout, Place, layout_of
from sps.services.project_view import ProjectView, all_states

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sps.model.card import Card
    from sps.model.run import Usage
    from sps.ports.store import Reading
    from sps.ports.world import World

WINDOW = 50
AT_WORK = "at-work"  #: among the totals: how many cards of the column `active` are worked on
_ACTIVE = "active"
_BUSY = (CardState.RUNNING, CardState.GATING)
_JUDGED = (CardState.GATING, CardState.REVIEW, CardState.LANDING, CardState.NEEDS_HUMAN)
_SAID_LIMIT = 200


class BoardCard(CardView, frozen=True, kw_only=True):
    """A card on the board. `to` are the columns that a person can move it to; `rank` orders a
    column; `says` tells, while something works on it, what happened last, as `newest` holds it.
    `gates` are those that passed on its newest tree and those that were run there."""

    version: int
    column: str
    to: tuple[str, ...]
    rank: int
    says: str = ""
    newest: telling.EventView | None = None
    gates_passed: int = 0
    gates_run: int = 0
    cost_usd: float | None = None
    tokens: int | None = None


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column's window. `more` is the number from which the next window begins, 0 at its end;
    `limit` how many of its cards should be at work at most, 0 without such a limit."""

    key: str
    title: str
    cards: list[BoardCard]
    total: int
    at_work: int = 0
    limit: int = 0
    more: int = 0


class BoardView(msgspec.Struct, frozen=True, kw_only=True):
    """A project's board as of one event. `broken` are card files that cannot be read;
    `trouble` says why the pipeline cannot, and then nothing new starts."""

    project: ProjectView
    filter: str
    columns: list[Column]
    broken: list[str]
    trouble: str = ""
    cursor: int


def board(world: World, project: str, wanted: CardFilter = EVERY) -> BoardView:
    """Read a board in one snapshot. Raises `Misuse("unknown-project")`."""
    layout = layout_of(world, project)

    def question(tx: Reading) -> BoardView:
        counts = tx.counts().get(project, {})
        seen = totals(tx, project, wanted, counts, layout)
        return BoardView(
            project=project_view.view(lookup.project(tx, project), counts),
            filter=wanted.text,
            columns=[
                _counted(_window(tx, project, place, wanted, layout), seen, layout)
                for place in layout.places
            ],
            broken=[f"{one.file}:{one.line}: {one.message}" for one in tx.file_errors(project)],
            trouble=layout.trouble,
            cursor=tx.last_event(),
        )

    return world.store.read(question)


def column(
    world: World, project: str, key: str, wanted: CardFilter, start: int | None = None
) -> Column:
    """Read one window of a column from a card number on. Raises `Misuse` (unknown-project,
    unknown-column)."""
    layout = layout_of(world, project)
    place = layout.known(key)

    def question(tx: Reading) -> Column:
        lookup.project(tx, project)
        seen = totals(tx, project, wanted, tx.counts().get(project, {}), layout)
        return _counted(_window(tx, project, place, wanted, layout, start), seen, layout)

    return world.store.read(question)


def titles(world: World, project: str) -> dict[str, str]:
    """Return what the columns are called."""
    return layout_of(world, project).titles


def on_board(tx: Reading, card: Card, layout: Layout) -> BoardCard:
    """Show a card as the board does."""
    return all_on_board(tx, [card], layout)[0]


def all_on_board(tx: Reading, cards: Sequence[Card], layout: Layout) -> list[BoardCard]:
    """Show cards as the board does; what they cost and how their gates stand is asked once for
    all of them."""
    spent = tx.spent_by([card.id for card in cards if card.attempt])
    gates = tx.gates_by([card.id for card in cards if card.state in _JUDGED])
    return [_shown(tx, card, layout, spent.get(card.id), gates.get(card.id, {})) for card in cards]


def _shown(
    tx: Reading, card: Card, layout: Layout, spent: Usage | None, gates: dict[str, bool]
) -> BoardCard:
    key = layout.of(card)
    event = tx.newest_event(card.id) if card.state in _BUSY else None
    return BoardCard(
        **msgspec.structs.asdict(card_view.view(card)),
        version=card.version,
        column=key,
        to=ways(card),
        rank=-card.seq if key in NEWEST_FIRST else card.seq,
        says=" ".join(telling.sentence(event).split())[:_SAID_LIMIT] if event else "",
        newest=telling.view(event, card.seq) if event else None,
        gates_passed=sum(gates.values()),
        gates_run=len(gates),
        cost_usd=spent.cost_usd if spent else None,
        tokens=spent.total_tokens if spent else None,
    )


def totals(
    tx: Reading, project: str, wanted: CardFilter, counts: dict[str, int], layout: Layout
) -> dict[str, int]:
    """Return column -> number of cards that pass, and under `AT_WORK` those of the column `active`
    that an agent or the gates have; `counts` are those of all the project's cards."""
    if wanted.labels or wanted.words:
        whole = Place(key="", title="", states=tuple(CardState))
        counts = tx.found_counts(_search(project, wanted, whole))
    full, split = all_states(counts), layout.split

    def total(place: Place) -> int:
        search = _search(project, wanted, place)
        whole = sum(full[state.value] for state in search.states if state not in split)
        some = tuple(state for state in search.states if state in split)
        partly = msgspec.structs.replace(search, states=some)
        return whole + (sum(tx.found_counts(partly).values()) if some else 0)

    active = layout.known(_ACTIVE)
    busy = tuple(state for state in active.states if state in _BUSY)
    found = {place.key: total(place) for place in layout.places}
    return {**found, AT_WORK: total(msgspec.structs.replace(active, states=busy))}


def _counted(column: Column, seen: dict[str, int], layout: Layout) -> Column:
    column = msgspec.structs.replace(column, total=seen[column.key])
    if column.key != _ACTIVE:
        return column
    return msgspec.structs.replace(column, at_work=seen[AT_WORK], limit=layout.workers)


def _window(
    tx: Reading,
    project: str,
    place: Place,
    wanted: CardFilter,
    layout: Layout,
    start: int | None = None,
) -> Column:
    search = msgspec.structs.replace(
        _search(project, wanted, place), start=start, newest=place.key in NEWEST_FIRST
    )
    cards = tx.found(search) if search.states else []
    return Column(
        key=place.key,
        title=place.title,
        cards=all_on_board(tx, cards[:WINDOW], layout),
        total=0,
        more=cards[WINDOW].seq if len(cards) > WINDOW else 0,
    )


def _search(project: str, wanted: CardFilter, place: Place) -> CardSearch:
    return CardSearch(
        project=project, states=wanted.among(place.states), labels=wanted.labels,
        words=wanted.words, without=place.without, within=place.within, limit=WINDOW + 1,
    )  # fmt: skip
