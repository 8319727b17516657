"""The board: six columns, each a window of its cards, moved by mouse, touch, key, menu or form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.console.answers import Answer, Document, Moved, Page
from sps.console.hub import View
from sps.console.registry import Route, Surface
from sps.console.rendering import Rendering
from sps.console.visit import Visit
from sps.model.access import Role
from sps.model.card import CardState, CardText
from sps.model.errors import Misuse, SpsError, Stale
from sps.model.pipeline import COLUMNS as TITLES
from sps.ports.store import CardQuery
from sps.services import add_card, lookup, move_card
from sps.services.card_view import CardView, view
from sps.services.list_cards import CardList, list_cards
from sps.services.project_view import ProjectView, all_states, show_project
from sps.services.telling import EventView

if TYPE_CHECKING:
    from sps.bootstrap import Wired
    from sps.model.event import Event
    from sps.ports.store import Reading

WINDOW = 50
PARTS = Rendering()
_S = CardState
COLUMNS: dict[str, tuple[CardState, ...]] = {
    "planning": (_S.PLANNING,),
    "backlog": (_S.BACKLOG,),
    "ready": (_S.READY,),
    "active": (_S.RUNNING, _S.GATING),
    "review": (_S.REVIEW, _S.LANDING, _S.NEEDS_HUMAN),
    "done": (_S.DONE, _S.DROPPED),
}


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column's window. `more` is the number from which the next window begins, 0 at its end."""

    key: str
    title: str
    cards: list[CardView]
    total: int
    more: int = 0


class BoardView(msgspec.Struct, frozen=True, kw_only=True):
    """A project's board as of one event."""

    project: ProjectView
    columns: list[Column]
    cursor: int


class NewCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A card to add."""

    title: str
    body: str = ""
    skills: list[str] = []
    labels: list[str] = []
    after: list[int] = []
    priority: int = 0
    hold: bool = False


class Move(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a card shall go. `version`: what the mover saw; another one is a conflict."""

    column: str
    version: int | None = None


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which cards of a column come next, or which a filter lets through."""

    start: int = 0


class CardsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which cards to list: by state, from a number on, at most so many."""

    state: list[CardState] = []
    after: int = 0
    limit: int = WINDOW


def board_page(visit: Visit) -> Answer:
    """Show a project's board."""
    shown = board(visit.world, visit.path["project"])
    return Page(
        template="board.html", title="Board", model=shown, view=f"board:{shown.project.name}",
        cursor=shown.cursor, here="board", project=shown.project.name,
    )  # fmt: skip


def board_document(visit: Visit) -> Answer:
    """Give a project's board as a document."""
    return Document(value=board(visit.world, visit.path["project"]))


def board(world: Wired, project: str) -> BoardView:
    """Read a board in one snapshot."""
    names = _titles(world, project)
    shown = show_project(world, project)

    def question(tx: Reading) -> tuple[list[Column], int]:
        counts = all_states(tx.counts().get(project, {}))
        columns = [_column(tx, project, key, names[key], counts) for key in COLUMNS]
        return columns, tx.last_event()

    columns, cursor = world.store.read(question)
    return BoardView(project=shown, columns=columns, cursor=cursor)


def more_cards(visit: Visit) -> Answer:
    """Give the next window of a column, as rows for the page."""
    key = _known_column(visit.path["column"])
    project = visit.path["project"]
    visit.world.store.read(lambda tx: lookup.project(tx, project))

    def question(tx: Reading) -> Column:
        counts = all_states(tx.counts().get(project, {}))
        return _column(tx, project, key, key, counts, start=max(0, visit.query.start))

    column = visit.world.store.read(question)
    return Page(template="more.html", title="", model=column, project=project)


def add(visit: Visit) -> Answer:
    """Add a card."""
    card = _added(visit)
    return Moved(to=f"/p/{visit.path['project']}/board#c-{card.seq}")


def add_document(visit: Visit) -> Answer:
    """Add a card and give it back."""
    return Document(value=_added(visit), status=201)


def _added(visit: Visit) -> CardView:
    wanted: NewCard = visit.body
    text = CardText(
        title=wanted.title.strip(),
        body=wanted.body.replace("\r\n", "\n"),
        skills=tuple(wanted.skills),
        labels=tuple(wanted.labels),
        after=tuple(wanted.after),
        priority=wanted.priority,
        hold=wanted.hold,
    )
    key = visit.headers.get("idempotency-key")
    return view(add_card.add_card(visit.world, visit.path["project"], text, key=key))


def move(visit: Visit) -> Answer:
    """Move a card to another column."""
    moved = _moved(visit)
    return Moved(to=f"/p/{moved.project}/board#c-{moved.seq}")


def move_document(visit: Visit) -> Answer:
    """Move a card and give it back."""
    return Document(value=_moved(visit))


def _moved(visit: Visit) -> CardView:
    world, project, seq = visit.world, visit.path["project"], visit.number("seq")
    wanted: Move = visit.body
    card = world.store.read(lambda tx: lookup.card(tx, project, seq))
    if wanted.version is not None and wanted.version != card.version:
        raise Stale(f"card {seq} was changed meanwhile: it is {card.state.value} now")
    column = _known_column(wanted.column)
    if card.state in COLUMNS[column]:
        return view(card)
    if column == "planning":
        return view(move_card.hold_card(world, project, seq))
    if column in ("backlog", "ready", "active"):
        if card.state is CardState.NEEDS_HUMAN:
            return view(move_card.retry_card(world, project, seq))
        return view(move_card.release_card(world, project, seq))
    raise Misuse(
        "cannot-move", f"a card comes to {column} by itself, when its work is done",
        hint=f"sps why {project} {seq}",
    )  # fmt: skip


def cards_document(visit: Visit) -> Answer:
    """List cards."""
    query: CardsQuery = visit.query
    found = list_cards(
        visit.world, visit.path["project"], states=tuple(query.state), start=query.after + 1,
        limit=min(max(1, query.limit), 500),
    )  # fmt: skip
    return Document(value=found)


def _column(
    tx: Reading, project: str, key: str, title: str, counts: dict[str, int], *, start: int = 0
) -> Column:
    query = CardQuery(
        project=project, states=COLUMNS[key], after_seq=max(0, start - 1), limit=WINDOW + 1
    )
    cards = tx.cards(query)
    return Column(
        key=key,
        title=title,
        cards=[view(card) for card in cards[:WINDOW]],
        total=sum(counts[state.value] for state in COLUMNS[key]),
        more=cards[WINDOW].seq if len(cards) > WINDOW else 0,
    )


def _titles(world: Wired, project: str) -> dict[str, str]:
    try:
        return {**TITLES, **world.pipeline_files.load(project).columns}
    except SpsError:  # the board is shown all the same; its banner says what is wrong
        return dict(TITLES)


def _known_column(key: str) -> str:
    if key not in COLUMNS:
        raise Misuse("unknown-column", f"there is no column {key[:40]!r}")
    return key


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What a board's stream adds to an event: the card's new row, its place and the new counts."""

    html: str
    column: str
    counts: dict[str, str]


def fragment(world: Wired, event: Event, told: EventView) -> object:
    """Render the card that an event is about, once for all boards that are open."""
    if told.card is None:
        return None
    card = world.store.read(lambda tx: tx.card(event.card_id or ""))
    if card is None:
        return None
    counts = all_states(world.store.read(lambda tx: tx.counts().get(told.project, {})))
    column = next(key for key, states in COLUMNS.items() if card.state in states)
    return Shown(
        html=PARTS.part("board_card.html", "card", "en", view(card)),
        column=f"col-{column}",
        counts={
            f"n-{key}": str(sum(counts[state.value] for state in states))
            for key, states in COLUMNS.items()
        },
    )


def of_board(visit: Visit, rest: str) -> View:
    """A project's board."""
    visit.world.store.read(lambda tx: lookup.project(tx, rest))
    return View(name=f"board:{rest}", project=rest, fragment=fragment)


VIEWS = {"board": of_board}
_P = "/p/{project}"
_A = "/api/v1/projects/{project}"
ROUTES = (
    Route(verb="GET", path=_P + "/board", surface=Surface.PAGE, role=Role.VIEWER,
          handler=board_page, says="A project's board."),
    Route(verb="GET", path=_P + "/board/{column}", surface=Surface.PAGE, role=Role.VIEWER,
          handler=more_cards, query=Window, says="More cards of a column."),
    Route(verb="POST", path=_P + "/cards", surface=Surface.PAGE, role=Role.OPERATOR, handler=add,
          body=NewCard, says="Add a card."),
    Route(verb="POST", path=_P + "/c/{seq}/move", surface=Surface.PAGE, role=Role.OPERATOR,
          handler=move, body=Move, says="Move a card."),
    Route(verb="GET", path=_A + "/board", surface=Surface.API, role=Role.VIEWER,
          handler=board_document, answers=BoardView, says="A project's board."),
    Route(verb="GET", path=_A + "/cards", surface=Surface.API, role=Role.VIEWER,
          handler=cards_document, query=CardsQuery, answers=CardList, says="List cards."),
    Route(verb="POST", path=_A + "/cards", surface=Surface.API, role=Role.OPERATOR,
          handler=add_document, body=NewCard, answers=CardView, status=201, says="Add a card."),
    Route(verb="POST", path=_A + "/cards/{seq}/move", surface=Surface.API, role=Role.OPERATOR,
          handler=move_document, body=Move, answers=CardView, says="Move a card."),
)  # fmt: skip
