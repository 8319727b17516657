"""Logs as JSON lines with a stable set of fields, bound to their context, secrets taken out.

Fields: ts, level, service, env, msg (a constant), logger, then what the call gave as `extra`, then
what was bound (request_id, card_id, run_id, step).
"""

from __future__ import annotations

import json
import logging
import logging.handlers
import re
from pathlib import Path

from sps.lib import context
from sps.lib.chain import Chain
from sps.lib.histogram import Counter
from sps.lib.times import rfc3339

bound = context.bound

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
_SECRET_KEY = re.compile(
    r"token|secret|password|passwd|authorization|api_?key|cookie|credential", re.IGNORECASE
)
_REDACTED = "[redacted]"
_SHORTEST_SECRET = 8
_LOUD = ("ERROR", "CRITICAL")
_NO_CODE = "defect"  # nobody foresaw it
_LEVELS = ("debug", "info", "warning", "error")
ERRORS = Counter("sps_log_errors_total", "Lines a person should look at, by code", ("code",))


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
        # Threads of libraries know nothing of what is bound; their lines belong to this call.
        self._call = {key: text for key, text in context.fields().items() if key == "request_id"}

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for a record."""
        return json.dumps(self.fields(record), ensure_ascii=False)

    def fields(self, record: logging.LogRecord) -> dict[str, object]:
        """Return what the line says."""
        line: dict[str, object] = {
            "ts": rfc3339(int(record.created * 1000)),
            "level": record.levelname,
            **self._fixed,
            "msg": self._redactor.text(record.getMessage()),
            "logger": record.name,
        }
        extra = {k: v for k, v in record.__dict__.items() if k not in _STANDARD}
        for key, value in {**self._call, **extra, **context.fields()}.items():
            line[key] = self._redactor.field(key, value)
        if record.levelname in _LOUD:
            line["code"] = _code(record)
        if record.exc_info:
            line["exception"] = self._redactor.text(self.formatException(record.exc_info))
        return line


def _code(record: logging.LogRecord) -> str:
    """Return the code of an error: as it was given, else as the exception has it."""
    failure = record.exc_info[1] if record.exc_info else None
    return str(getattr(record, "code", None) or getattr(failure, "code", None) or _NO_CODE)


class _Counting(logging.Handler):
    """Counts errors."""

    def emit(self, record: logging.LogRecord) -> None:
        ERRORS.add(_code(record))


class _Chained(logging.Handler):
    """Keeps records in a chain. It must not hinder what it writes down: a failure is an error in
    the log."""

    def __init__(self, folder: Path, lines: JsonLines) -> None:
        super().__init__()
        self._chain = Chain(folder)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._chain.append(self._lines.fields(record))
        except (OSError, ValueError) as err:
            code = {"code": "audit-unwritable", "detail": str(err)}
            logging.getLogger(__name__).exception("audit entry not kept", extra=code)


def chain_to(
    folder: Path, logger: str, *, service: str, env: str, redactor: Redactor | None = None
) -> None:
    """Keep the lines of one logger in a chain too. Each is on the disk when its call returns: a
    thread of the event loop leaves such calls to others."""
    unchain(logger)
    known = logging.getLogger(logger)
    known.addHandler(_Chained(folder, JsonLines(service, env, redactor or Redactor())))
    known.setLevel(logging.INFO)


def unchain(logger: str) -> None:
    """Keep the lines of a logger in no chain any more."""
    known = logging.getLogger(logger)
    for old in [one for one in known.handlers if isinstance(one, _Chained)]:
        known.removeHandler(old)


def to_file(path: Path, *, service: str, env: str, level: str, redactor: Redactor) -> None:
    """Send all logging of this process to a file, rotated at 16 MiB, five old ones kept. A
    level that does not exist is info."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=16 * 1024**2, backupCount=5)
    handler.setFormatter(JsonLines(service, env, redactor))
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.addHandler(_Counting(logging.ERROR))
    root.setLevel(level.upper() if level.lower() in _LEVELS else logging.INFO)
    for chatty in ("watchfiles", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def append_to(path: Path, logger: str, *, service: str, env: str) -> None:
    """Send the lines of one logger of a short call to a file that a longer process may be writing
    too: each line is appended as one write, and nothing is ever rotated here."""
    handler = logging.FileHandler(path, mode="a", encoding="utf-8", delay=True)
    handler.setFormatter(JsonLines(service, env, Redactor()))
    known = logging.getLogger(logger)
    known.addHandler(handler)
    known.setLevel(logging.INFO)
    known.propagate = False
