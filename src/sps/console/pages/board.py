"""The board: six columns, each a window of its cards, moved by mouse, touch, key, menu or form."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import msgspec

from sps.console.answers import Answer, Document, Moved, Page
from sps.console.hub import View
from sps.console.registry import Route, Surface
from sps.console.rendering import Rendering
from sps.console.visit import Visit
from sps.model.access import Role
from sps.model.card import CardState, CardText
from sps.model.desk import SavedView
from sps.model.errors import Misuse, SpsError
from sps.services import add_card, change_cards, lookup
from sps.services import board as boards
from sps.services.board import WINDOW, BoardCard, BoardView, Column
from sps.services.card_filter import EVERY, CardFilter, parsed
from sps.services.change_cards import Changed
from sps.services.columns import move_to
from sps.services.layout import layout_of
from sps.services.list_cards import CardList, list_cards
from sps.services.telling import EventView
from sps.services.views import views

if TYPE_CHECKING:
    from sps.bootstrap import Wired
    from sps.model.card import Card
    from sps.model.event import Event
    from sps.ports.store import Reading

PARTS = Rendering()
_MOST_AT_ONCE = 500


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


class Bulk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to do with several cards: move them to a column, run them, give them a label or take one
    away, or all of it."""

    cards: list[int] = []
    column: str = ""
    label: str = ""
    unlabel: str = ""
    run: bool = False


class Filtered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which cards to show: `is:ready label:ui words`."""

    q: str = ""


class Shelved(Filtered, frozen=True, forbid_unknown_fields=True):
    """And whether the column of what is done lies open."""

    done: bool = False


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which cards of a column come next: from this number on, of those that a filter passes."""

    start: int | None = None
    q: str = ""


class CardsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which cards to list: by state, from a number on, at most so many."""

    state: list[CardState] = []
    after: int = 0
    limit: int = WINDOW


class BoardPage(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows: the board, and what is wrong with the filter that was asked for."""

    board: BoardView
    typed: str
    wrong: str
    views: list[SavedView] = []
    done: bool = False

    @property
    def fold(self) -> str:
        """The address of this board with what is done folded, or unfolded."""
        said = {"q": self.board.filter, "done": "" if self.done else "true"}
        query = urlencode({key: value for key, value in said.items() if value})
        return f"/p/{self.board.project.name}/board?{query}".rstrip("?")

    @property
    def query(self) -> str:
        """What addresses of this board carry so that they keep the filter."""
        return f"&q={quote(self.board.filter)}" if self.board.filter else ""


class ColumnPage(msgspec.Struct, frozen=True, kw_only=True):
    """One window of a column, for a page without scripts or as rows for a page with them."""

    column: Column
    query: str


class MovePage(msgspec.Struct, frozen=True, kw_only=True):
    """A card and the columns that it can be moved to, with their names."""

    card: BoardCard
    titles: dict[str, str]


def board_page(visit: Visit) -> Answer:
    """Show a project's board."""
    wanted, wrong = _wanted(visit.query.q)
    shown = boards.board(visit.world, visit.path["project"], wanted)
    name = shown.project.name
    return Page(
        template="board.html", title="Board", here="board", project=name, cursor=shown.cursor,
        model=BoardPage(
            board=shown, typed=visit.query.q[:200], wrong=wrong, done=visit.query.done,
            views=_views(visit, name),
        ),
        view=f"board:{name}?{wanted.text}",
    )  # fmt: skip


def _views(visit: Visit, name: str) -> list[SavedView]:
    try:
        return views(visit.world, name).views
    except SpsError:  # the first page says what is wrong with the file
        return []


def board_document(visit: Visit) -> Answer:
    """Give a project's board as a document."""
    wanted = parsed(visit.query.q)
    return Document(value=boards.board(visit.world, visit.path["project"], wanted))


def more_cards(visit: Visit) -> Answer:
    """Show the next window of a column: rows for the board, or a page of its own."""
    key, project = visit.path["column"], visit.path["project"]
    wanted = parsed(visit.query.q)
    window = boards.column(visit.world, project, key, wanted, visit.query.start)
    query = f"&q={quote(wanted.text)}" if wanted.text else ""
    return Page(
        template="board_rows.html" if visit.scripted else "board_column.html",
        title=window.title, model=ColumnPage(column=window, query=query), here="board",
        project=project,
    )  # fmt: skip


def add(visit: Visit) -> Answer:
    """Add a card."""
    card = _added(visit)
    return Moved(to=f"/p/{card.project}/board#c-{card.seq}")


def add_document(visit: Visit) -> Answer:
    """Add a card and give it back."""
    return Document(value=_added(visit), status=201)


def _added(visit: Visit) -> BoardCard:
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
    card = add_card.add_card(visit.world, visit.path["project"], text, key=key)
    return _shown(visit, card)


def _shown(visit: Visit, card: Card) -> BoardCard:
    layout = layout_of(visit.world, card.project)
    return visit.world.store.read(lambda tx: boards.on_board(tx, card, layout))


def move_page(visit: Visit) -> Answer:
    """Ask where a card shall go, for those who neither drag nor have scripts."""
    world, project, seq = visit.world, visit.path["project"], visit.number("seq")
    card = _shown(visit, world.store.read(lambda tx: lookup.card(tx, project, seq)))
    return Page(
        template="board_move.html", title="Move a card", here="board", project=project,
        model=MovePage(card=card, titles=boards.titles(world, project)),
    )  # fmt: skip


def move(visit: Visit) -> Answer:
    """Move a card to another column."""
    moved = _moved(visit)
    return Moved(to=f"/p/{moved.project}/board#c-{moved.seq}")


def move_document(visit: Visit) -> Answer:
    """Move a card and give it back."""
    return Document(value=_moved(visit))


def _moved(visit: Visit) -> BoardCard:
    wanted: Move = visit.body
    card = move_to(
        visit.world, visit.path["project"], visit.number("seq"), wanted.column,
        version=wanted.version,
    )  # fmt: skip
    return _shown(visit, card)


def bulk(visit: Visit) -> Answer:
    """Change several cards. Where one refuses, the page says which and why."""
    changed = _changed(visit)
    if changed.refused:
        says = "; ".join(f"{one.seq}: {one.says}" for one in changed.refused)
        raise Misuse("some-refused", f"{len(changed.cards)} cards were changed. Not {says}")
    return Moved(to=f"/p/{visit.path['project']}/board")


def bulk_document(visit: Visit) -> Answer:
    """Change several cards and say what came of each."""
    return Document(value=_changed(visit))


def _changed(visit: Visit) -> Changed:
    wanted: Bulk = visit.body
    world, project = visit.world, visit.path["project"]
    label, unlabel = wanted.label.strip(), wanted.unlabel.strip()
    column = "ready" if wanted.run else wanted.column
    if not column and not label and not unlabel:
        raise Misuse("nothing-to-change", "choose a column or a label")
    parts: list[Changed] = []
    if label:
        parts.append(change_cards.label_cards(world, project, wanted.cards, label))
    if unlabel:
        parts.append(change_cards.unlabel_cards(world, project, wanted.cards, unlabel))
    if column:
        parts.append(change_cards.move_cards(world, project, wanted.cards, column))
    return Changed(
        cards=parts[-1].cards,
        refused=[one for part in parts for one in part.refused],
        labelled=[seq for part in parts for seq in part.labelled],
        unlabelled=[seq for part in parts for seq in part.unlabelled],
        moved=parts[-1].moved,
    )


def cards_document(visit: Visit) -> Answer:
    """List cards."""
    query: CardsQuery = visit.query
    found = list_cards(
        visit.world, visit.path["project"], states=tuple(query.state), start=query.after + 1,
        limit=min(max(1, query.limit), _MOST_AT_ONCE),
    )  # fmt: skip
    return Document(value=found)


def _wanted(typed: str) -> tuple[CardFilter, str]:
    """Read a filter for a page, which shows everything where it cannot be understood."""
    try:
        return parsed(typed), ""
    except Misuse as error:
        return EVERY, error.message


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What a board's stream adds to an event: the card's new row, its place, the new counts, and
    whether the board's filter passes it."""

    html: str
    column: str
    counts: dict[str, str]
    fits: bool


def of_board(visit: Visit, rest: str) -> View:
    """A project's board: `name`, or `name?filter`. What is rendered alike is made once."""
    project, _, typed = rest.partition("?")
    visit.world.store.read(lambda tx: lookup.project(tx, project))
    wanted, may = parsed(typed), visit.may("operator")
    shown = partial(_fragment, language=visit.language, may=may, wanted=wanted)
    name = f"board:{project}:{visit.language}:{may}:{wanted.text}"
    return View(name=name, project=project, fragment=shown)


def _fragment(
    world: Wired, event: Event, told: EventView, *, language: str, may: bool, wanted: CardFilter
) -> object:
    """Render the card that an event is about; without one the page loads itself again."""
    layout = layout_of(world, told.project)

    def question(tx: Reading) -> tuple[BoardCard, bool, dict[str, int]] | None:
        card = tx.card(event.card_id or "")
        if card is None:
            return None
        counts = tx.counts().get(told.project, {})
        totals = boards.totals(tx, told.project, wanted, counts, layout)
        return boards.on_board(tx, card, layout), wanted.fits(card), totals

    found = world.store.read(question)
    if found is None:
        return None
    card, fits, totals = found
    return Shown(
        html=PARTS.part("board_card.html", "card", language, card, may),
        column=f"col-{card.column}",
        counts={f"n-{key}": str(total) for key, total in totals.items()},
        fits=fits,
    )


VIEWS = {"board": of_board}
_P = "/p/{project}"
_A = "/api/v1/projects/{project}"
ROUTES = (
    Route(verb="GET", path=_P + "/board", surface=Surface.PAGE, role=Role.VIEWER,
          handler=board_page, query=Shelved, says="A project's board."),
    Route(verb="GET", path=_P + "/board/{column}", surface=Surface.PAGE, role=Role.VIEWER,
          handler=more_cards, query=Window, says="More cards of a column."),
    Route(verb="POST", path=_P + "/cards", surface=Surface.PAGE, role=Role.OPERATOR, handler=add,
          body=NewCard, says="Add a card."),
    Route(verb="POST", path=_P + "/bulk", surface=Surface.PAGE, role=Role.OPERATOR, handler=bulk,
          body=Bulk, says="Move or label several cards."),
    Route(verb="GET", path=_P + "/c/{seq}/move", surface=Surface.PAGE, role=Role.OPERATOR,
          handler=move_page, says="Where a card can go."),
    Route(verb="POST", path=_P + "/c/{seq}/move", surface=Surface.PAGE, role=Role.OPERATOR,
          handler=move, body=Move, says="Move a card."),
    Route(verb="GET", path=_A + "/board", surface=Surface.API, role=Role.VIEWER,
          handler=board_document, query=Filtered, answers=BoardView, says="A project's board."),
    Route(verb="POST", path=_A + "/bulk", surface=Surface.API, role=Role.OPERATOR,
          handler=bulk_document, body=Bulk, answers=Changed, says="Move or label several cards."),
    Route(verb="GET", path=_A + "/cards", surface=Surface.API, role=Role.VIEWER,
          handler=cards_document, query=CardsQuery, answers=CardList, says="List cards."),
    Route(verb="POST", path=_A + "/cards", surface=Surface.API, role=Role.OPERATOR,
          handler=add_document, body=NewCard, answers=BoardCard, status=201, says="Add a card."),
    Route(verb="POST", path=_A + "/cards/{seq}/move", surface=Surface.API, role=Role.OPERATOR,
          handler=move_document, body=Move, answers=BoardCard, says="Move a card."),
)  # fmt: skip
