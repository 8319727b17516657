"""JSON-RPC 2.0, one message on each line: reading messages, writing answers and requests."""

from __future__ import annotations

import json
import os
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
AGENT_FAILURE = -32000


class Connection:
    """Both directions of the client's pipe. Writing is safe from several threads.

    `silent` stops all writing of messages. `closed` says that the client no longer reads.
    """

    def __init__(self, source: BinaryIO, sink: int) -> None:
        self._source = source
        self._sink = sink
        self._writing = threading.Lock()
        self._last_id = 0
        self.silent = False
        self.closed = False

    def messages(self) -> Iterator[dict[str, object]]:
        """The client's messages until it closes its end; what is no message is answered as such."""
        for line in self._source:
            if not line.strip():
                continue
            try:
                message = json.loads(line)
            except (ValueError, RecursionError):
                self.fail(None, PARSE_ERROR, "not JSON")
                continue
            if isinstance(message, dict):
                yield message
            else:
                self.fail(None, INVALID_REQUEST, "a message is a JSON object")

    def reply(self, request_id: object, result: dict[str, object]) -> None:
        """Answer a request."""
        self._send({"id": request_id, "result": result})

    def fail(
        self, request_id: object, code: int, says: str, data: dict[str, object] | None = None
    ) -> None:
        """Answer a request with an error."""
        error: dict[str, object] = {"code": code, "message": says}
        if data is not None:
            error["data"] = data
        self._send({"id": request_id, "error": error})

    def notify(self, method: str, params: dict[str, object]) -> None:
        """Tell the client something that needs no answer."""
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: dict[str, object]) -> int:
        """Send a request and give its id; the answer arrives among the messages."""
        with self._writing:
            self._last_id += 1
            request_id = self._last_id
        self._send({"id": request_id, "method": method, "params": params})
        return request_id

    def write(self, raw: bytes) -> None:
        """Write the bytes as they are."""
        view = memoryview(raw)
        with self._writing:
            try:
                while view and not self.closed:
                    view = view[os.write(self._sink, view) :]
            except OSError:
                self.closed = True

    def _send(self, message: dict[str, object]) -> None:
        if not self.silent:
            self.write(json.dumps({"jsonrpc": "2.0", **message}).encode("ascii") + b"\n")
