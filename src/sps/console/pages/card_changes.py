"""A card's change: files, rows, remarks on lines, and the decision on it."""

from __future__ import annotations

import msgspec

from sps.console.answers import Answer, Document, Raw
from sps.console.pages import card_shell
from sps.console.pages.card_diff import DiffView, page_of, threads
from sps.console.registry import Route, Surface
from sps.console.render import diff, picture
from sps.console.visit import Visit
from sps.model.access import Role
from sps.model.errors import Misuse, SpsError
from sps.services.card_diff import REVIEW, CardDiff, Part, card_diff, diff_parts
from sps.services.changed_file import changed_file

_AT = 20
_ABSENT = ("no-change", "unknown-card")  # the latter: a file made by hand, not yet taken in


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`of` asks for a part of the change: a run's, `review` for what came since the last review, or
    an earlier tree or commit of the card. `file` unfolds one file; `at` names lines (f0R12) that
    shall have a field for a remark; `view=split` shows both sides, `space=hide` no white space;
    `start`: the file that the page begins with, where there are many."""

    of: str = ""
    file: str = ""
    at: list[str] = []
    view: str = ""
    space: str = ""
    start: int = 0


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which change: all of it, or a part; with or without that of white space."""

    of: str = ""
    space: str = ""


class Blob(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of the change, on its old or its new side."""

    path: str
    side: str = "new"
    of: str = ""


class ChangesTab(msgspec.Struct, frozen=True, kw_only=True):
    """The change as it stands. `seen` names it; without one, nothing has been changed yet. `says`:
    why there is nothing to show of what was asked for."""

    diff: DiffView
    parts: list[Part]
    seen: str
    truncated: bool
    decides: bool
    space: bool
    says: str


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a card's change, oldest first."""

    parts: list[Part]


def changes_page(visit: Visit) -> Answer:
    """Show the change that a card would land."""
    cursor = card_shell.cursor(visit)
    query: Wanted = visit.query
    shell = card_shell.shell(visit, "changes", None)
    found, says = _found(visit, query)
    seen = shell.facts.change if shell.facts and (found or says) else ""
    can = shell.facts is not None and shell.facts.doable.approve and visit.may("operator")
    files, start = _files(found, query)
    now = frozenset({seen, shell.facts.tip or ""} - {""}) if shell.facts else frozenset()
    placed, loose = threads(shell.card.verdicts, files, now)
    notes = can and found is not None and found.new in now
    asked = {name: getattr(query, name) for name in ("of", "view", "space", "file")}
    asked["start"] = str(start) if start else ""
    tab = ChangesTab(
        diff=DiffView(
            files=files, path=f"{shell.path}/changes", asked=asked, split=query.view == "split",
            notes=notes, at=query.at[:_AT] if notes else [], threads=placed, loose=loose,
            start=start,
        ),
        parts=_parts(visit) if seen else [],
        seen=seen,
        truncated=bool(found and found.truncated),
        decides=can,
        space=query.space == "hide",
        says=says,
    )  # fmt: skip
    return card_shell.page(visit, "changes", tab, cursor=cursor)


def changes_document(visit: Visit) -> Answer:
    """Give the change as text."""
    where, query = card_shell.where(visit), visit.query
    space = query.space == "hide"
    return Document(value=card_diff(visit.world, *where, of=query.of, ignore_space=space))


def parts_document(visit: Visit) -> Answer:
    """List the parts of the change."""
    return Document(value=Parts(parts=diff_parts(visit.world, *card_shell.where(visit))))


def blob(visit: Visit) -> Answer:
    """Give a changed file: a picture as what it is, anything else to be kept, never to be run."""
    query: Blob = visit.query
    content = changed_file(
        visit.world, *card_shell.where(visit), query.path, side=query.side, of=query.of
    )
    kind = picture.kind(content)
    how = {} if kind else {"content-disposition": "attachment"}
    return Raw(content=content, kind=kind or "application/octet-stream", headers=how)


def _found(visit: Visit, query: Wanted) -> tuple[CardDiff | None, str]:
    """Return the change, or why that part of it cannot be shown."""
    where, space = card_shell.where(visit), query.space == "hide"
    try:
        return card_diff(visit.world, *where, of=query.of, ignore_space=space), ""
    except Misuse as error:
        if error.code in _ABSENT:
            return None, ""
        if error.code != "unknown-part":
            raise
        return None, error.message
    except SpsError as error:  # the vault has it no longer
        return None, error.message


def _files(found: CardDiff | None, query: Wanted) -> tuple[list[diff.FileDiff], int]:
    """Return the files, and the number of the one that the page begins with."""
    if found is None:
        return [], 0
    start = page_of(max(0, query.start))
    files = diff.files(found.text, only=query.file, start=start)
    if query.file:
        named = (number for number, one in enumerate(files) if one.raw == query.file)
        return files, page_of(next(named, 0))
    return (files, start) if start < len(files) else (diff.files(found.text), 0)


def _parts(visit: Visit) -> list[Part]:
    """Return the parts worth choosing: a card of one attempt has one part, which is all of it."""
    found = diff_parts(visit.world, *card_shell.where(visit))
    return found if len(found) > 1 or any(one.key == REVIEW for one in found) else []


_P = "/p/{project}/c/{seq}/changes"
_A = "/api/v1/projects/{project}/cards/{seq}/changes"
ROUTES = (
    Route(verb="GET", path=_P, surface=Surface.PAGE, role=Role.VIEWER, handler=changes_page,
          query=Wanted, says="The change that a card would land."),
    Route(verb="GET", path=_P + "/blob", surface=Surface.PAGE, role=Role.VIEWER, handler=blob,
          query=Blob, says="A file of a card's change, as it was or as it is."),
    Route(verb="GET", path=_A, surface=Surface.API, role=Role.VIEWER, handler=changes_document,
          query=Asked, answers=CardDiff, says="The change that a card would land."),
    Route(verb="GET", path=_A + "/parts", surface=Surface.API, role=Role.VIEWER,
          handler=parts_document, answers=Parts, says="The parts of a card's change."),
)  # fmt: skip
