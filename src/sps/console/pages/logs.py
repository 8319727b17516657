"""The log: one table of what happened in all projects, live, and the daemon's own beside it."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlencode

import msgspec

from sps.console import decoding
from sps.console.answers import Answer, Document, Page, Raw
from sps.console.hub import View
from sps.console.registry import Route, Surface
from sps.console.visit import Visit
from sps.lib.times import rfc3339
from sps.model.access import Role
from sps.services import daemon_log as daemon
from sps.services import log_lines
from sps.services.daemon_log import DaemonLog
from sps.services.log_lines import Histogram, LogFilter, LogSlice
from sps.services.telling import LEVELS, EventView


class Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which lines. `since` and `until`: times in UTC, or their beginnings."""

    project: str = ""
    card: int | None = None
    level: str = "info"
    text: str = ""
    since: str = ""
    until: str = ""

    @property
    def filter(self) -> LogFilter:
        return LogFilter(
            project=self.project, card=self.card, level=self.level, text=self.text,
            since=self.since, until=self.until,
        )  # fmt: skip

    def address(self, **more: object) -> str:
        """Return the query of an address that means the same, and more."""
        said = {
            "project": self.project, "card": self.card, "level": self.level, "text": self.text,
            "since": self.since, "until": self.until,
        }  # fmt: skip
        if self.level == "info":
            del said["level"]
        return urlencode({k: v for k, v in {**said, **more}.items() if v not in ("", None)})


class LogsQuery(Wanted, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which lines and which window: before an id, after an id, around an id, else the newest."""

    before: int | None = None
    after: int | None = None
    at: int | None = None
    limit: int = 50


class Download(Wanted, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which lines, and as what."""

    form: Literal["text", "json"] = "text"


class DaemonQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which lines of the daemon's log."""

    level: str = "debug"
    text: str = ""
    form: Literal["", "text", "json"] = ""
    limit: int = 200

    def address(self, **more: object) -> str:
        """Return the query of an address that means the same, and more."""
        said = {"level": "" if self.level == "debug" else self.level, "text": self.text, **more}
        return urlencode({k: v for k, v in said.items() if v not in ("", None)})


class LogsView(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows. `live`: it is the newest window and follows what happens."""

    wanted: LogsQuery
    slice: LogSlice
    projects: list[str]
    live: bool
    ranges: dict[str, str]
    histogram: Histogram | None = None
    levels: tuple[str, ...] = LEVELS


class DaemonView(msgspec.Struct, frozen=True, kw_only=True):
    """What the daemon's tab shows."""

    wanted: DaemonQuery
    log: DaemonLog
    levels: tuple[str, ...] = LEVELS


class LogStream(View, frozen=True, kw_only=True):
    """A stream of the events that a filter leaves."""

    wanted: LogFilter

    def follows(self, told: EventView) -> bool:
        return self.wanted.fits(told)


def logs_page(visit: Visit) -> Answer:
    """Show a window of the log, the newest first."""
    wanted: LogsQuery = visit.query
    found = _found(visit)
    live = wanted.before is None and wanted.after is None and wanted.at is None
    live = live and not wanted.until
    drawn = None if visit.scripted else log_lines.histogram(visit.world, wanted.filter)
    model = LogsView(
        wanted=wanted, slice=found, projects=_projects(visit), live=live, histogram=drawn,
        ranges=_ranges(visit),
    )  # fmt: skip
    return Page(
        template="logs.html", title="Logs", model=model, cursor=found.last, here="logs",
        view=f"logs:{wanted.address()}" if live else "",
    )  # fmt: skip


def _ranges(visit: Visit) -> dict[str, str]:
    """Return how far back one may look, and since when that is, to the minute."""
    now = visit.world.clock.now()
    spans = {"The last hour": 1, "The last day": 24, "The last week": 168}
    return {name: rfc3339(now - hours * 3_600_000)[:16] for name, hours in spans.items()}


def histogram_document(visit: Visit) -> Answer:
    """Count the newest lines that fit in equal spans of time."""
    return Document(value=log_lines.histogram(visit.world, visit.query.filter))


def logs_document(visit: Visit) -> Answer:
    """Give a window of the log, the newest first."""
    return Document(value=_found(visit))


def _found(visit: Visit) -> LogSlice:
    wanted: LogsQuery = visit.query
    if wanted.at is not None:
        return log_lines.around(visit.world, wanted.filter, wanted.at)
    if wanted.after is not None:
        return log_lines.newer(
            visit.world, wanted.filter, after=wanted.after, limit=min(wanted.limit, log_lines.MOST)
        )
    return log_lines.older(
        visit.world, wanted.filter, before=wanted.before, limit=min(wanted.limit, log_lines.MOST)
    )


def download(visit: Visit) -> Answer:
    """Give the newest lines as a file, at most 10,000."""
    wanted: Download = visit.query
    found = log_lines.older(visit.world, wanted.filter, limit=log_lines.DOWNLOADED)
    if wanted.form == "json":
        return _file(msgspec.json.encode(found.events[::-1]), "sps-log.json")
    return _file(log_lines.as_text(found.events).encode(), "sps-log.txt")


def daemon_page(visit: Visit) -> Answer:
    """Show the end of the daemon's own log, or give it as a file."""
    wanted: DaemonQuery = visit.query
    log = _daemon(visit)
    if wanted.form == "json":
        return _file(msgspec.json.encode(log.lines[::-1]), "sps-daemon.json")
    if wanted.form == "text":
        return _file(daemon.as_text(log).encode(), "sps-daemon.txt")
    model = DaemonView(wanted=wanted, log=log)
    return Page(template="logs_daemon.html", title="Logs", model=model, here="logs")


def daemon_document(visit: Visit) -> Answer:
    """Give the end of the daemon's own log, the newest line first."""
    return Document(value=_daemon(visit))


def _daemon(visit: Visit) -> DaemonLog:
    wanted: DaemonQuery = visit.query
    log_lines.checked(LogFilter(level=wanted.level, text=wanted.text))
    limit = 5_000 if wanted.form else min(wanted.limit, 1_000)
    return daemon.daemon_log(visit.world, level=wanted.level, text=wanted.text, limit=limit)


def _file(content: bytes, name: str) -> Raw:
    kind = "application/json" if name.endswith(".json") else "text/plain; charset=utf-8"
    return Raw(
        content=content, kind=kind,
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


def _projects(visit: Visit) -> list[str]:
    return [one.name for one in visit.world.store.read(lambda tx: tx.projects())]


def of_logs(visit: Visit, rest: str) -> View:
    """The events that a filter leaves, written as in the page's address."""
    wanted: Wanted = decoding.form(rest.encode(), Wanted)
    found = log_lines.checked(wanted.filter)
    log_lines.older(visit.world, found, limit=1)  # the project and the card are there
    return LogStream(name="logs", wanted=found)


VIEWS = {"logs": of_logs}
ROUTES = (
    Route(verb="GET", path="/logs", surface=Surface.PAGE, role=Role.VIEWER, handler=logs_page,
          query=LogsQuery, says="What happened in all projects."),
    Route(verb="GET", path="/logs/download", surface=Surface.PAGE, role=Role.VIEWER,
          handler=download, query=Download, says="What happened, as a file."),
    Route(verb="GET", path="/logs/daemon", surface=Surface.PAGE, role=Role.VIEWER,
          handler=daemon_page, query=DaemonQuery, says="The end of the daemon's own log."),
    Route(verb="GET", path="/api/v1/logs", surface=Surface.API, role=Role.VIEWER,
          handler=logs_document, query=LogsQuery, answers=LogSlice,
          says="What happened in all projects, newest first."),
    Route(verb="GET", path="/api/v1/logs/histogram", surface=Surface.API, role=Role.VIEWER,
          handler=histogram_document, query=Wanted, answers=Histogram,
          says="The newest lines, counted in equal spans of time."),
    Route(verb="GET", path="/api/v1/logs/daemon", surface=Surface.API, role=Role.VIEWER,
          handler=daemon_document, query=DaemonQuery, answers=DaemonLog,
          says="The end of the daemon's own log, newest first."),
)  # fmt: skip
