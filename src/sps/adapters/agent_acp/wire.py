"""The guarded line to an agent: what goes to the protocol library is what it can bear.

The library's receive loop dies of a line that is no object, of an answer whose id cannot be hashed
and of an error that is no object; it makes a task for each message and logs what it cannot read.
So lines are bounded, counted and judged here, requests and updates are served here in their order,
and only answers to our own requests are handed on.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from sps.adapters.agent_acp.desk import Declined, Desk
from sps.adapters.agent_acp.ending import Stop
from sps.adapters.agent_acp.flood import BAD_LINES, FRAME_BYTES, Meter
from sps.adapters.agent_acp.frames import Fault, Frame, NotAMessage, is_null, read
from sps.adapters.agent_acp.updates import Updates
from sps.model.run import Outcome

_ANSWER_BYTES = 1024**2  # of what is decoded as a whole
_UNREAD_BYTES = 32 * 1024**2  # that an agent may leave lying
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Ears:
    """Who takes what arrives: the meter, requests, updates, and the watch that hears of life."""

    meter: Meter
    desk: Desk
    updates: Updates
    heard: Callable[[], None]
    steady: Callable[[], float]
    stop: Stop


class Wire:
    """A transport for the protocol library: it sends objects and receives them, None at the end."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.WriteTransport, ears: Ears
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._ears = ears
        self._buffer = bytearray()
        self._scanned = 0
        self._bad = 0
        self._asked: set[int] = set()

    async def send(self, message: dict[str, Any]) -> None:
        """Write a message. Raises `ConnectionError` when the agent closed its end."""
        request = message.get("id")
        if "method" in message and isinstance(request, int):
            self._asked.add(request)
        self._write(message)

    async def receive(self) -> dict[str, Any] | None:
        """Return the next answer to a request of ours; None when there will be no more."""
        while self._ears.stop.ending is None:
            line = await self._line()
            if line is None:
                return None
            excess = self._ears.meter.line(len(line) + 1, self._ears.steady())
            if excess:
                self._ears.stop.set(Outcome.FLOOD, excess)
            elif line.strip():
                answer = self._judge(line)
                if answer is not None:
                    return answer
        return None

    async def close(self) -> None:
        """Close our end: a decent agent ends by itself then."""
        self._writer.close()

    async def _line(self) -> bytes | None:
        while True:
            end = self._buffer.find(b"\n", self._scanned)
            if max(end, len(self._buffer) if end < 0 else 0) > FRAME_BYTES:
                self._ears.stop.set(
                    Outcome.FLOOD, f"a message of more than {FRAME_BYTES // 1024**2} MiB"
                )
                self._buffer.clear()
                return None
            if end >= 0:
                line = bytes(self._buffer[:end])
                del self._buffer[: end + 1]
                self._scanned = 0
                return line
            self._scanned = len(self._buffer)
            await asyncio.sleep(0)  # reading what is buffered would never let others run
            chunk = await self._reader.read(_CHUNK)
            if not chunk:
                return None
            self._buffer += chunk

    def _judge(self, line: bytes) -> dict[str, Any] | None:
        try:
            frame = read(line, Frame)
            answer = self._serve(frame)
        except NotAMessage:
            self._bad += 1
            if self._bad >= BAD_LINES:
                self._ears.stop.set(
                    Outcome.PROTOCOL, f"{BAD_LINES} lines in a row that are no messages"
                )
            return None
        if frame.method is not None or answer is not None:
            # An answer that nobody waits for is no sign of sense.
            self._bad = 0
            self._ears.heard()
        return answer

    def _serve(self, frame: Frame) -> dict[str, Any] | None:
        if frame.method is None:
            return self._answer(frame)
        if not isinstance(frame.id, msgspec.UnsetType):
            self._request(frame.method, frame)
        elif frame.method == "session/update":
            # An update of a kind or shape that we do not know is still a message.
            with contextlib.suppress(NotAMessage):
                self._ears.updates.take(frame.params)
        return None

    def _answer(self, frame: Frame) -> dict[str, Any] | None:
        if isinstance(frame.id, msgspec.UnsetType):
            raise NotAMessage("neither a method nor an id")
        if not isinstance(frame.id, int) or frame.id not in self._asked:
            return None
        answer: dict[str, Any] = {"jsonrpc": "2.0", "id": frame.id}
        failed = not is_null(frame.error)
        part = frame.error if failed else frame.result
        if len(bytes(part)) > _ANSWER_BYTES:
            raise NotAMessage("an answer that is too long")
        if failed:
            fault = read(part, Fault)
            answer["error"] = {"code": fault.code, "message": fault.message, "data": fault.data}
        else:
            answer["result"] = None if is_null(part) else read(part, Any)
        self._asked.discard(frame.id)
        return answer

    def _request(self, method: str, frame: Frame) -> None:
        reply: dict[str, object] = {"jsonrpc": "2.0", "id": frame.id}
        try:
            reply["result"] = self._ears.desk.answer(method, frame.params)
        except Declined as err:
            reply["error"] = {"code": err.code, "message": str(err)}
        if not self._writer.is_closing():
            self._write(cast("dict[str, Any]", reply))

    def _write(self, message: dict[str, Any]) -> None:
        if self._writer.is_closing():
            raise ConnectionError("the agent closed its input")
        self._writer.write(msgspec.json.encode(message) + b"\n")
        if self._writer.get_write_buffer_size() > _UNREAD_BYTES:
            self._ears.stop.set(Outcome.FLOOD, "the agent asks and does not read the answers")
