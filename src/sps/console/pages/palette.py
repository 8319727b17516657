"""The command palette: pages, projects, cards and actions by a few letters. Without scripts it is
a page with a search field."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec

from sps.console import catalogue
from sps.console.answers import Answer, Document, Page
from sps.console.registry import Route, Surface
from sps.console.visit import Visit
from sps.model.access import Role
from sps.model.errors import SpsError
from sps.services.palette import Finding, find, project_names
from sps.services.views import views

_MOST = 24
_PAGES = (
    ("Needs you", "/", "g h"),
    ("Projects", "/projects", "g p"),
    ("Review", "/review", "g r"),
    ("Workers", "/workers", "g w"),
    ("Skills", "/skills", "g s"),
    ("Logs", "/logs", "g l"),
    ("Health", "/health", "g e"),
    ("Settings", "/settings", ""),
)
_TASTES = (
    ("Use the light theme", "theme", "light"),
    ("Use the dark theme", "theme", "dark"),
    ("Use the theme of the system", "theme", "system"),
    ("English", "language", "en"),
    ("简体中文", "language", "zh"),
)


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was typed."""

    q: str = ""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to go to or to do. `to` is an address; with `field` it is posted there."""

    group: str
    name: str
    to: str
    note: str = ""
    field: str = ""
    value: str = ""


class Palette(msgspec.Struct, frozen=True, kw_only=True):
    """What fits, best first, and what was asked."""

    q: str
    entries: list[Entry]


def palette(visit: Visit) -> Answer:
    """Show what fits, as a list for the dialog or as a page."""
    q = visit.query.q[:200]
    shown = Palette(q=q, entries=entries(visit, q))
    template = "palette_list.html" if visit.scripted else "palette.html"
    return Page(template=template, title="Find", model=shown)


def palette_document(visit: Visit) -> Answer:
    """Find projects and cards."""
    return Document(value=find(visit.world, visit.query.q))


def entries(visit: Visit, q: str) -> list[Entry]:
    """Collect what fits: cards first when something was asked, then places, then deeds."""
    found = find(visit.world, q)
    cards = [
        Entry(group="Cards", name=one.title, to=f"/p/{one.project}/c/{one.seq}",
              note=f"{one.project}#{one.seq}")
        for one in found.cards
    ]  # fmt: skip
    names = project_names(visit.world)
    fixed = _boards(names) + _views(visit) + _pages() + _actions(visit, names) + _tastes()
    words = q.lower().split()
    fitting = [one for one in fixed if all(_fits(visit, one, word) for word in words)]
    return [*cards, *fitting][:_MOST]


def _fits(visit: Visit, entry: Entry, word: str) -> bool:
    said = [entry.name, entry.note]
    said += [catalogue.say(visit.language, one) for one in said]
    return any(word in one.lower() for one in said)


def _boards(names: list[str]) -> list[Entry]:
    return [
        Entry(group="Projects", name=name, to=f"/p/{name}{end}", note=note)
        for name in names
        for end, note in (("/board", "Board"), ("", "Project"))
    ]


def _views(visit: Visit) -> list[Entry]:
    try:
        found = views(visit.world).views
    except SpsError:  # the board says what is wrong with them
        return []
    return [
        Entry(group="Views", name=one.name, note=one.project,
              to=f"/p/{one.project}/board?{urlencode({'q': one.filter})}")
        for one in found
    ]  # fmt: skip


def _pages() -> list[Entry]:
    return [Entry(group="Pages", name=name, to=to, note=keys) for name, to, keys in _PAGES]


def _actions(visit: Visit, names: list[str]) -> list[Entry]:
    made: list[Entry] = []
    if visit.may("operator"):
        made += [
            Entry(group="Actions", name="New card", to=f"/p/{name}/board#new", note=name)
            for name in names
        ]
    if visit.may("admin"):
        made.append(Entry(group="Actions", name="Add a project", to="/projects#add"))
        made += [
            Entry(group="Actions", name="Edit the pipeline", to=f"/p/{name}/pipeline", note=name)
            for name in names
        ]
    return made


def _tastes() -> list[Entry]:
    return [
        Entry(group="Actions", name=name, to="/taste", field=field, value=value)
        for name, field, value in _TASTES
    ]


ROUTES = (
    Route(verb="GET", path="/palette", surface=Surface.PAGE, role=Role.VIEWER, handler=palette,
          query=Question, says="Find pages, projects, cards and actions."),
    Route(verb="GET", path="/api/v1/find", surface=Surface.API, role=Role.VIEWER,
          handler=palette_document, query=Question, answers=Finding,
          says="Find projects and cards."),
)  # fmt: skip
