"""The scripted model answers from the request alone and does not outlive its time."""

from __future__ import annotations

import json
import socket
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.agents.model import ModelServer
from tests.agents.model.scenario import SCENARIOS

_TOOLS = [{"type": "function", "name": "exec_command", "parameters": {"properties": {"cmd": {}}}}]


def _request(results: int, *, tools: bool = True) -> dict[str, Any]:
    text = {"type": "input_text", "text": "please [[scenario:write-and-run]]"}
    items: list[dict[str, Any]] = [{"type": "message", "role": "user", "content": [text]}]
    items += [{"type": "function_call_output", "output": ""}] * results
    return {"model": "m", "stream": True, "input": items, "tools": _TOOLS if tools else []}


def _ask(server: ModelServer, request: dict[str, Any]) -> list[dict[str, Any]]:
    data = json.dumps(request).encode()
    with urllib.request.urlopen(f"{server.address}/v1/responses", data, timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return [json.loads(line[6:]) for line in lines if line.startswith("data: ")]


def _commands(events: list[dict[str, Any]]) -> list[str]:
    assert events[-1]["type"] == "response.completed"
    calls = [item for item in events[-1]["response"]["output"] if item["type"] == "function_call"]
    return [json.loads(call["arguments"])["cmd"] for call in calls]


def test_step_follows_from_the_conversation_however_often_it_is_asked(model: ModelServer) -> None:
    steps = SCENARIOS["write-and-run"]
    for results in (0, 0, 1, 0, 2, 5):
        command = steps[min(results, len(steps) - 1)].command
        assert _commands(_ask(model, _request(results))) == ([command] if command else [])
    assert [entry["step"] for entry in model.requests()] == [0, 0, 1, 0, 2, 5]


def test_side_question_without_tools_gets_words_only(model: ModelServer) -> None:
    assert _commands(_ask(model, _request(0, tools=False))) == []


@pytest.mark.parametrize("stops", [True, False])
def test_port_is_closed_in_the_end(tmp_path: Path, stops: bool) -> None:
    lifetime = 60.0 if stops else 0.1
    with ModelServer(tmp_path / "log", lifetime=lifetime) as server:
        if stops:
            server.stop()
        deadline = time.monotonic() + 30
        while _answers(server.port) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not _answers(server.port)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except OSError:
        return False
