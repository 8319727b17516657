"""A conversation with the client: its folder, its turn, and what the turn may tell or ask."""

from __future__ import annotations

import queue
import threading
import time

from sps.scripted.errors import CancelledTurnError, StepFailedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sps.scripted.protocol import Connection

_ALLOW, _REJECT = "allow", "reject"
_ANSWER_WAIT = 86_400.0  # seconds; a person may be behind the client
_CANCEL_WAIT = 0.2  # seconds; a cancelled permission may overtake the cancellation of its turn
_OPTIONS = [
    {"optionId": _ALLOW, "name": "Allow", "kind": "allow_once"},
    {"optionId": _REJECT, "name": "Reject", "kind": "reject_once"},
]


class Session:
    """One session. `cwd` is canonical, `turn` is the thread of the latest prompt.

    `busy` is true from the arrival of a prompt until just before its answer is written, so that a
    client that has the answer may send the next prompt.
    """

    def __init__(self, session_id: str, cwd: str, connection: Connection) -> None:
        self.id = session_id
        self.cwd = cwd
        self.connection = connection
        self.cancelled = threading.Event()
        self.turn: threading.Thread | None = None
        self.busy = False
        self._answers: queue.SimpleQueue[dict[str, object] | None] = queue.SimpleQueue()
        self._calls = 0

    def cancel(self) -> None:
        """End the running turn soon; without one nothing happens."""
        self.cancelled.set()
        self._answers.put(None)

    def check(self) -> None:
        """Raise CancelledTurnError when the turn was cancelled."""
        if self.cancelled.is_set():
            raise CancelledTurnError

    def answer(self, message: dict[str, object]) -> None:
        """Hand an answer of the client to the turn that waits for it."""
        self._answers.put(message)

    def say(self, text: str) -> None:
        """Send a piece of the agent's message."""
        content = {"type": "text", "text": text}
        self.update({"sessionUpdate": "agent_message_chunk", "content": content})

    def update(self, update: dict[str, object]) -> None:
        """Send a session update."""
        self.connection.notify("session/update", {"sessionId": self.id, "update": update})

    def next_call_id(self) -> str:
        """A name for the next tool call, unique in this session."""
        self._calls += 1
        return f"call-{self._calls}"

    def ask_permission(self, call: dict[str, object]) -> None:
        """Ask the client about a tool call; raises StepFailedError unless it is allowed."""
        self.check()
        request = self.connection.ask(
            "session/request_permission",
            {"sessionId": self.id, "toolCall": call, "options": _OPTIONS},
        )
        choice = _choice(self._wait_for(request))
        if choice == _ALLOW:
            return
        if choice == "cancelled" and self.cancelled.wait(_CANCEL_WAIT):
            raise CancelledTurnError
        raise StepFailedError("permission denied")

    def _wait_for(self, request: int) -> dict[str, object]:
        deadline = time.monotonic() + _ANSWER_WAIT
        while True:
            self.check()
            try:
                answer = self._answers.get(timeout=max(deadline - time.monotonic(), 0))
            except queue.Empty as err:
                raise StepFailedError("the client did not answer a permission request") from err
            if answer is not None and answer.get("id") == request:
                return answer


def _choice(answer: dict[str, object]) -> str:
    """The option that was selected, "cancelled", or "" for an answer that makes no sense."""
    result = answer.get("result")
    outcome = result.get("outcome") if isinstance(result, dict) else None
    if not isinstance(outcome, dict):
        return ""
    if outcome.get("outcome") == "cancelled":
        return "cancelled"
    option = outcome.get("optionId")
    return option if outcome.get("outcome") == "selected" and isinstance(option, str) else ""
