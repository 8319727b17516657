"""The end of the daemon's own log, with secrets taken out as they were when it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from sps.lib.terminal import clean
from sps.services.telling import LEVELS
from sps.services.transcript import read_part

if TYPE_CHECKING:
    from sps.ports.world import World

TAIL = 512 * 1024  #: bytes; what is older is in the file
_FIELD = 2_000
_KNOWN = frozenset({"ts", "level", "service", "env", "msg", "logger"})


class DaemonLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the file. `place` is the byte at which it begins."""

    place: int
    at: str
    level: str
    says: str
    logger: str
    fields: dict[str, str]


class DaemonLog(msgspec.Struct, frozen=True, kw_only=True):
    """The newest lines that fit, newest first. `cut`: the file has more than was looked at."""

    path: str
    lines: list[DaemonLine]
    cut: bool


def daemon_log(
    world: World, *, level: str = "debug", text: str = "", limit: int = 200
) -> DaemonLog:
    """Read the end of the daemon's log. A line that is no JSON is shown as it is."""
    path = world.home.log
    raw, start, _ = read_part(path.parent, path.name, None, TAIL)
    if start:  # begin with a whole line
        cut = raw.find(b"\n") + 1
        raw, begin = raw[cut:], start + cut
    else:
        begin = 0
    lowest = LEVELS.index(level) if level in LEVELS else 0
    words = text.casefold().split()
    found = []
    for row in raw.split(b"\n"):
        line = _line(row, begin) if row.strip() else None
        begin += len(row) + 1
        if line is not None and _fits(line, lowest, words):
            found.append(line)
    shown = found[-min(max(1, limit), 5_000) :]
    return DaemonLog(path=str(path), lines=shown[::-1], cut=start > 0 or len(shown) < len(found))


def as_text(found: DaemonLog) -> str:
    """Write lines of the daemon's log, oldest first."""
    rows = []
    for one in reversed(found.lines):
        more = "".join(f" {key}={' '.join(value.split())}" for key, value in one.fields.items())
        rows.append(f"{one.at} {one.level:<7} {one.logger} {one.says}{more}")
    return "\n".join(rows) + "\n" * bool(rows)


def _fits(line: DaemonLine, lowest: int, words: list[str]) -> bool:
    rank = LEVELS.index(line.level) if line.level in LEVELS else len(LEVELS)
    if rank < lowest:
        return False
    where = f"{line.says} {line.logger} {' '.join(line.fields.values())}".casefold()
    return all(word in where for word in words)


def _line(row: bytes, place: int) -> DaemonLine:
    try:
        said: Any = msgspec.json.decode(row)
    except msgspec.DecodeError:
        said = None
    if not isinstance(said, dict):
        text = clean(row.decode("utf-8", "replace"))[:_FIELD]
        return DaemonLine(place=place, at="", level="info", says=text, logger="", fields={})
    fields = {
        clean(str(key))[:80]: clean(str(value))[:_FIELD]
        for key, value in said.items()
        if key not in _KNOWN
    }
    return DaemonLine(
        place=place,
        at=clean(str(said.get("ts", "")))[:40],
        level=clean(str(said.get("level", "info")))[:20].lower().replace("critical", "error"),
        says=clean(str(said.get("msg", "")))[:_FIELD],
        logger=clean(str(said.get("logger", "")))[:120],
        fields=fields,
    )
