"""Generated requests over everything that the API document promises: no defect, and no answer that
the document does not know."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sps.console.openapi import described, documented, operation_id
from sps.console.registry import SAFE, Route, Surface
from tests.integration.console_scene import Client, ConsoleScene, Reply, console_scene
from tests.redteam.console_paths import address, name, routes, word_names

TARGETS = tuple(r for r in routes() if documented(r) and r.surface is not Surface.STREAM)
TEXT = st.text(max_size=20) | st.sampled_from(("demo", "1", "backlog", "", "-", "\u202e", "a/b"))
NUMBERS = st.integers() | st.sampled_from((0, 1, -1, 2**31, 2**63, 2**64))
JUNK = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleScene]:
    with console_scene(tmp_path_factory.mktemp("fuzz")) as made:
        for _ in range(2):
            made.program().post_json("/api/v1/projects/demo/cards", {"title": "A card"})
        yield made


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    from sps.console.front import registry

    return described(registry())


def values(shape: dict[str, Any], document: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return values of a schema, and now and then something else."""
    return st.one_of(_fitting(shape, document), _fitting(shape, document), JUNK)


def _fitting(shape: dict[str, Any], document: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "$ref" in shape:
        found = document["components"]["schemas"][shape["$ref"].rpartition("/")[2]]
        return _fitting(found, document)
    if "anyOf" in shape:
        return st.one_of(*(_fitting(one, document) for one in shape["anyOf"]))
    if "enum" in shape:
        return st.sampled_from(shape["enum"])
    kind = shape.get("type")
    if kind == "object":
        fields = {k: values(v, document) for k, v in shape.get("properties", {}).items()}
        needed = set(shape.get("required", ()))
        return st.fixed_dictionaries(
            {k: v for k, v in fields.items() if k in needed},
            optional={k: v for k, v in fields.items() if k not in needed},
        )
    if kind == "array":
        return st.lists(values(shape.get("items", {}), document), max_size=3)
    plain = {"string": TEXT, "integer": NUMBERS, "boolean": st.booleans(), "null": st.none()}
    return plain.get(str(kind), JUNK)


def operation(route: Route, document: dict[str, Any]) -> dict[str, Any]:
    found = [
        one for verbs in document["paths"].values() for one in verbs.values()
        if one["operationId"] == operation_id(route)
    ]  # fmt: skip
    assert len(found) == 1
    return dict(found[0])


@pytest.mark.parametrize("route", TARGETS, ids=name)
def test_no_defect_and_no_undocumented_answer(
    scene: ConsoleScene, document: dict[str, Any], route: Route
) -> None:
    client = scene.program()
    about = operation(route, document)
    known = {int(status) for status in about["responses"]} - {500}

    @settings(max_examples=12, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.data())
    def sent(data: st.DataObject) -> None:
        scene.world.clock._steady += 10  # type: ignore[attr-defined]
        reply = _ask(client, route, about, document, data)
        assert reply.status in known, (reply.status, reply.text)
        kind = reply.headers["content-type"]
        if reply.status >= 400:
            assert kind == "application/problem+json"
            assert {"code", "status", "detail", "request_id", "next"} <= set(reply.json)
        elif reply.status != 304 and route.answers is not None:
            assert kind == "application/json"
            _fits(reply.json, about["responses"][str(route.status)], document)

    sent()


def _ask(
    client: Client, route: Route, about: dict[str, Any], document: dict[str, Any],
    data: st.DataObject,
) -> Reply:  # fmt: skip
    path = address(route)
    if data.draw(st.booleans()):
        words = {w: data.draw(TEXT).replace("/", "_") or "x" for w in word_names(route)}
        path = address(route, **words)
    query = [
        (one["name"], data.draw(values(one["schema"], document)))
        for one in about["parameters"] if one["in"] == "query" and data.draw(st.booleans())
    ]  # fmt: skip
    if query:
        path += "?" + urlencode([(k, str(v)) for k, v in query], errors="replace")
    headers: dict[str, str | None] = {"accept": "application/json"}
    for one in about["parameters"]:
        if one["in"] == "header" and data.draw(st.integers(0, 4)) == 0:
            headers[one["name"].lower()] = quote(data.draw(TEXT))
    if route.verb in SAFE:
        return client.request(route.verb, path, b"", headers)
    shape = about["requestBody"]["content"]["application/json"]["schema"]
    body = json.dumps(data.draw(values(shape, document))).encode()
    headers["content-type"] = "application/json"
    return client.request(route.verb, path, body, headers)


def _fits(value: Any, answer: dict[str, Any], document: dict[str, Any]) -> None:
    """Check what the document says about the outermost fields."""
    shape = answer["content"]["application/json"]["schema"]
    while "$ref" in shape:
        shape = document["components"]["schemas"][shape["$ref"].rpartition("/")[2]]
    if shape.get("type") == "object" and "properties" in shape:
        assert isinstance(value, dict)
        assert set(value) <= set(shape["properties"])
        assert set(shape.get("required", ())) <= set(value)


def test_the_document_describes_every_route_of_the_api(document: dict[str, Any]) -> None:
    told = {
        (verb.upper(), path) for path, verbs in document["paths"].items() for verb in verbs
    }  # fmt: skip
    assert told == {(r.verb, r.path.replace(":path", "")) for r in routes() if documented(r)}
    assert document["openapi"].startswith("3.1")
    text = json.dumps(document)
    for part in text.split('"$ref": "#/components/schemas/')[1:]:
        assert part.partition('"')[0] in document["components"]["schemas"]
    for verbs in document["paths"].values():
        for verb, one in verbs.items():
            named = {p["name"] for p in one["parameters"]}
            assert ("Idempotency-Key" in named) == (verb != "get")
