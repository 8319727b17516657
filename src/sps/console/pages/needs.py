"""The first page: what waits for a person, oldest first, each with what to do about it at once."""

from __future__ import annotations

import msgspec

from sps.console.answers import Answer, Document, Moved, Page
from sps.console.registry import Route, Surface
from sps.console.visit import Visit
from sps.model.access import Role
from sps.model.desk import Snooze
from sps.model.pipeline import Budget
from sps.services.card_view import CardView, view
from sps.services.edit_pipeline import Checked
from sps.services.needing import Needs, afford_card, answer_card, needing
from sps.services.snoozing import snooze
from sps.services.tune_pipeline import raise_budget


class Wait(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how many hours a decision is put off; 0 shows it again."""

    hours: int = 4


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer: the next attempt has it."""

    text: str


class More(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a card of the project may cost from now on; time in seconds. Absent stays as it is."""

    tokens: int | None = None
    usd: float | None = None
    time: float | None = None

    @property
    def budget(self) -> Budget:
        return Budget(tokens=self.tokens, usd=self.usd, time=self.time)


def first_page(visit: Visit) -> Answer:
    """Show the queue of decisions across all projects."""
    cursor = visit.world.store.read(lambda tx: tx.last_event())
    return Page(
        template="needs.html", title="Needs you", model=needing(visit.world), view="all",
        cursor=cursor, here="needs",
    )  # fmt: skip


def as_document(visit: Visit) -> Answer:
    """List what waits for a person."""
    return Document(value=needing(visit.world))


def put_off(visit: Visit) -> Answer:
    """Put a decision off, or show it again."""
    _snoozed(visit)
    return Moved(to="/")


def put_off_document(visit: Visit) -> Answer:
    """Put a decision off, or show it again."""
    return Document(value=_snoozed(visit))


def _snoozed(visit: Visit) -> Snooze:
    return snooze(visit.world, visit.path["project"], visit.number("seq"), visit.body.hours)


def answer(visit: Visit) -> Answer:
    """Answer a card's agent and send the card back to work."""
    answer_card(visit.world, visit.path["project"], visit.number("seq"), visit.body.text)
    return Moved(to="/")


def answer_document(visit: Visit) -> Answer:
    """Answer a card's agent and send the card back to work."""
    found = answer_card(visit.world, visit.path["project"], visit.number("seq"), visit.body.text)
    return Document(value=view(found))


def more(visit: Visit) -> Answer:
    """Raise what a card may cost, and try it again."""
    afford_card(visit.world, visit.path["project"], visit.number("seq"), visit.body.budget)
    return Moved(to="/")


def budget_document(visit: Visit) -> Answer:
    """Raise what a card of a project may cost."""
    return Document(value=raise_budget(visit.world, visit.path["project"], visit.body.budget))


_P, _A = "/p/{project}/c/{seq}", "/api/v1/projects/{project}/cards/{seq}"
ROUTES = (
    Route(verb="GET", path="/", surface=Surface.PAGE, role=Role.VIEWER, handler=first_page,
          says="What needs a person."),
    Route(verb="POST", path=_P + "/snooze", surface=Surface.PAGE, role=Role.OPERATOR,
          handler=put_off, body=Wait, says="Put a decision off."),
    Route(verb="POST", path=_P + "/answer", surface=Surface.PAGE, role=Role.OPERATOR,
          handler=answer, body=Words, says="Answer and send back to work."),
    Route(verb="POST", path=_P + "/budget", surface=Surface.PAGE, role=Role.ADMIN, handler=more,
          body=More, says="Raise what a card may cost, and try it again."),
    Route(verb="GET", path="/api/v1/needs", surface=Surface.API, role=Role.VIEWER,
          handler=as_document, answers=Needs, says="What needs a person, oldest first."),
    Route(verb="POST", path=_A + "/snooze", surface=Surface.API, role=Role.OPERATOR,
          handler=put_off_document, body=Wait, answers=Snooze, says="Put a decision off."),
    Route(verb="POST", path=_A + "/answer", surface=Surface.API, role=Role.OPERATOR,
          handler=answer_document, body=Words, answers=CardView,
          says="Answer and send back to work."),
    Route(verb="PATCH", path="/api/v1/projects/{project}/budget", surface=Surface.API,
          role=Role.ADMIN, handler=budget_document, body=More, answers=Checked,
          says="Raise what a card of a project may cost."),
)  # fmt: skip
