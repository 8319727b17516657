"""Answers of the Responses API, as one object or as a stream of events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from tests.agents.model.conversation import Turn
from tests.agents.model.tokens import INPUT_TOKENS, OUTPUT_TOKENS, PIECE


def answer(turn: Turn, model: str) -> dict[str, Any]:
    """Return the finished answer to a request."""
    return {
        "id": _new("resp"),
        "object": "response",
        "created_at": 1_700_000_000,
        "status": "completed",
        "model": model,
        "output": list(_items(turn)),
        "usage": {
            "input_tokens": INPUT_TOKENS,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": OUTPUT_TOKENS,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
        },
        "error": None,
        "incomplete_details": None,
    }


def stream(finished: dict[str, Any]) -> Iterator[bytes]:
    """Yield the server-sent events that build up to this answer."""
    for number, (kind, fields) in enumerate(_events(finished)):
        data = json.dumps({"type": kind, "sequence_number": number, **fields})
        yield f"event: {kind}\ndata: {data}\n\n".encode()


def _items(turn: Turn) -> Iterator[dict[str, Any]]:
    if turn.step.say:
        text = {"type": "output_text", "text": turn.step.say, "annotations": []}
        yield {
            "type": "message",
            "id": _new("msg"),
            "role": "assistant",
            "status": "completed",
            "content": [text],
        }
    if turn.call is not None:
        name, arguments = turn.call
        yield {
            "type": "function_call",
            "id": _new("fc"),
            "call_id": _new("call"),
            "name": name,
            "arguments": json.dumps(arguments),
            "status": "completed",
        }


def _events(finished: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    begun = {**finished, "status": "in_progress", "output": [], "usage": None}
    yield "response.created", {"response": begun}
    for index, item in enumerate(finished["output"]):
        place = {"output_index": index, "item_id": item["id"]}
        blank = {"content": []} if item["type"] == "message" else {"arguments": ""}
        added = {**item, **blank, "status": "in_progress"}
        yield "response.output_item.added", {"output_index": index, "item": added}
        if item["type"] == "message":
            yield from _text_events(item["content"][0], {**place, "content_index": 0})
        else:
            whole = item["arguments"]
            yield "response.function_call_arguments.delta", {**place, "delta": whole}
            yield "response.function_call_arguments.done", {**place, "arguments": whole}
        yield "response.output_item.done", {"output_index": index, "item": item}
    yield "response.completed", {"response": finished}


def _text_events(
    part: dict[str, Any], place: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    text = part["text"]
    yield "response.content_part.added", {**place, "part": {**part, "text": ""}}
    for start in range(0, len(text), PIECE):
        yield "response.output_text.delta", {**place, "delta": text[start : start + PIECE]}
    yield "response.output_text.done", {**place, "text": text}
    yield "response.content_part.done", {**place, "part": part}


def _new(kind: str) -> str:
    return f"{kind}_{uuid4().hex[:20]}"
