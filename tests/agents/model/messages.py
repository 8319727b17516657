"""Answers of the Messages API, as one object or as a stream of events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from tests.agents.model.conversation import Turn
from tests.agents.model.tokens import INPUT_TOKENS, OUTPUT_TOKENS


def answer(turn: Turn, model: str) -> dict[str, Any]:
    """Return the finished answer to a request."""
    content: list[dict[str, Any]] = [{"type": "text", "text": turn.step.say}]
    if turn.call is not None:
        name, arguments = turn.call
        call = f"toolu_{uuid4().hex[:20]}"
        content.append({"type": "tool_use", "id": call, "name": name, "input": arguments})
    return {
        "id": f"msg_{uuid4().hex[:20]}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content,
        "stop_reason": "tool_use" if turn.call else "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": INPUT_TOKENS, "output_tokens": OUTPUT_TOKENS},
    }


def stream(finished: dict[str, Any]) -> Iterator[bytes]:
    """Yield the server-sent events that build up to this answer."""
    for kind, fields in _events(finished):
        yield f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def _events(finished: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    usage = finished["usage"]
    begun = {**finished, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
    yield "message_start", {"message": begun}
    for index, block in enumerate(finished["content"]):
        text = block["type"] == "text"
        blank = {**block, **({"text": ""} if text else {"input": {}})}
        yield "content_block_start", {"index": index, "content_block": blank}
        delta = (
            {"type": "text_delta", "text": block["text"]}
            if text
            else {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        )
        yield "content_block_delta", {"index": index, "delta": delta}
        yield "content_block_stop", {"index": index}
    ended = {"stop_reason": finished["stop_reason"], "stop_sequence": None}
    yield "message_delta", {"delta": ended, "usage": {"output_tokens": usage["output_tokens"]}}
    yield "message_stop", {}
