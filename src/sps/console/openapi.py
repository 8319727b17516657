"""The description of `/api/v1` that programs read: OpenAPI 3.1, made from the registry."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from sps import __version__
from sps.console import problem
from sps.console.decoding import BODY_LIMIT
from sps.console.hub import Frame
from sps.console.registry import SAFE, Registry, Route, Surface

PREFIX = "/api/v1"
_REF = "#/components/schemas/{name}"
_WORD = re.compile(r"\{(\w+)(?::path)?\}")
_NUMBERS = ("seq", "item")
_READ_PROBLEMS = {
    400: "The request is not understood.",
    401: "There is no session and no personal token.",
    403: "The role is not enough, or another site asked.",
    404: "There is no such thing.",
    405: "Not with this verb.",
    409: "It is another one by now, or the key was used for something else.",
    421: "This address is not one of this console.",
    422: "A field is unknown, of the wrong type or out of bounds, or this cannot be done now.",
    429: "Too many requests; Retry-After says how long to wait.",
    431: "Too many headers.",
    500: "A defect. The request id finds its log line.",
    503: "Something that is needed is missing, held or on its way out.",
}
_WRITE_PROBLEMS = {
    408: "The body did not come in time.",
    413: f"The body has more than {BODY_LIMIT} bytes.",
    415: "The body is no JSON.",
}
_SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "A personal token."},
    "session": {
        "type": "apiKey", "in": "cookie", "name": "sps_<home>",
        "description": "The session of a browser. Changes have to come from a page of the console.",
    },
}  # fmt: skip
_ABOUT = (
    "Everything that the command line can do with cards, projects, skills and access. Errors are "
    "problem documents (RFC 9457) whose `code` is stable and whose `next` is the one thing to do. "
    "Lists are read page by page: `after` is the last number of the page before, `limit` how many. "
    "An answer's ETag given as If-None-Match spares its repetition; given as If-Match it binds a "
    "change to what was seen. A change with an Idempotency-Key is done once within 24 hours, "
    "however often it is sent."
)


def described(registry: Registry) -> dict[str, Any]:
    """Return the document."""
    routes = [route for route in registry.routes if documented(route)]
    kinds = list(dict.fromkeys(_kinds(routes)))
    shapes, components = msgspec.json.schema_components(kinds, schema_hook=_free, ref_template=_REF)
    schemas = dict(zip(kinds, shapes, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        place = paths.setdefault(_WORD.sub(r"{\1}", route.path), {})
        place[route.verb.lower()] = _operation(route, schemas, components)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {"title": "SPS", "version": __version__, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"session": []}],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": _SECURITY},
    }


def documented(route: Route) -> bool:
    """Whether a route is part of the document: all of the API, its streams too."""
    return route.path.startswith(PREFIX + "/")


def statuses(route: Route) -> set[int]:
    """Return every status that a route may answer with."""
    known = {route.status, 304, *_READ_PROBLEMS}
    return known | set(_WRITE_PROBLEMS) if route.verb not in SAFE else known


def operation_id(route: Route) -> str:
    """Return the name of an operation: the verb and the path, which are unique together."""
    path = _WORD.sub(r"\1", route.path.removeprefix(PREFIX))
    return re.sub(r"[^a-z0-9]+", "_", f"{route.verb.lower()}{path}".lower()).strip("_")


def _free(kind: type) -> dict[str, Any]:
    """Describe what has no type of its own: anything, or text of another class."""
    return {"type": "string"} if issubclass(kind, str) else {"description": "anything"}


def _kinds(routes: Iterable[Route]) -> Iterable[Any]:
    yield problem.Problem
    yield problem.Outdated
    yield Frame
    for route in routes:
        yield from (one for one in (route.query, route.body, route.answers) if one is not None)


def _operation(route: Route, schemas: dict[Any, Any], components: dict[str, Any]) -> dict[str, Any]:
    writes = route.verb not in SAFE
    made: dict[str, Any] = {
        "operationId": operation_id(route),
        "summary": route.says,
        "x-role": route.role.value if route.role else None,
        "x-agent": route.own,
        "tags": [_tag(route)],
        "parameters": [*_words(route), *_query(route, schemas, components), *_headers(route)],
        "responses": _answers(route, schemas),
    }
    if writes and route.body is not None:
        content = {"application/json": {"schema": schemas[route.body]}}
        made["requestBody"] = {"required": False, "content": content}
    return made


def _tag(route: Route) -> str:
    parts = [part for part in route.path.removeprefix(PREFIX).split("/") if part]
    plain = [part for part in parts if not part.startswith("{")]
    return plain[1] if len(plain) > 1 and plain[0] == "projects" else plain[0].partition(".")[0]


def _words(route: Route) -> Iterable[dict[str, Any]]:
    for name in _WORD.findall(route.path):
        shape: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 200}
        if name in _NUMBERS:
            shape = {"type": "integer", "minimum": 0, "maximum": 999_999_999}
        yield {"name": name, "in": "path", "required": True, "schema": shape}


def _query(
    route: Route, schemas: dict[Any, Any], components: dict[str, Any]
) -> Iterable[dict[str, Any]]:
    if route.query is None:
        return
    reference = schemas[route.query]
    shape = components[reference["$ref"].rpartition("/")[2]] if "$ref" in reference else reference
    for name, field in shape.get("properties", {}).items():
        needed = name in shape.get("required", ())
        yield {"name": name, "in": "query", "required": needed, "schema": field}


def _headers(route: Route) -> Iterable[dict[str, Any]]:
    short: dict[str, Any] = {"type": "string", "maxLength": 128}
    if route.surface is Surface.STREAM:
        yield {"name": "Last-Event-ID", "in": "header", "schema": short,
               "description": "The id of the last event that was seen."}  # fmt: skip
    elif route.verb in SAFE:
        yield {"name": "If-None-Match", "in": "header", "schema": short}
    else:
        yield {"name": "Idempotency-Key", "in": "header", "schema": short,
               "description": "The same key within 24 hours is the same request."}  # fmt: skip
        if versioned(route):
            yield {"name": "If-Match", "in": "header", "schema": short,
                   "description": "The version that this change is about."}  # fmt: skip


def versioned(route: Route) -> bool:
    """Whether a change can be bound to a version."""
    return route.body is not None and "version" in route.body.__struct_fields__


def _answers(route: Route, schemas: dict[Any, Any]) -> dict[str, Any]:
    etag = {"ETag": {"schema": {"type": "string"}}}
    if route.surface is Surface.STREAM:
        text = {"text/event-stream": {"schema": {"type": "string"}, "x-event": schemas[Frame]}}
        good: dict[str, Any] = {"description": "Events, as they happen.", "content": text}
    elif route.answers is None:
        good = {"description": "Done."}
    else:
        content = {"application/json": {"schema": schemas[route.answers]}}
        good = {"description": route.says, "headers": etag, "content": content}
    found: dict[str, Any] = {str(route.status): good}
    known = dict(_READ_PROBLEMS)
    if route.verb not in SAFE:
        known |= _WRITE_PROBLEMS
    elif route.surface is Surface.API:
        found["304"] = {"description": "What the ETag names is still so."}
    for status, says in sorted(known.items()):
        kind = problem.Outdated if status == 409 and "{seq}" in route.path else problem.Problem
        shape = schemas[kind]
        if kind is problem.Outdated:
            shape = {"anyOf": [schemas[problem.Outdated], schemas[problem.Problem]]}
        found[str(status)] = {"description": says, "content": {problem.KIND: {"schema": shape}}}
        if status in (429, 503):
            wait = {"schema": {"type": "integer", "minimum": 1}}
            found[str(status)]["headers"] = {"Retry-After": wait}
    return found
