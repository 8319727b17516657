"""One edit or command as the client sees it: announced, permitted, and finished either way."""

from __future__ import annotations

from sps.scripted.errors import CancelledTurnError, StepFailedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from sps.scripted.session import Session

_TITLE_LIMIT = 100
_OUTPUT_LIMIT = 4000


class ToolCall:
    """A context: entering announces the call, leaving it by an error marks it as failed.

    `kind` is edit or execute, `paths` are absolute.
    """

    def __init__(
        self, session: Session, *, kind: str, title: str, paths: list[str], raw: dict[str, object]
    ) -> None:
        self._session = session
        self._id = session.next_call_id()
        self._facts: dict[str, object] = {
            "toolCallId": self._id,
            "title": title if len(title) <= _TITLE_LIMIT else title[: _TITLE_LIMIT - 1] + "…",
            "kind": kind,
            "locations": [{"path": path} for path in paths],
            "rawInput": raw,
        }

    def __enter__(self) -> ToolCall:
        self._session.check()
        self._session.update({"sessionUpdate": "tool_call", "status": "pending", **self._facts})
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, StepFailedError):
            self._report("failed", str(error))
        elif isinstance(error, CancelledTurnError):
            self._report("failed", "cancelled")

    def ask(self) -> None:
        """Wait for the client's permission and report that the work has started."""
        self._session.ask_permission({**self._facts, "status": "pending"})
        self._report("in_progress", "")

    def done(self, text: str) -> None:
        """Report success and what came out; of a long text its end."""
        self._report("completed", text)

    def _report(self, status: str, text: str) -> None:
        update: dict[str, object] = {
            "sessionUpdate": "tool_call_update",
            "toolCallId": self._id,
            "status": status,
        }
        if text:
            content = {"type": "text", "text": text[-_OUTPUT_LIMIT:]}
            update["content"] = [{"type": "content", "content": content}]
        self._session.update(update)
