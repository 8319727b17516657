"""The agent: methods of the Agent Client Protocol, sessions, and a clean end."""

from __future__ import annotations

import os
import signal
import sys
import threading

from sps.scripted.errors import BadRequestError
from sps.scripted.fault import wait_for_orphanhood
from sps.scripted.protocol import INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, Connection
from sps.scripted.session import Session
from sps.scripted.turn import take_turn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

_PROTOCOL_VERSION = 1
_VERSION = "1.0"
_LAST_WORDS = 2.0  # seconds for running commands to be killed at the end


class Agent:
    """Answers the client's messages. One prompt of a session runs at a time, in its own thread."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sessions: dict[str, Session] = {}
        self._methods: dict[str, Callable[[dict[str, object]], dict[str, object]]] = {
            "initialize": self._initialize,
            "session/new": self._new,
            "session/load": self._load,
        }

    def run(self) -> None:
        """Serve until the client closes its end."""
        for message in self._connection.messages():
            if not self._connection.silent:
                self._take(message)
        if self._connection.silent:
            wait_for_orphanhood()

    def stop(self) -> None:
        """Cancel what runs and wait for it, for a bounded time."""
        for session in self._sessions.values():
            session.cancel()
        for session in self._sessions.values():
            if session.turn is not None and not self._connection.silent:
                session.turn.join(_LAST_WORDS)

    def _take(self, message: dict[str, object]) -> None:
        method, params = message.get("method"), message.get("params", {})
        if not isinstance(method, str):
            self._route(message)
            return
        try:
            if not isinstance(params, dict):
                raise BadRequestError(INVALID_PARAMS, "params is a JSON object")
            self._call(method, params, message)
        except BadRequestError as err:
            if "id" in message:
                self._connection.fail(message["id"], err.code, str(err))

    def _call(self, method: str, params: dict[str, object], message: dict[str, object]) -> None:
        if method == "session/cancel":
            session = self._session(params)
            if session.busy:
                session.cancel()
        elif "id" not in message:
            return
        elif method == "session/prompt":
            self._prompt(params, message["id"])
        elif method in self._methods:
            self._connection.reply(message["id"], self._methods[method](params))
        else:
            raise BadRequestError(METHOD_NOT_FOUND, f"unknown method {method[:80]}")

    def _route(self, message: dict[str, object]) -> None:
        if "result" in message or "error" in message:
            for session in self._sessions.values():
                if session.busy:
                    session.answer(message)
            return
        self._connection.fail(message.get("id"), INVALID_REQUEST, "a request has a method")

    def _initialize(self, _params: dict[str, object]) -> dict[str, object]:
        return {
            "protocolVersion": _PROTOCOL_VERSION,
            "agentCapabilities": {"loadSession": True, "promptCapabilities": {}},
            "authMethods": [],
            "agentInfo": {"name": "scripted", "version": _VERSION},
        }

    def _new(self, params: dict[str, object]) -> dict[str, object]:
        number = len(self._sessions) + 1
        while f"scripted-{number}" in self._sessions:
            number += 1
        self._open(f"scripted-{number}", params)
        return {"sessionId": f"scripted-{number}"}

    def _load(self, params: dict[str, object]) -> dict[str, object]:
        # Nothing is remembered between prompts, so every session can go on and none is replayed.
        session_id = params.get("sessionId")
        if not isinstance(session_id, str) or not session_id:
            raise BadRequestError(INVALID_PARAMS, "sessionId is a text")
        known = self._sessions.get(session_id)
        if known is not None and known.busy:
            raise BadRequestError(INVALID_REQUEST, "a prompt of this session is running")
        self._open(session_id, params)
        return {}

    def _open(self, session_id: str, params: dict[str, object]) -> None:
        cwd = params.get("cwd")
        if not isinstance(cwd, str) or not os.path.isabs(cwd) or not os.path.isdir(cwd):
            raise BadRequestError(INVALID_PARAMS, "cwd is the absolute path of a folder")
        self._sessions[session_id] = Session(session_id, os.path.realpath(cwd), self._connection)

    def _prompt(self, params: dict[str, object], request_id: object) -> None:
        session = self._session(params)
        if session.busy:
            raise BadRequestError(INVALID_REQUEST, "a prompt of this session is running")
        text = _prompt_text(params.get("prompt"))
        session.cancelled.clear()
        session.busy = True
        session.turn = threading.Thread(
            target=take_turn, args=(session, text, request_id), daemon=True
        )
        session.turn.start()

    def _session(self, params: dict[str, object]) -> Session:
        session = self._sessions.get(str(params.get("sessionId")))
        if session is None:
            raise BadRequestError(INVALID_PARAMS, "unknown sessionId")
        return session


def _prompt_text(prompt: object) -> str:
    if not isinstance(prompt, list):
        raise BadRequestError(INVALID_PARAMS, "prompt is a list of content blocks")
    texts = [block.get("text") for block in prompt if isinstance(block, dict)]
    return "\n".join(text for text in texts if isinstance(text, str))


def _on_signal(number: int, _frame: object) -> None:
    sys.exit(128 + number)


def serve() -> NoReturn:
    """Serve a client on standard input and output until it closes them or a signal comes.

    The process ends here: with 0, or with 128 and the number of the signal.
    """
    signal.signal(signal.SIGTERM, _on_signal)
    signal.signal(signal.SIGINT, _on_signal)
    code = 0
    with open(0, "rb", closefd=False) as source:
        agent = Agent(Connection(source, 1))
        try:
            agent.run()
        except SystemExit as err:
            code = err.code if isinstance(err.code, int) else 1
        finally:
            agent.stop()
            # A turn that misbehaves on purpose holds its thread and perhaps the output's lock.
            sys.stderr.flush()
            os._exit(code)
