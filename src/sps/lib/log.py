"""Logs as JSON lines with a stable set of fields, bound to their context, secrets taken out.

Fields: ts, level, service, env, msg (a constant), logger, then what the call gave as `extra`, then
what was bound (request_id, card_id, run_id, step).
"""

from __future__ import annotations

import contextlib
import json
import logging
import logging.handlers
import re
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path

from sps.lib.times import rfc3339

_bound: ContextVar[dict[str, str]] = ContextVar("bound", default={})  # noqa: B039 - never mutated
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
_SECRET_KEY = re.compile(
    r"token|secret|password|passwd|authorization|api_?key|cookie|credential", re.IGNORECASE
)
_REDACTED = "[redacted]"
_SHORTEST_SECRET = 8


@contextlib.contextmanager
def bound(**fields: str) -> Iterator[None]:
    """Add fields to every line that is logged inside."""
    token = _bound.set({**_bound.get(), **fields})
    try:
        yield
    finally:
        _bound.reset(token)


class Redactor:
    """Takes out values by the name of their key, and known secret values wherever they stand."""

    def __init__(self) -> None:
        self._values: set[str] = set()

    def learn(self, value: str) -> None:
        """Register a secret value; short ones would mangle ordinary text and are ignored."""
        if len(value) >= _SHORTEST_SECRET:
            self._values.add(value)

    def field(self, key: str, value: object) -> object:
        """Return a field's value as it may be logged."""
        return _REDACTED if _SECRET_KEY.search(key) else self.text(str(value))

    def text(self, text: str) -> str:
        """Return a text without any known secret."""
        for value in self._values:
            text = text.replace(value, _REDACTED)
        return text


class JsonLines(logging.Formatter):
    """One JSON object per record."""

    def __init__(self, service: str, env: str, redactor: Redactor) -> None:
        super().__init__()
        self._fixed = {"service": service, "env": env}
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for a record."""
        line: dict[str, object] = {
            "ts": rfc3339(int(record.created * 1000)),
            "level": record.levelname,
            **self._fixed,
            "msg": self._redactor.text(record.getMessage()),
            "logger": record.name,
        }
        extra = {k: v for k, v in record.__dict__.items() if k not in _STANDARD}
        for key, value in {**extra, **_bound.get()}.items():
            line[key] = self._redactor.field(key, value)
        if record.exc_info:
            line["exception"] = self._redactor.text(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def to_file(path: Path, *, service: str, env: str, level: str, redactor: Redactor) -> None:
    """Send all logging of this process to a file, rotated at 16 MiB, five old ones kept."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=16 * 1024**2, backupCount=5)
    handler.setFormatter(JsonLines(service, env, redactor))
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(level.upper())
    for chatty in ("watchfiles", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
