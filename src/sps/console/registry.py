"""Every way into the console, each with its verb and the role it asks for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sps.model.access import Role

if TYPE_CHECKING:
    import msgspec

    from sps.console.answers import Answer
    from sps.console.visit import Visit

    Handler = Callable[[Visit], Answer] | Callable[[Visit], Awaitable[Answer]]

SAFE = ("GET", "HEAD")
_VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Surface(StrEnum):
    """How a route speaks: in documents for programs, or in pages for people."""

    API = "api"
    PAGE = "page"
    STREAM = "stream"
    OPEN = "open"  #: nothing but what stands in `OPEN`


# What answers without a session. A test compares this list with the registry, in both directions.
OPEN = frozenset(
    {
        ("GET", "/health/live"),
        ("GET", "/health/ready"),
        ("GET", "/sign-in"),
        ("POST", "/sign-in"),
        ("GET", "/static/{path:path}"),
    }
)


@dataclass(frozen=True, kw_only=True)
class Route:
    """One way in. `role` None is an open route. `query` and `body` are msgspec types whose unknown
    fields are refused; `answers` is the type of an API document, `None` an empty answer. `own`: an
    agent may do this too, to the card that its grant is for."""

    verb: str
    path: str
    surface: Surface
    role: Role | None
    handler: Handler
    says: str
    query: type[msgspec.Struct] | None = None
    body: type[msgspec.Struct] | None = None
    answers: Any = None
    status: int = 200
    own: bool = False

    @property
    def name(self) -> str:
        """The handler's name: the operation's id in the API document."""
        return self.handler.__name__


class Registry:
    """Collects routes and refuses the ones that do not say what they are."""

    def __init__(self) -> None:
        self._routes: dict[tuple[str, str], Route] = {}

    def add(self, route: Route) -> None:
        """Take a route. Raises `ValueError` for one that is double, speaks no known verb, is open
        without being in the closed list, or changes something without naming its body."""
        key = (route.verb, route.path)
        where = f"{route.verb} {route.path}"
        if key in self._routes:
            raise ValueError(f"{where}: there are two")
        if route.verb not in _VERBS:
            raise ValueError(f"{where}: unknown verb")
        if (route.role is None) != (key in OPEN):
            raise ValueError(f"{where}: a route states its role, or is in the list of open ones")
        if route.own and not {"{project}", "{seq}"} <= set(route.path.split("/")):
            raise ValueError(f"{where}: what an agent may do is done to a card")
        if route.verb not in SAFE and route.body is None:
            raise ValueError(f"{where}: a change states its body")
        self._routes[key] = route

    def extend(self, routes: tuple[Route, ...]) -> None:
        for route in routes:
            self.add(route)

    @property
    def routes(self) -> tuple[Route, ...]:
        return tuple(self._routes.values())
