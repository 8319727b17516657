"""A card's change: files, rows, remarks on lines, and the decision on it."""

from __future__ import annotations

import msgspec

from sps.console.answers import Answer, Document
from sps.console.pages import card_shell
from sps.console.registry import Route, Surface
from sps.console.render import diff
from sps.console.visit import Visit
from sps.lib.terminal import clean
from sps.model.access import Role
from sps.model.errors import Misuse
from sps.services.card_diff import CardDiff, card_diff

_AT = 20


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`file` unfolds one file; `at` names lines (f0R12) that shall have a field for a remark."""

    file: str = ""
    at: list[str] = []


class ChangesTab(msgspec.Struct, frozen=True, kw_only=True):
    """The change as it stands. `seen` names it; without one, nothing has been changed yet."""

    files: list[diff.FileDiff]
    added: int
    deleted: int
    seen: str
    truncated: bool
    only: str
    at: list[str]
    decides: bool
    earlier: list[str]


def changes_page(visit: Visit) -> Answer:
    """Show the change that a card would land."""
    cursor = card_shell.cursor(visit)
    found = _diff(visit)
    query: Wanted = visit.query
    files = diff.files(found.text, only=query.file) if found else []
    shell = card_shell.shell(visit, "changes", None)
    decides = shell.facts is not None and shell.facts.doable.approve and visit.may("operator")
    tab = ChangesTab(
        files=files,
        added=sum(file.added for file in files),
        deleted=sum(file.deleted for file in files),
        seen=found.new if found else "",
        truncated=bool(found and found.truncated),
        only=query.file,
        at=query.at[:_AT] if decides else [],
        decides=decides,
        earlier=[clean(line) for one in shell.card.verdicts for line in one.lines][-50:],
    )
    return card_shell.page(visit, "changes", tab, cursor=cursor)


def changes_document(visit: Visit) -> Answer:
    """Give the change as text."""
    return Document(value=card_diff(visit.world, *card_shell.where(visit)))


def _diff(visit: Visit) -> CardDiff | None:
    project, seq = card_shell.where(visit)
    try:
        return card_diff(visit.world, project, seq)
    except Misuse as error:
        if error.code == "no-change":
            return None
        if error.code == "unknown-card":  # a file made by hand that is not yet taken in
            card_shell.shell(visit, "changes", None)
            return None
        raise


_P = "/p/{project}/c/{seq}/changes"
_A = "/api/v1/projects/{project}/cards/{seq}/changes"
ROUTES = (
    Route(verb="GET", path=_P, surface=Surface.PAGE, role=Role.VIEWER, handler=changes_page,
          query=Wanted, says="The change that a card would land."),
    Route(verb="GET", path=_A, surface=Surface.API, role=Role.VIEWER, handler=changes_document,
          answers=CardDiff, says="The change that a card would land."),
)  # fmt: skip
