"""What every tab of a card's page has around it: where the card stands, and what may be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.console.answers import Page
from sps.console.render.lasting import lasting
from sps.lib.times import rfc3339
from sps.services.card_facts import CardFacts, card_facts
from sps.services.show_card import CardDetail, show_card
from sps.services.why import Why, why

if TYPE_CHECKING:
    from sps.console.visit import Visit

TABS = (
    ("spec", "Spec", ""), ("run", "Run", "/run"), ("changes", "Changes", "/changes"),
    ("gates", "Gates", "/gates"), ("timeline", "Timeline", "/timeline"),
)  # fmt: skip
_WAITS = ("planning", "backlog", "ready", "review", "needs_human")


class Tab(msgspec.Struct, frozen=True, kw_only=True):
    """A tab of the page; `key` is its number on the keyboard."""

    name: str
    path: str
    key: int
    here: bool


class StateTime(msgspec.Struct, frozen=True, kw_only=True):
    """How long the card stood in a state altogether."""

    state: str
    said: str


class Fix(msgspec.Struct, frozen=True, kw_only=True):
    """Where what stops a card is put right."""

    label: str
    to: str


class Shell(msgspec.Struct, frozen=True, kw_only=True):
    """The page around a tab. A file made by hand has no facts until it is taken in."""

    card: CardDetail
    path: str
    tabs: list[Tab]
    facts: CardFacts | None
    why: Why | None
    times: list[StateTime]
    action: str  #: the one that the state asks for
    fix: Fix | None
    tab: object = None

    @property
    def live_run(self) -> str | None:
        """The run in progress."""
        runs = self.facts.runs if self.facts else []
        return next((run.id for run in runs if run.ended_at is None), None)


def page(visit: Visit, tab: str, model: object, *, cursor: int, status: int = 200) -> Page:
    """Return the page of a tab, as of an event read before the model was made."""
    made = shell(visit, tab, model)
    return Page(
        template=f"card_{tab}.html", title=made.card.title, model=made,
        view=f"card:{made.card.number}", cursor=cursor, here="board", project=made.card.project,
        status=status,
    )  # fmt: skip


def cursor(visit: Visit) -> int:
    """Return the newest event; read it before the data of a page."""
    return visit.world.store.read(lambda tx: tx.last_event())


def shell(visit: Visit, tab: str, model: object) -> Shell:
    """Collect what stands around a tab. Raises `Misuse` with unknown-project or unknown-card."""
    project, seq = where(visit)
    card = show_card(visit.world, project, seq)
    known = card.id is not None
    facts = card_facts(visit.world, project, seq) if known else None
    path = f"/p/{project}/c/{seq}"
    return Shell(
        card=card,
        path=path,
        tabs=[
            Tab(name=name, path=path + rest, key=number, here=key == tab)
            for number, (key, name, rest) in enumerate(TABS, 1)
        ],
        facts=facts,
        why=why(visit.world, project, seq) if known else None,
        times=_times(facts) if facts else [],
        action=_action(facts, card) if facts else "",
        fix=_fix(card, path),
        tab=model,
    )


def where(visit: Visit) -> tuple[str, int]:
    """Return project and number from the path."""
    return visit.path["project"], visit.number("seq")


def moment(milliseconds: int) -> str:
    """Return a time as the templates' `ago` takes it."""
    return rfc3339(milliseconds)


def _times(facts: CardFacts) -> list[StateTime]:
    spent: dict[str, int] = {}
    for one in facts.stretches:
        spent[one.state] = spent.get(one.state, 0) + one.ended - one.began
    return [StateTime(state=state, said=lasting(took)) for state, took in spent.items()]


_GATES = ("See the gate", "{card}/gates")
_TEXT = ("Edit the card", "{card}?edit=1")
_RUN = ("See the run", "{card}/run")
_CHANGES = ("See the change", "{card}/changes")
_PIPELINE = ("Change the pipeline", "/p/{project}/pipeline")
_AGENTS = ("See the agents", "/health")
FIXES = {
    "gate-failed": _GATES, "gate-not-run": _GATES, "base-red": _GATES,
    "unknown-skill": _TEXT, "unknown-after": _TEXT, "unknown-agent": _TEXT,
    "parent-dropped": _TEXT, "cycle": _TEXT, "no-change": _TEXT,
    "budget": _PIPELINE, "pipeline-broken": _PIPELINE,
    "timeout": _RUN, "idle-timeout": _RUN, "crashed": _RUN, "failed": _RUN, "refused": _RUN,
    "flood": _RUN, "protocol": _RUN, "no-verdict": _RUN,
    "conflict": _CHANGES, "secret": _CHANGES, "conflict-marker": _CHANGES,
    "login-required": _AGENTS, "login-refused": _AGENTS, "agent-missing": _AGENTS,
    "agent-misconfigured": _AGENTS, "vendor-unreachable": _RUN,
}  # fmt: skip


def _fix(card: CardDetail, path: str) -> Fix | None:
    found = FIXES.get(card.reason or "")
    if found is None:
        return None
    return Fix(label=found[0], to=found[1].format(card=path, project=card.project))


def _action(facts: CardFacts, card: CardDetail) -> str:
    can = facts.doable
    if can.approve:
        return "review"
    if can.retry and card.state == "needs_human":
        return "retry"
    if can.release:
        return "release"
    return "cancel" if can.cancel else ""
