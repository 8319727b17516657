"""What a handler answers; the application makes bytes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page from a template. `model` is what the template sees as `it`. `view` names what the page
    follows live: empty, it is not live."""

    template: str
    title: str
    model: Any = None
    view: str = ""
    cursor: int = 0  #: the newest event that the page already shows
    here: str = ""  #: the entry of the navigation that is current
    project: str = ""
    status: int = 200


@dataclass(frozen=True, kw_only=True)
class Document:
    """A value as JSON. `version` becomes its ETag. `secret`: it is told only once, and kept
    nowhere, not even to be repeated under the same Idempotency-Key."""

    value: Any
    status: int = 200
    version: int | None = None
    secret: bool = False


@dataclass(frozen=True, kw_only=True)
class Moved:
    """Go there: after a form, so that reloading repeats nothing. `to` is a path of this console."""

    to: str
    cookies: dict[str, str] = field(default_factory=dict)  #: name to value; empty takes it back


@dataclass(frozen=True, kw_only=True)
class Raw:
    """Bytes of a kind: a download, a file, a fragment."""

    content: bytes
    kind: str
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200


Answer = Page | Document | Moved | Raw
