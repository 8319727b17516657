"""What programs can do here: the document for them, and the same as a page for people."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from sps.console import runbooks
from sps.console.answers import Answer, Document, Page, Raw
from sps.console.openapi import described
from sps.console.registry import Registry, Route, Surface
from sps.console.visit import Visit
from sps.daemon.metrics import exposition
from sps.model.access import Role

_TEXT = "text/plain; charset=utf-8"
_METRICS = "text/plain; version=0.0.4; charset=utf-8"


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """Something that an operation takes: where it stands, and of which type it is."""

    name: str
    place: str
    kind: str
    needed: bool
    says: str


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One verb on one path."""

    id: str
    verb: str
    path: str
    says: str
    role: str
    words: list[Word]
    takes: str
    gives: str


class ApiPage(msgspec.Struct, frozen=True, kw_only=True):
    """The page: operations by subject, and the types that they name, with their fields."""

    about: str
    version: str
    groups: dict[str, list[Operation]]
    types: dict[str, list[Word]]
    statuses: dict[str, str]


def runbook(visit: Visit) -> Answer:
    """Give the page about an error, as it is written."""
    return Raw(content=runbooks.text(visit.path["page"]).encode(), kind=_TEXT)


def metrics(visit: Visit) -> Answer:
    """Give the figures of this process and its home."""
    return Raw(content=exposition(visit.world).encode(), kind=_METRICS)


def routes(registry: Registry) -> tuple[Route, ...]:
    """Return the routes that describe a registry, as it is once somebody asks."""

    @lru_cache(maxsize=1)
    def document() -> dict[str, Any]:
        return described(registry)

    @lru_cache(maxsize=1)
    def model() -> ApiPage:
        return _page(document())

    def api_page(_: Visit) -> Answer:
        return Page(template="api.html", title="API", model=model(), here="api")

    def api_document(_: Visit) -> Answer:
        return Document(value=document())

    return (
        Route(verb="GET", path="/api", surface=Surface.PAGE, role=Role.VIEWER, handler=api_page,
              says="What programs can do here."),
        Route(verb="GET", path="/api/v1/openapi.json", surface=Surface.API, role=Role.VIEWER,
              handler=api_document, answers=dict[str, object], says="This document."),
        Route(verb="GET", path=runbooks.PREFIX + "{page}", surface=Surface.PAGE, role=Role.VIEWER,
              handler=runbook, says="What an error means, and what to do."),
        Route(verb="GET", path="/metrics", surface=Surface.API, role=Role.VIEWER, handler=metrics,
              says="The figures of this process, as Prometheus reads them."),
    )  # fmt: skip


def _page(document: dict[str, Any]) -> ApiPage:
    groups: dict[str, list[Operation]] = {}
    statuses: dict[str, str] = {}
    for path, verbs in document["paths"].items():
        for verb, one in verbs.items():
            groups.setdefault(one["tags"][0], []).append(_operation(path, verb, one))
            statuses |= {
                status: answer["description"]
                for status, answer in one["responses"].items() if status >= "400"
            }  # fmt: skip
    types = {name: _fields(shape) for name, shape in document["components"]["schemas"].items()}
    return ApiPage(
        about=document["info"]["description"], version=document["info"]["version"], groups=groups,
        types=dict(sorted(types.items())), statuses=dict(sorted(statuses.items())),
    )  # fmt: skip


def _operation(path: str, verb: str, one: dict[str, Any]) -> Operation:
    body = one.get("requestBody", {}).get("content", {}).get("application/json", {})
    good = next(answer for status, answer in one["responses"].items() if status < "300")
    given: tuple[str, dict[str, Any]] = next(iter(good.get("content", {}).items()), ("", {}))
    return Operation(
        id=one["operationId"], verb=verb.upper(), path=path, says=one["summary"],
        role=one["x-role"] or "", words=[_word(word) for word in one["parameters"]],
        takes=_kind(body["schema"]) if body else "",
        gives=given[0] if given[0] == "text/event-stream" else _kind(given[1].get("schema", {})),
    )  # fmt: skip


def _word(given: dict[str, Any]) -> Word:
    return Word(
        name=given["name"], place=given["in"], kind=_kind(given["schema"]),
        needed=given.get("required", False), says=given.get("description", ""),
    )  # fmt: skip


def _fields(shape: dict[str, Any]) -> list[Word]:
    return [
        Word(name=name, place="field", kind=_kind(field), needed=name in shape.get("required", ()),
             says="")
        for name, field in shape.get("properties", {}).items()
    ]  # fmt: skip


def _kind(shape: dict[str, Any]) -> str:
    """Say a type in a few words."""
    if "$ref" in shape:
        return str(shape["$ref"].rpartition("/")[2])
    if "anyOf" in shape:
        return " or ".join(map(_kind, shape["anyOf"]))
    if "enum" in shape:
        return " | ".join(map(str, shape["enum"]))
    kind = shape.get("type", "any")
    return f"list of {_kind(shape.get('items', {}))}" if kind == "array" else str(kind)
