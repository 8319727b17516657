"""Where a conversation stands, read out of one request of the Responses API.

The server keeps nothing between requests: retries, side questions and several sessions at a time
cannot shift the script.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.agents.model.scenario import Step, named, step

_SHELLS = ("exec_command", "shell_command", "shell")


@dataclass(frozen=True)
class Turn:
    """What to answer: the step, and the call that carries it out with the tools on offer."""

    scenario: str | None
    number: int
    step: Step
    call: tuple[str, dict[str, object]] | None


def turn(request: dict[str, Any]) -> Turn:
    """Decide from the request alone. One without tools or without a scenario is a side question."""
    tools = _tools(request.get("tools") or [])
    scenario, number = _position(request.get("input") or [])
    if scenario is None or not tools:
        return Turn(scenario, number, Step("A title"), None)
    now = step(scenario, number)
    return Turn(scenario, number, now, _call(now.command, tools) if now.command else None)


def _position(items: object) -> tuple[str | None, int]:
    """Return the scenario named last and how many results of tools came after it."""
    entries = items if isinstance(items, list) else [{"role": "user", "content": items}]
    scenario, number = None, 0
    for entry in entries:
        if str(entry.get("type", "message")).endswith("_output"):
            number += 1
        elif entry.get("role") == "user" and (found := named(_text(entry.get("content")))):
            scenario, number = found, 0
    return scenario, number


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(_text(part) for part in content)
    return str(content.get("text", "")) if isinstance(content, dict) else ""


def _tools(offered: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return name -> properties of the functions on offer."""
    return {
        str(tool["name"]): (tool.get("parameters") or {}).get("properties", {})
        for tool in offered
        if tool.get("type") == "function" and "name" in tool
    }


def _call(command: str, tools: dict[str, dict[str, Any]]) -> tuple[str, dict[str, object]]:
    name = next((shell for shell in _SHELLS if shell in tools), _SHELLS[0])
    known = tools.get(name, {})
    arguments: dict[str, object] = {}
    if "cmd" in known:
        arguments["cmd"] = command
    elif known.get("command", {}).get("type") == "array":
        arguments["command"] = ["bash", "-c", command]
    else:
        arguments["command"] = command
    return name, arguments
