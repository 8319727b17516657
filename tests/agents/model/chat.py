"""Answers of the Chat Completions API, as one object or as a stream of chunks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from tests.agents.model.conversation import Turn
from tests.agents.model.tokens import INPUT_TOKENS, OUTPUT_TOKENS


def answer(turn: Turn, model: str) -> dict[str, Any]:
    """Return the finished answer to a request."""
    message: dict[str, Any] = {"role": "assistant", "content": turn.step.say}
    if turn.call is not None:
        name, arguments = turn.call
        function = {"name": name, "arguments": json.dumps(arguments)}
        call = {"id": f"call_{uuid4().hex[:20]}", "type": "function", "function": function}
        message["tool_calls"] = [call]
    reason = "tool_calls" if turn.call else "stop"
    return {
        "id": f"chatcmpl-{uuid4().hex[:20]}",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": {
            "prompt_tokens": INPUT_TOKENS,
            "completion_tokens": OUTPUT_TOKENS,
            "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
        },
    }


def stream(finished: dict[str, Any]) -> Iterator[bytes]:
    """Yield the server-sent events that build up to this answer."""
    for choices, usage in _chunks(finished):
        chunk = {**finished, "object": "chat.completion.chunk", "choices": choices, "usage": usage}
        yield f"data: {json.dumps(chunk)}\n\n".encode()
    yield b"data: [DONE]\n\n"


def _chunks(finished: dict[str, Any]) -> Iterator[tuple[list[dict[str, Any]], object]]:
    [choice] = finished["choices"]
    message = choice["message"]
    deltas = [{"role": "assistant", "content": message["content"]}]
    for index, call in enumerate(message.get("tool_calls", [])):
        deltas.append({"tool_calls": [{"index": index, **call}]})
    for delta in deltas:
        yield [{"index": 0, "delta": delta, "finish_reason": None}], None
    yield [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}], None
    yield [], finished["usage"]
