"""The server: HTTP on 127.0.0.1, a log of every request, and an end that comes by itself."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.agents.model import chat, messages, responses
from tests.agents.model.conversation import Api, turn

LIFETIME = 300.0  # seconds
_PATIENCE = 30.0  # seconds for a client to send what it began
_MOST = 32 * 1024**2  # bytes of a request
_MODEL = "scripted-model"
_SPEECH = {Api.RESPONSES: responses, Api.MESSAGES: messages, Api.CHAT: chat}


class ModelServer:
    """Serves from `with` to its end, at most `lifetime` seconds, on a port the system chose."""

    def __init__(self, log: Path, *, lifetime: float = LIFETIME) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._http = _Http(("127.0.0.1", 0), _Handler)
        self._http.owner = self
        self._port = int(self._http.server_address[1])
        self._thread = threading.Thread(
            target=lambda: self._http.serve_forever(0.05), name="model server", daemon=True
        )
        self._end = threading.Timer(lifetime, self._close)
        self._end.daemon = True

    @property
    def port(self) -> int:
        return self._port

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> ModelServer:
        self._thread.start()
        self._end.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop serving and close the port. Again changes nothing."""
        self._end.cancel()
        self._close()
        self._thread.join(_PATIENCE)

    def _close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def note(self, **entry: object) -> None:
        """Add a line to the log."""
        with self._lock, self._log.open("a") as file:
            file.write(json.dumps(entry) + "\n")

    def requests(self) -> list[dict[str, Any]]:
        """Return what was logged so far."""
        with self._lock:
            text = self._log.read_text() if self._log.exists() else ""
        return [json.loads(line) for line in text.splitlines()]


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    owner: ModelServer

    def handle_error(self, request: object, client_address: object) -> None:
        """An agent that goes away in the middle of an answer is nobody's mistake."""


class _Handler(BaseHTTPRequestHandler):
    server: _Http
    timeout = _PATIENCE
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Nothing on stderr: the server keeps its own log."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Note what is refused before any of our methods is asked, other methods above all."""
        asked = getattr(self, "requestline", "")
        self.server.owner.note(refused=int(code), asked=asked)
        super().send_error(code, message, explain)

    def do_GET(self) -> None:
        self.server.owner.note(method=self.command, path=self.path)
        if not self.path.partition("?")[0].endswith("/models"):
            self._send(404, {"error": {"message": "there is no such path here"}})
            return
        model = {"id": _MODEL, "object": "model", "created": 1, "owned_by": "nobody"}
        self._send(200, {"object": "list", "data": [model], "models": []})

    def do_HEAD(self) -> None:
        self.server.owner.note(method=self.command, path=self.path)
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        raw = self._body()
        try:
            asked = json.loads(raw)
        except ValueError:
            asked = None
        path = self.path.partition("?")[0]
        api = next((api for api in Api if path.endswith(api.value)), None)
        if api is None or not isinstance(asked, dict):
            self.server.owner.note(method="POST", path=self.path, bytes=len(raw))
            self._send(404, {"error": {"message": "there is no such path here"}})
            return
        decided = turn(api, asked)
        self.server.owner.note(
            method="POST",
            path=self.path,
            key=self.headers.get("authorization") or self.headers.get("x-api-key"),
            model=asked.get("model"),
            scenario=decided.scenario,
            step=decided.number,
            prompts=decided.prompts,
            call=decided.call,
            tools=[tool.get("name") or tool.get("type") for tool in asked.get("tools") or []],
        )
        speech = _SPEECH[api]
        finished = speech.answer(decided, str(asked.get("model")))
        if asked.get("stream"):
            self._stream(speech.stream(finished))
        else:
            self._send(200, finished)

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("transfer-encoding", ""):
            return self.rfile.read(min(int(self.headers.get("content-length") or 0), _MOST))
        body = b""
        while size := int(self.rfile.readline(80).partition(b";")[0], 16):
            body += self.rfile.read(min(size, _MOST - len(body)))
            self.rfile.readline(80)
        return body

    def _stream(self, events: Iterator[bytes]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            for event in events:
                self.wfile.write(event)
                self.wfile.flush()
        self.close_connection = True

    def _send(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
