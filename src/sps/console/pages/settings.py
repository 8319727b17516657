"""Settings: how this browser shows the console, who may come in, what is set and where it lies."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

import sps
from sps.console import problem
from sps.console.answers import Answer, Document, Moved, Page
from sps.console.pages.projects import Refusal
from sps.console.registry import Route, Surface
from sps.console.rendering import STATIC
from sps.console.visit import Visit
from sps.model.access import GrantKind, Role
from sps.model.errors import Misuse, SpsError
from sps.model.settings import KEYS, Key
from sps.services import access
from sps.services.access import GrantView
from sps.services.settings import Change as Changed
from sps.services.settings import (
    Draft,
    Setting,
    SettingsView,
    change_settings,
    draft,
    settings,
)

_NOTICES = "THIRD_PARTY.md"
_LONGEST = 200_000


def _field(key: Key) -> str:
    """Return a setting's name as a field can have it."""
    return key.name.replace(".", "_")


class NewToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A personal token to make. `card`: the one card of an agent's, as project#number."""

    name: str = ""
    role: Role = Role.VIEWER
    card: str = ""


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An empty form."""


Values = msgspec.defstruct(
    "Values",
    [
        *((_field(key), str, "") for key in KEYS),
        ("act", str, "check"),
        ("seen", str, ""),
    ],
    rename={_field(key): key.name for key in KEYS},
    frozen=True,
    forbid_unknown_fields=True,
)
Values.__doc__ = """The form of the settings: what is empty stays as it is. `act` is check or save;
`seen` is the digest of what the difference was shown to."""


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings to change, by name; an empty value restores the default. `seen`: the digest of what
    they are compared with, if that matters."""

    values: dict[str, str]
    seen: str | None = None


class Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The name of one setting, and the value to give it; none restores its default."""

    name: str
    value: str = ""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A token that was made. It is told only now."""

    token: str
    grant: GrantView


class Grants(msgspec.Struct, frozen=True, kw_only=True):
    """Sessions and personal tokens, newest first."""

    grants: list[GrantView]


class Revoked(msgspec.Struct, frozen=True, kw_only=True):
    """A grant that is no more."""

    id: str


class SettingsPage(msgspec.Struct, frozen=True, kw_only=True):
    """The page. `grants` are shown to admins only."""

    settings: SettingsView
    grants: list[GrantView]
    me: str
    notices: bool
    made: Made | None = None
    form: NewToken = NewToken()
    refusal: Refusal | None = None
    draft: Draft | None = None
    typed: dict[str, str] = {}

    @property
    def groups(self) -> dict[str, list[Setting]]:
        """The settings by what they are about."""
        found: dict[str, list[Setting]] = {}
        for one in self.settings.settings:
            found.setdefault(one.key.group, []).append(one)
        return found

    @property
    def wrong(self) -> dict[str, str]:
        """What is wrong with values that were typed, by name."""
        return {one.name: one.says for one in self.draft.mistakes} if self.draft else {}


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """The licence of a file that we did not write."""

    name: str
    text: str


class NoticesPage(msgspec.Struct, frozen=True, kw_only=True):
    """What others wrote, and under which terms."""

    text: str
    licences: list[Notice]


def settings_page(visit: Visit) -> Answer:
    """Show the settings."""
    return _page(visit)


def settings_document(visit: Visit) -> Answer:
    """Give what is set, where it comes from, and where things lie."""
    return Document(value=settings(visit.world, os.environ))


def change(visit: Visit) -> Answer:
    """Show what the typed values would change, or save them."""
    typed = _typed(visit.body)
    if visit.body.act not in ("check", "save"):
        raise Misuse("bad-field", "act is check or save")
    made = draft(visit.world, typed)
    if visit.body.act == "save" and not made.mistakes:
        change_settings(visit.world, typed, seen=visit.body.seen or None)
        return Moved(to="/settings#set")
    return _page(visit, draft=made, typed=typed, status=422 if made.mistakes else 200)


def set_one(visit: Visit) -> Answer:
    """Give one setting another value, or its default again."""
    change_settings(visit.world, {visit.body.name: visit.body.value})
    return Moved(to="/settings#set")


def check_document(visit: Visit) -> Answer:
    """Say what some values would change, and every mistake in them."""
    return Document(value=draft(visit.world, visit.body.values))


def change_document(visit: Visit) -> Answer:
    """Change settings, all or none."""
    wanted: Change = visit.body
    return Document(value=change_settings(visit.world, wanted.values, seen=wanted.seen))


def _typed(values: object) -> dict[str, str]:
    """Return what was typed, by the names of the settings."""
    given = {key.name: getattr(values, _field(key)) for key in KEYS}
    return {name: text for name, text in given.items() if text}


def add_token(visit: Visit) -> Answer:
    """Make a personal token and show it, once."""
    try:
        made = _made(visit)
    except SpsError as err:
        place = "card" if "card" in err.code or "project" in err.code else "name"
        said = Refusal(place, err.message, err.hint, err.code)
        return _page(visit, form=visit.body, refusal=said, status=problem.status_of(err))
    return _page(visit, made=made)


def add_token_document(visit: Visit) -> Answer:
    """Make a personal token; it is told only in this answer."""
    return Document(value=_made(visit), status=201)


def access_document(visit: Visit) -> Answer:
    """List sessions and personal tokens."""
    return Document(value=Grants(grants=access.listed(visit.world)))


def revoke(visit: Visit) -> Answer:
    """Take a session or a token back."""
    access.revoke(visit.world, visit.path["grant"])
    mine = visit.path["grant"] == visit.who.id
    return Moved(to="/sign-in" if mine else "/settings")


def revoke_document(visit: Visit) -> Answer:
    """Take a session or a token back."""
    access.revoke(visit.world, visit.path["grant"])
    return Document(value=Revoked(id=visit.path["grant"]))


def notices_page(_: Visit) -> Answer:
    """Show the notices of third parties."""
    file = notices()
    if file is None:
        raise Misuse("unknown-file", f"there is no {_NOTICES} here")
    shown = NoticesPage(
        text=file.read_text(encoding="utf-8", errors="replace")[:_LONGEST],
        licences=[
            Notice(name=one.parent.name, text=one.read_text(encoding="utf-8", errors="replace"))
            for one in sorted((STATIC / "vendor").glob("*/LICENSE"))
        ],
    )
    return Page(template="notices.html", title="Third-party notices", model=shown, here="settings")


def notices() -> Path | None:
    """Return the file with the notices: inside the package, or beside a checkout's `src`."""
    package = Path(sps.__file__).parent
    for folder in (package, package.parent.parent):
        if (folder / _NOTICES).is_file():
            return folder / _NOTICES
    return None


def _made(visit: Visit) -> Made:
    wanted: NewToken = visit.body
    token, grant = access.grant(
        visit.world, GrantKind.TOKEN, wanted.role, wanted.name.strip(), card=wanted.card.strip()
    )
    return Made(token=token, grant=next(one for one in access.listed(visit.world)
                                        if one.id == grant.id))  # fmt: skip


def _page(
    visit: Visit,
    *,
    made: Made | None = None,
    form: NewToken | None = None,
    refusal: Refusal | None = None,
    draft: Draft | None = None,
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> Page:
    shown = SettingsPage(
        settings=settings(visit.world, os.environ),
        grants=access.listed(visit.world) if visit.may("admin") else [],
        me=visit.who.id,
        notices=notices() is not None,
        made=made,
        form=form or NewToken(),
        refusal=refusal,
        draft=draft,
        typed=typed or {},
    )
    return Page(
        template="settings.html", title="Settings", model=shown, here="settings", status=status
    )


_A = "/api/v1/access"
ROUTES = (
    Route(verb="GET", path="/settings", surface=Surface.PAGE, role=Role.VIEWER,
          handler=settings_page, says="Settings."),
    Route(verb="POST", path="/settings", surface=Surface.PAGE, role=Role.ADMIN, handler=add_token,
          body=NewToken, says="Make a personal token; it is shown once."),
    Route(verb="POST", path="/settings/access/{grant}/revoke", surface=Surface.PAGE,
          role=Role.ADMIN, handler=revoke, body=Nothing, says="Take a session or a token back."),
    Route(verb="GET", path="/settings/notices", surface=Surface.PAGE, role=Role.VIEWER,
          handler=notices_page, says="What others wrote, and under which terms."),
    Route(verb="GET", path="/api/v1/settings", surface=Surface.API, role=Role.VIEWER,
          handler=settings_document, answers=SettingsView,
          says="What is set, where it comes from, and where things lie."),
    Route(verb="POST", path="/settings/values", surface=Surface.PAGE, role=Role.ADMIN,
          handler=change, body=Values, says="Check settings, or save them."),
    Route(verb="POST", path="/settings/one", surface=Surface.PAGE, role=Role.ADMIN,
          handler=set_one, body=Named, says="Change one setting, or restore its default."),
    Route(verb="POST", path="/api/v1/settings/check", surface=Surface.API, role=Role.VIEWER,
          handler=check_document, body=Change, answers=Draft,
          says="What some settings would change, and every mistake in them."),
    Route(verb="PATCH", path="/api/v1/settings", surface=Surface.API, role=Role.ADMIN,
          handler=change_document, body=Change, answers=list[Changed], says="Change settings."),
    Route(verb="GET", path=_A, surface=Surface.API, role=Role.ADMIN, handler=access_document,
          answers=Grants, says="Sessions and personal tokens."),
    Route(verb="POST", path=_A, surface=Surface.API, role=Role.ADMIN, handler=add_token_document,
          body=NewToken, answers=Made, status=201,
          says="Make a personal token; it is told only in this answer."),
    Route(verb="DELETE", path=_A + "/{grant}", surface=Surface.API, role=Role.ADMIN,
          handler=revoke_document, body=Nothing, answers=Revoked,
          says="Take a session or a token back."),
)  # fmt: skip
