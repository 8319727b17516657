"""What the agent tells about its work, in the order it was told."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import msgspec

from sps.adapters.agent_acp.ending import Stop
from sps.adapters.agent_acp.flood import REPORTS
from sps.adapters.agent_acp.frames import (
    Content,
    NotAMessage,
    ToolContent,
    Update,
    UpdateParams,
    read,
)
from sps.adapters.agent_acp.spend import Spend
from sps.adapters.agent_acp.toolpaths import named_paths
from sps.adapters.agent_acp.transcript import Transcript
from sps.lib.terminal import clean
from sps.model.run import Outcome
from sps.ports.agent import AgentListener

_MESSAGE = 64 * 1024  # characters of one message
_PATHS = 200  # that one call may name
_OUTPUT = 16 * 1024  # characters of what one call put out, its end
_BETWEEN = frozenset({"plan", "available_commands_update"})  # never told inside a message
_FINAL = frozenset({"completed", "failed"})


def short(text: str, most: int = 200) -> str:
    """Make a word of the agent safe to show and bounded in length."""
    return clean(text[: 2 * most])[:most]


@dataclass
class KnownCall:
    """A tool call that was announced."""

    title: str
    kind: str | None
    paths: tuple[str, ...] | None  #: None: they could not be read
    final: bool = False
    output: str = ""


class Updates:
    """Turns session updates into reports to the listener and lines of the transcript.

    Silent until `live` is set, because a resumed session first replays its past.
    """

    def __init__(
        self, listener: AgentListener, transcript: Transcript, spend: Spend, stop: Stop
    ) -> None:
        self._listener = listener
        self._transcript = transcript
        self._spend = spend
        self._stop = stop
        self._message: list[str] = []
        self._thinking = False
        self._of = b""  # the message's id; many agents give none
        self._size = 0
        self._turn: list[str] = []
        self._turn_size = 0
        self._reports = 0
        self.calls: dict[str, KnownCall] = {}
        self.live = False

    @property
    def text(self) -> str:
        """Everything the agent said in its latest turn, bounded."""
        return "".join(self._turn)

    def take(self, params: msgspec.Raw) -> None:
        """Take one update. Raises `NotAMessage`."""
        update = read(params, UpdateParams).update
        name = update.session_update
        if not self.live:
            if name == "usage_update":
                self._spend.replayed(update.cost)
        elif name == "agent_message_chunk":
            self._chunk(update, thought=False)
        elif name == "agent_thought_chunk":
            self._chunk(update, thought=True)
        elif name in {"tool_call", "tool_call_update"}:
            self._tool(update)
        elif name == "usage_update":
            self._spend.running(update.used, update.cost)
        elif name in _BETWEEN:
            self.flush()

    def begin_turn(self) -> None:
        """A prompt was sent: what comes from now on is new."""
        self.live = True
        self._turn.clear()
        self._turn_size = 0

    def flush(self) -> None:
        """The message that was being said, or thought, is whole. A thought is only written down."""
        text = clean("".join(self._message))
        self._message.clear()
        self._size = 0
        if not text:
            return
        if self._thinking:
            self._transcript.add("thought", text=text)
            return
        self.count()
        kept = text[: max(0, _MESSAGE - self._turn_size)]
        self._turn.append(kept)
        self._turn_size += len(kept)
        self._transcript.add("said", text=text)
        self._listener.said(text)

    def count(self) -> None:
        """Count one report to the listener."""
        self._reports += 1
        if self._reports > REPORTS:
            self._stop.set(Outcome.FLOOD, f"more than {REPORTS} messages and tool calls")

    def _chunk(self, update: Update, *, thought: bool) -> None:
        of = bytes(update.message_id)
        if (thought, of) != (self._thinking, self._of):
            self.flush()
            self._thinking, self._of = thought, of
        text = read(update.content, Content).text[: _MESSAGE - self._size]
        if text:
            self._size += len(text)
            self._message.append(text)

    def _tool(self, update: Update) -> None:
        self.flush()
        call_id = update.tool_call_id[:200]
        known, output = self.calls.get(call_id), _output(update)
        if known is None:
            self.count()
            known = KnownCall(short(update.title or ""), None, None)
            self.calls[call_id] = known
            known.kind, known.paths, known.output = update.kind, _paths(update), output
            self._report(call_id, known, update.status or "pending")
        else:
            known.kind, known.output = update.kind or known.kind, output or known.output
            known.title = short(update.title) if update.title else known.title
            new = _paths(update)
            both = None if new is None or known.paths is None else {*known.paths, *new}
            known.paths = None if both is None or len(both) > _PATHS else tuple(both)
            if update.status in _FINAL and not known.final:
                self._report(call_id, known, update.status or "")
        known.final = known.final or update.status in _FINAL

    def _report(self, call_id: str, call: KnownCall, status: str) -> None:
        shown = (short(call_id), call.title, short(call.kind or "", 40), short(status, 40))
        self._transcript.add(
            "tool", call=shown[0], title=shown[1], kind=shown[2], status=shown[3],
            output=call.output or None,
        )  # fmt: skip
        self._listener.tool(*shown)


def _output(update: Update) -> str:
    """Return the end of the text that a tool call put out so far; colours stay in it."""
    if not bytes(update.content):
        return ""
    with contextlib.suppress(NotAMessage):
        pieces = read(update.content, list[ToolContent])
        return "\n".join(piece.content.text for piece in pieces if piece.content.text)[-_OUTPUT:]
    return ""


def _paths(update: Update) -> tuple[str, ...] | None:
    with contextlib.suppress(NotAMessage):
        return named_paths(update)
    return None
