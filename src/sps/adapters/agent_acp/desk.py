"""Answers what the agent asks of us. Every answer is immediate, so none can pile up."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import msgspec

from sps.adapters.agent_acp.frames import (
    NotAMessage,
    PermissionParams,
    ReadParams,
    WriteParams,
    read,
)
from sps.adapters.agent_acp.places import places
from sps.adapters.agent_acp.policy import Decision, Option, Reach, choose, decide
from sps.adapters.agent_acp.toolpaths import named_paths
from sps.adapters.agent_acp.transcript import Transcript
from sps.adapters.agent_acp.updates import Updates, short
from sps.adapters.agent_acp.workfiles import Refused, Workfiles
from sps.lib.paths import inside
from sps.ports.agent import AgentJob, AgentListener, Permission

Answer: TypeAlias = dict[str, object]

METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
_NOT_FOUND = -32002
_CANCELLED: Answer = {"outcome": {"outcome": "cancelled"}}


class Declined(Exception):
    """The request gets an error: JSON-RPC code and text."""

    def __init__(self, code: int, says: str) -> None:
        super().__init__(says)
        self.code = code


class Desk:
    """Permissions by policy; files of the workspace for the kinds that are offered them.

    Terminals are never offered: an agent has its own, inside its sandbox.
    """

    def __init__(
        self, job: AgentJob, listener: AgentListener, updates: Updates, transcript: Transcript
    ) -> None:
        self._listener = listener
        self._updates = updates
        self._transcript = transcript
        self._files = Workfiles(Path(job.workspace))
        self._read_only = job.workspace_readonly
        self._reach = _reach(job)
        self._methods: dict[str, Callable[[msgspec.Raw], Answer]] = {
            "session/request_permission": self._permission
        }
        if job.kind.fs:
            self._methods["fs/read_text_file"] = self._read
            self._methods["fs/write_text_file"] = self._write
        self.closed = False
        self.refused: Permission | None = None  #: the latest refusal; forgotten with each turn

    def answer(self, method: str, params: msgspec.Raw) -> Answer:
        """Return the result of a request. Raises `Declined`."""
        handler = self._methods.get(method)
        if handler is None:
            raise Declined(METHOD_NOT_FOUND, f"unknown method {short(method, 80)}")
        try:
            return handler(params)
        except NotAMessage as err:
            raise Declined(INVALID_PARAMS, str(err)) from err
        except FileNotFoundError as err:
            raise Declined(_NOT_FOUND, "Resource not found") from err
        except (Refused, OSError) as err:
            says = err.strerror if isinstance(err, OSError) else str(err)
            raise Declined(INVALID_PARAMS, says or "not possible") from err

    def _permission(self, params: msgspec.Raw) -> Answer:
        try:
            asked = read(params, PermissionParams)
        except NotAMessage:
            self._note(None, "", Decision(False, "malformed-request"))
            raise
        call = asked.tool_call
        known = self._updates.calls.get(call.tool_call_id[:200])
        kind = call.kind if call.kind is not None else (known.kind if known else None)
        title = short(call.title or (known.title if known else ""))
        if self.closed:
            self._note(kind, title, Decision(False, "session-over"))
            return _CANCELLED
        try:
            paths = named_paths(call)
        except NotAMessage:
            decision = Decision(False, "malformed-paths")
        else:
            decision = self._decide(kind, paths, known.paths if known else ())
        self._note(kind, title, decision)
        options = [Option(option.option_id, option.kind) for option in asked.options]
        chosen = choose(options, allow=decision.allow)
        if chosen is None:
            return _CANCELLED
        return {"outcome": {"outcome": "selected", "optionId": chosen}}

    def _decide(
        self, kind: str | None, paths: tuple[str, ...], announced: tuple[str, ...] | None
    ) -> Decision:
        if announced is None:
            return Decision(False, "malformed-paths")
        return decide(kind, tuple(dict.fromkeys((*paths, *announced))), self._reach)

    def _note(self, kind: str | None, title: str, decision: Decision) -> None:
        self._updates.count()
        word = "allow" if decision.allow else "reject"
        tool, path = short(kind or "", 40), short(decision.path, 1000)
        self._transcript.add(
            "permission", tool=tool, path=path, title=title, decision=word, rule=decision.rule
        )
        told = Permission(tool=tool, path=path, title=title, decision=word, rule=decision.rule)
        if not decision.allow:
            self.refused = told
        self._listener.permission(told)

    def _read(self, params: msgspec.Raw) -> Answer:
        asked = read(params, ReadParams)
        return {"content": self._files.read(asked.path, asked.line, asked.limit)}

    def _write(self, params: msgspec.Raw) -> Answer:
        asked = read(params, WriteParams)
        if self._read_only:
            raise Refused("the workspace is read-only")
        self._files.write(asked.path, asked.content)
        return {}


def _reach(job: AgentJob) -> Reach:
    changeable = [Path(path) for path in job.writable]
    if not job.workspace_readonly:
        changeable.append(Path(job.workspace))
    readable = [Path(job.workspace), *changeable, *map(Path, job.readonly)]

    def below(roots: list[Path], path: str) -> bool:
        # Relative paths mean the workspace, whatever root is asked.
        full = path if os.path.isabs(path) else os.path.join(job.workspace, path)
        return any(inside(root, full) is not None for root in roots)

    return Reach(
        may_read=lambda path: below(readable, path),
        may_change=lambda path: below(changeable, path),
        network=bool(places(job)),
    )
