"""What judged a card's change: gates with their output, findings, reviews."""

from __future__ import annotations

import re
import statistics

import msgspec
from markupsafe import Markup

from sps.console.answers import Answer, Document, Raw
from sps.console.pages import card_shell
from sps.console.pages.card_shell import lasting
from sps.console.registry import Route, Surface
from sps.console.render.ansi import lines
from sps.console.visit import Visit
from sps.model.access import Role
from sps.services.gate_log import GateLog, gate_log
from sps.services.judgement import FindingView, GateView, VerdictView
from sps.services.show_card import card_log, show_card
from sps.services.telling import EventView

_ERROR = re.compile(r"\b(errors?|fail(ed|ure)?|fatal|panic|traceback|exception)\b", re.IGNORECASE)
_SHOWN = 400
_BEFORE = 8


class GateRow(msgspec.Struct, frozen=True, kw_only=True):
    """The newest verdict of a gate and its history on this card: how often it ran and failed."""

    gate: GateView
    took: str
    usual: str
    ran: int
    failed: int
    flaky: bool
    output: Markup
    hidden: int  #: lines before those that are shown


class GatesTab(msgspec.Struct, frozen=True, kw_only=True):
    """Gates, what they skipped, findings and reviews."""

    gates: list[GateRow]
    skipped: list[EventView]
    findings: list[FindingView]
    reviews: list[VerdictView]


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """The newest verdict of each gate, findings that wait for a person, and all reviews."""

    gates: list[GateView]
    findings: list[FindingView]
    reviews: list[VerdictView]


def gates_page(visit: Visit) -> Answer:
    """Show what judged a card's change."""
    cursor = card_shell.cursor(visit)
    project, seq = card_shell.where(visit)
    card = show_card(visit.world, project, seq)
    log = card_log(visit.world, project, seq) if card.id is not None else []
    tab = GatesTab(
        gates=[_row(visit, gate, log) for gate in card.gates],
        skipped=[event for event in log if event.kind == "gate.skipped"][-20:],
        findings=card.findings,
        reviews=card.verdicts,
    )
    return card_shell.page(visit, "gates", tab, cursor=cursor)


def gates_document(visit: Visit) -> Answer:
    """Give what judged a card's change."""
    card = show_card(visit.world, *card_shell.where(visit))
    return Document(
        value=Judgement(gates=card.gates, findings=card.findings, reviews=card.verdicts)
    )


def log_document(visit: Visit) -> Answer:
    """Give a gate's output."""
    return Document(value=gate_log(visit.world, *card_shell.where(visit), visit.path["gate"]))


def log_text(visit: Visit) -> Answer:
    """Give a gate's output as plain text."""
    found = gate_log(visit.world, *card_shell.where(visit), visit.path["gate"])
    return Raw(content=found.text.encode(), kind="text/plain; charset=utf-8")


def first_error(text: str) -> int:
    """Return the number of the line, from 0, where a reader wants to begin: the first that names an
    error, else so that the end is shown."""
    all_lines = text.split("\n")
    for number, line in enumerate(all_lines):
        if _ERROR.search(line[:2000]):
            return max(0, number - _BEFORE)
    return max(0, len(all_lines) - _SHOWN)


def _row(visit: Visit, gate: GateView, log: list[EventView]) -> GateRow:
    ran = [e.payload for e in log if e.kind == "gate.ran" and e.payload.get("name") == gate.name]
    took = [float(p["seconds"]) for p in ran if isinstance(p.get("seconds"), int | float)]
    by_tree: dict[str, set[bool]] = {}
    for one in ran:
        by_tree.setdefault(str(one.get("tree")), set()).add(bool(one.get("ok")))
    text = gate_log(visit.world, *card_shell.where(visit), gate.name).text
    begin = max(0, text.count("\n") + 1 - _SHOWN) if gate.ok else first_error(text)
    return GateRow(
        gate=gate, took=lasting(gate.seconds * 1000),
        usual=lasting(statistics.median(took) * 1000) if took else "",
        ran=len(ran), failed=sum(not one.get("ok") for one in ran),
        flaky=any(len(both) > 1 for both in by_tree.values()),
        output=Markup("\n").join(lines(text)[begin : begin + _SHOWN]), hidden=begin,
    )  # fmt: skip


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
)  # fmt: skip
