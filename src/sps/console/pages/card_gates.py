"""What judged a card's change: gates with their output, findings, reviews."""

from __future__ import annotations

import re

import msgspec
from markupsafe import Markup

from sps.console.answers import Answer, Document, Moved, Raw
from sps.console.pages import card_shell
from sps.console.pages.door import inside
from sps.console.registry import Route, Surface
from sps.console.render.ansi import lines
from sps.console.render.lasting import lasting
from sps.console.render.strip import strip
from sps.console.visit import Visit
from sps.model.access import Role
from sps.model.card import Card
from sps.services.card_view import CardView, view
from sps.services.gate_facts import GateFact, GateFacts, gate_facts
from sps.services.gate_log import GateLog, gate_log
from sps.services.gate_verbs import GateVerbs, rerun_gates, waive_gate
from sps.services.judgement import FindingView, GateView, VerdictView
from sps.services.show_card import show_card

_ERROR = re.compile(r"\b(errors?|fail(ed|ure)?|fatal|panic|traceback|exception)\b", re.IGNORECASE)
_SHOWN = 400
_BEFORE = 8
_SLOW = 1.5  #: so many times its median is worth a word


class Rerun(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Run gates again: all, or this one, or this one and those after it."""

    gate: str | None = None
    onward: bool = False
    back: str = ""


class Waive(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Let a gate's red verdict count for nothing. `seen` is the tree that it is about."""

    gate: str
    why: str = ""
    seen: str = ""
    back: str = ""


class GateRow(msgspec.Struct, frozen=True, kw_only=True):
    """A gate with its output. `odd`: it took much longer than it usually does."""

    fact: GateFact
    took: str
    usual: str
    odd: bool
    strip: Markup
    output: Markup
    hidden: int  #: lines before those that are shown
    first: int  #: the line that is shown as the first error, 0 for none


class GatesTab(msgspec.Struct, frozen=True, kw_only=True):
    """Gates, what may be done about them, findings and reviews."""

    gates: list[GateRow]
    verbs: GateVerbs
    findings: list[FindingView]
    reviews: list[VerdictView]


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """The newest verdict of each gate, how all gates stand and what may be done about them,
    findings that wait for a person, and all reviews."""

    gates: list[GateView]
    standing: GateFacts
    findings: list[FindingView]
    reviews: list[VerdictView]


def gates_page(visit: Visit) -> Answer:
    """Show what judged a card's change."""
    cursor = card_shell.cursor(visit)
    project, seq = card_shell.where(visit)
    card = show_card(visit.world, project, seq)
    facts = gate_facts(visit.world, project, seq) if card.id is not None else _NONE
    tab = GatesTab(
        gates=[_row(visit, fact) for fact in facts.gates],
        verbs=facts.verbs,
        findings=card.findings,
        reviews=card.verdicts,
    )
    return card_shell.page(visit, "gates", tab, cursor=cursor)


def gates_document(visit: Visit) -> Answer:
    """Give what judged a card's change."""
    where = card_shell.where(visit)
    card = show_card(visit.world, *where)
    facts = gate_facts(visit.world, *where) if card.id is not None else _NONE
    return Document(
        value=Judgement(
            gates=card.gates, standing=facts, findings=card.findings, reviews=card.verdicts
        )
    )  # fmt: skip


def rerun(visit: Visit) -> Answer:
    """Run gates again."""
    _rerun(visit)
    return _back(visit)


def rerun_document(visit: Visit) -> Answer:
    """Run gates again and give the card back."""
    return Document(value=view(_rerun(visit)))


def waive(visit: Visit) -> Answer:
    """Waive a gate's verdict, with a reason."""
    _waive(visit)
    return _back(visit)


def waive_document(visit: Visit) -> Answer:
    """Waive a gate's verdict and give the card back."""
    return Document(value=view(_waive(visit)))


def _rerun(visit: Visit) -> Card:
    wanted: Rerun = visit.body
    where = card_shell.where(visit)
    return rerun_gates(visit.world, *where, gate=wanted.gate, onward=wanted.onward)


def _waive(visit: Visit) -> Card:
    wanted: Waive = visit.body
    where = card_shell.where(visit)
    return waive_gate(
        visit.world, *where, wanted.gate, wanted.why.replace("\r\n", "\n"),
        seen=wanted.seen or None,
    )  # fmt: skip


def _back(visit: Visit) -> Answer:
    project, seq = card_shell.where(visit)
    return Moved(to=inside(visit.body.back or f"/p/{project}/c/{seq}/gates"))


def log_document(visit: Visit) -> Answer:
    """Give a gate's output."""
    return Document(value=gate_log(visit.world, *card_shell.where(visit), visit.path["gate"]))


def log_text(visit: Visit) -> Answer:
    """Give a gate's output as plain text."""
    found = gate_log(visit.world, *card_shell.where(visit), visit.path["gate"])
    return Raw(content=found.text.encode(), kind="text/plain; charset=utf-8")


def first_error(text: str) -> int | None:
    """Return the number, from 0, of the first line that names an error; None where none does."""
    for number, line in enumerate(text.split("\n")):
        if _ERROR.search(line[:2000]):
            return number
    return None


def _row(visit: Visit, fact: GateFact) -> GateRow:
    verdict, usual = fact.verdict, fact.history.median
    text = gate_log(visit.world, *card_shell.where(visit), fact.name).text if verdict else ""
    shown = lines(text) if text else []
    good = verdict is None or verdict.ok
    error = None if good else first_error(text)
    begin = max(0, len(shown) - _SHOWN) if error is None else max(0, error - _BEFORE)
    took = verdict.seconds if verdict else 0.0
    return GateRow(
        fact=fact,
        took=lasting(took * 1000) if verdict else "",
        usual=lasting(usual * 1000) if usual is not None and fact.history.ran > 1 else "",
        odd=bool(usual and took > 1 and took > _SLOW * usual),
        strip=strip([(one.ok, one.seconds) for one in fact.history.runs]),
        output=Markup("\n").join(shown[begin : begin + _SHOWN]),
        hidden=begin,
        first=error + 1 if error is not None and begin else 0,
    )


_NONE = GateFacts(gates=[], verbs=GateVerbs(rerun=False))
_P = "/p/{project}/c/{seq}/gates"
_A = "/api/v1/projects/{project}/cards/{seq}/gates"
ROUTES = (
    Route(verb="GET", path=_P, surface=Surface.PAGE, role=Role.VIEWER, handler=gates_page,
          says="What judged a card's change."),
    Route(verb="GET", path=_P + "/{gate}/log", surface=Surface.PAGE, role=Role.VIEWER,
          handler=log_text, says="A gate's output."),
    Route(verb="GET", path=_A, surface=Surface.API, role=Role.VIEWER, handler=gates_document,
          answers=Judgement, says="What judged a card's change."),
    Route(verb="GET", path=_A + "/{gate}/log", surface=Surface.API, role=Role.VIEWER,
          handler=log_document, answers=GateLog, says="A gate's output."),
    Route(verb="POST", path=_P + "/rerun", surface=Surface.PAGE, role=Role.OPERATOR,
          handler=rerun, body=Rerun, says="Run a waiting card's gates again."),
    Route(verb="POST", path=_A + "/rerun", surface=Surface.API, role=Role.OPERATOR,
          handler=rerun_document, body=Rerun, answers=CardView,
          says="Run a waiting card's gates again, without its agent."),
    Route(verb="POST", path=_P + "/waive", surface=Surface.PAGE, role=Role.ADMIN,
          handler=waive, body=Waive, says="Let a red gate count for nothing, with a reason."),
    Route(verb="POST", path=_A + "/waive", surface=Surface.API, role=Role.ADMIN,
          handler=waive_document, body=Waive, answers=CardView,
          says="Let a red gate count for nothing on exactly this tree, with a reason."),
)  # fmt: skip
