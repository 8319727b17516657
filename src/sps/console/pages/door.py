"""The way in and out: sign in, sign out, and our own files."""

from __future__ import annotations

import mimetypes
import threading
from functools import lru_cache
from pathlib import Path

import msgspec

from sps.console import problem
from sps.console.answers import Answer, Moved, Page, Raw
from sps.console.guard import cookie_name
from sps.console.registry import Route, Surface
from sps.console.rendering import STATIC
from sps.console.visit import DENSITIES, LANGUAGES, MOTIONS, SINGLE_KEYS, THEMES, Visit
from sps.model.access import GrantKind, Role
from sps.model.errors import Misuse
from sps.services import access, remote

_KINDS = {"js": "text/javascript; charset=utf-8", "woff2": "font/woff2"}  # whatever the system says
_TASTES = {
    "theme": THEMES, "language": LANGUAGES, "density": DENSITIES, "motion": MOTIONS,
    "keys": SINGLE_KEYS,
}  # fmt: skip
_REFUSALS = ("launch-refused", "password-refused")
_one_at_a_time = threading.Lock()  # looking at a password takes much memory
_FOREVER = "public, max-age=31536000, immutable"


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The word from `sps console`, from the address's fragment or typed in; from other machines the
    password instead."""

    code: str = ""
    password: str = ""


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An empty form."""


class Taste(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How this browser wants to see the console."""

    theme: str = ""
    language: str = ""
    density: str = ""
    motion: str = ""
    keys: str = ""
    back: str = "/"


def sign_in_page(_: Visit) -> Answer:
    """Ask for the word that `sps console` prints, where others come in for the password too."""
    return Page(template="sign_in.html", title="Sign in")


def sign_in(visit: Visit) -> Answer:
    """Exchange the word, or the password, for a session."""
    name = _browser(visit.headers.get("user-agent", ""))
    try:
        secret = _secret(visit, name)
    except Misuse as err:
        if err.code not in _REFUSALS or "text/html" not in visit.headers.get("accept", ""):
            raise
        said = problem.of(err, "")
        return Page(template="sign_in.html", title="Sign in", model=said, status=said.status)
    return Moved(to="/", cookies={_cookie(visit): secret})


def _secret(visit: Visit, name: str) -> str:
    given: SignIn = visit.body
    if given.password and visit.place.tls:
        with _one_at_a_time:
            return remote.sign_in(visit.world, given.password, name)[0]
    return access.exchange(visit.world, given.code.strip(), name)[0]


def _cookie(visit: Visit) -> str:
    return cookie_name(visit.world, tls=visit.place.tls)


def sign_out(visit: Visit) -> Answer:
    """End this browser's session."""
    if visit.who.kind is GrantKind.SESSION:
        access.revoke(visit.world, visit.who.id)
    return Moved(to="/sign-in", cookies={_cookie(visit): ""})


def taste(visit: Visit) -> Answer:
    """Remember theme, language, density and keys in this browser."""
    wanted: Taste = visit.body
    kept = {}
    for name, known in _TASTES.items():
        chosen = getattr(wanted, name)
        if chosen not in ("", *known):
            raise Misuse("bad-field", f"{name} is one of {', '.join(known)}")
        kept[f"sps_{name}"] = chosen
    return Moved(to=inside(wanted.back), cookies={k: v for k, v in kept.items() if v})


def static(visit: Visit) -> Answer:
    """Give one of our own files."""
    name = visit.path["path"].partition("/")[2]
    if name not in _files():
        raise Misuse("unknown-file", "there is no such file")
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    kind = _KINDS.get(name.rpartition(".")[2], kind)
    return Raw(content=_files()[name].read_bytes(), kind=kind, headers={"cache-control": _FOREVER})


@lru_cache(maxsize=1)
def _files() -> dict[str, Path]:
    """Return our own files by name: what is not among them is not given, whatever it is called."""
    return {str(one.relative_to(STATIC)): one for one in STATIC.rglob("*") if one.is_file()}


def inside(path: str) -> str:
    """Return a path of this console; anything that could lead elsewhere becomes the first page."""
    safe = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if safe and "\\" not in path and path.isascii() else "/"


def _browser(agent: str) -> str:
    """Name a browser as people do; only known words are taken over from what it says of itself."""
    kinds = {"Edg": "Edge", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
    systems = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")
    kind = next((name for word, name in kinds.items() if f"{word}/" in agent), "Browser")
    system = next((one for one in systems if one in agent), "")
    return f"{kind} on {system}" if system else kind


ROUTES = (
    Route(verb="GET", path="/sign-in", surface=Surface.OPEN, role=None, handler=sign_in_page,
          says="The page that asks for the launch code."),
    Route(verb="POST", path="/sign-in", surface=Surface.OPEN, role=None, handler=sign_in,
          body=SignIn, says="Exchange a launch code for a session."),
    Route(verb="POST", path="/sign-out", surface=Surface.PAGE, role=Role.VIEWER, handler=sign_out,
          body=Nothing, says="End this session."),
    Route(verb="POST", path="/taste", surface=Surface.PAGE, role=Role.VIEWER, handler=taste,
          body=Taste, says="Choose theme, language, density and keys."),
    Route(verb="GET", path="/static/{path:path}", surface=Surface.OPEN, role=None, handler=static,
          says="One of the console's own files."),
)  # fmt: skip
