"""Where a conversation stands, read out of one request of any of three protocols.

The server keeps nothing between requests: retries, side questions and several sessions at a time
cannot shift the script.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from tests.agents.model.scenario import Step, named, step

_SHELLS = ("exec_command", "shell_command", "shell", "Bash", "bash")
RESULT = "result"  # who speaks where a tool has answered


class Api(Enum):
    """The protocols, each with the end of its path."""

    RESPONSES = "/responses"
    MESSAGES = "/messages"
    CHAT = "/chat/completions"


@dataclass(frozen=True)
class Turn:
    """What to answer: the step, and the call that carries it out with the tools on offer."""

    scenario: str | None
    number: int
    step: Step
    call: tuple[str, dict[str, object]] | None
    prompts: int = 0  #: how often the conversation names a scenario


def turn(api: Api, request: dict[str, Any]) -> Turn:
    """Decide from the request alone. One without tools or without a scenario is a side question."""
    tools = dict(_tools(api, request.get("tools") or []))
    spoken = list(_spoken(api, request))
    scenario, number = _position(spoken)
    prompts = sum(speaker == "user" and named(text) is not None for speaker, text in spoken)
    if scenario is None or not any(shell in tools for shell in _SHELLS):
        return Turn(scenario, number, Step("A title"), None)
    now = step(scenario, number)
    return Turn(scenario, number, now, _call(now, tools) if now.command else None, prompts)


def _position(spoken: Iterable[tuple[str, str]]) -> tuple[str | None, int]:
    """Return the scenario named last and how many results of tools came after it."""
    scenario, number = None, 0
    for speaker, text in spoken:
        if speaker == RESULT:
            number += 1
        elif speaker == "user" and (found := named(text)):
            scenario, number = found, 0
    return scenario, number


def _spoken(api: Api, request: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (speaker, text) in order."""
    entries = request.get("input" if api is Api.RESPONSES else "messages") or []
    for entry in entries if isinstance(entries, list) else [{"role": "user", "content": entries}]:
        content = entry.get("content")
        if str(entry.get("type", "message")).endswith("_output") or entry.get("role") == "tool":
            yield RESULT, ""
            continue
        parts = content if isinstance(content, list) else []
        yield from ((RESULT, "") for part in parts if part.get("type") == "tool_result")
        yield str(entry.get("role")), _text(content)


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(_text(part) for part in content)
    return str(content.get("text", "")) if isinstance(content, dict) else ""


def _tools(api: Api, offered: Iterable[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (name, properties) of the functions on offer."""
    for tool in offered:
        known = tool.get("function", {}) if api is Api.CHAT else tool
        schema = known.get("input_schema" if api is Api.MESSAGES else "parameters")
        if "name" in known:
            yield str(known["name"]), (schema or {}).get("properties", {})


def _call(now: Step, tools: dict[str, dict[str, Any]]) -> tuple[str, dict[str, object]]:
    name = next(shell for shell in _SHELLS if shell in tools)
    known = tools[name]
    arguments: dict[str, object] = {}
    if "description" in known:
        arguments["description"] = "Do what the card asks for"
    if now.asks and "sandbox_permissions" in known:
        arguments["sandbox_permissions"] = "require_escalated"
        arguments["justification"] = "May I do what the card asks for?"
    if "cmd" in known:
        arguments["cmd"] = now.command
    elif known.get("command", {}).get("type") == "array":
        arguments["command"] = ["bash", "-c", now.command]
    else:
        arguments["command"] = now.command
    return name, arguments
