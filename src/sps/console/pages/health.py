"""Health: what is wrong with a command each, whether work may start, how it goes, a report."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import msgspec
from markupsafe import Markup

from sps.console.answers import Answer, Document, Moved, Page, Raw
from sps.console.catalogue import say
from sps.console.checkup import FRESH_S, Found, checkup
from sps.console.looking import Lookings
from sps.console.registry import Route, Surface
from sps.console.render.sparkline import sparkline
from sps.console.sampling import EVERY_S, Sample, sampler
from sps.console.visit import Visit
from sps.daemon.metrics import HTTP, exposition
from sps.daemon.readiness import Readiness
from sps.lib.threads import in_asked_thread
from sps.model.access import Role
from sps.services.doctor import Check
from sps.services.figures import Figures, Series, figures
from sps.services.redacting import Redaction
from sps.services.slo import Objective, objectives
from sps.services.status import Daemon, living_daemon

if TYPE_CHECKING:
    from sps.bootstrap import Wired

_GAUGES = {
    "sps_resident_bytes": "resident_bytes",
    "sps_open_files": "open_files",
    "sps_disk_free_bytes": "disk_free_bytes",
    "sps_oldest_open_card_seconds": "oldest_open_card_seconds",
}
_QUICK, _QUICK_SHARE, _MOST_MIB = "0.25", 95.0, 150
_ADDED_S = 5.0
_SUMS = {
    "sps_http_request_seconds_count": "requests",
    "sps_http_request_seconds_sum": "request_seconds",
    "sps_log_errors_total": "errors_logged",
}


class CheckAgain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing: all checks are run."""


class ProcessFigures(msgspec.Struct, frozen=True, kw_only=True):
    """This process, from its metrics."""

    resident_bytes: float = 0
    open_files: float = 0
    disk_free_bytes: float = 0
    oldest_open_card_seconds: float = 0
    requests: float = 0
    request_seconds: float = 0
    errors_logged: float = 0


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Everything. `trouble` is the code of what keeps the process from taking work."""

    ready: bool
    trouble: str
    checked_at: str
    checks: list[Check]
    failing: int
    figures: Figures
    process: ProcessFigures
    streams: int
    resyncs: int
    daemon: Daemon | None
    version: str
    objectives: list[Objective]

    @property
    def ordered(self) -> list[Check]:
        """The checks, those that failed first."""
        return sorted(self.checks, key=lambda one: one.ok)


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """What is added up from the log: many thousand events are read for it."""

    figures: Figures
    objectives: list[Objective]


class Hour(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of the last hour, oldest first, so many seconds apart."""

    every: float
    samples: list[Sample]


class HealthPage(msgspec.Struct, frozen=True, kw_only=True):
    """Health as the page shows it."""

    health: Health
    report: str
    landings: Markup
    runs: Markup
    gates: Markup


def _added(world: Wired, _: str | None) -> Numbers:
    return Numbers(figures=figures(world), objectives=objectives(world).objectives)


_numbers = Lookings(_added)


async def health_page(visit: Visit) -> Answer:
    """Show how the home, the process and the work are."""
    seen = await _seen(visit)

    def model() -> HealthPage:
        health = _health(visit, *seen)
        of = health.figures
        return HealthPage(
            health=health,
            report=_report(visit, health),
            landings=_drawn(visit, of.landings_by_day, "Landings per day: {values}"),
            runs=_drawn(visit, of.runs_by_day, "Runs per day: {values}"),
            gates=_drawn(
                visit, of.gate_p95_by_day, "Seconds of the slowest gates per day: {values}"
            ),
        )

    return Page(
        template="health.html", title="Health", model=await in_asked_thread(model), here="health"
    )


def _drawn(visit: Visit, series: Series, title: str) -> Markup:
    values = ", ".join("-" if one is None else f"{one:g}" for one in series.values)
    return sparkline(series.values, say(visit.language, title, values=values))


async def health_document(visit: Visit) -> Answer:
    """Give everything that the page shows."""
    seen = await _seen(visit)
    return Document(value=await in_asked_thread(_health, visit, *seen))


async def report(visit: Visit) -> Answer:
    """Give the report as a file."""
    seen = await _seen(visit)
    text = await in_asked_thread(lambda: _report(visit, _health(visit, *seen)))
    named = {"content-disposition": 'attachment; filename="sps-health.txt"'}
    return Raw(content=text.encode(), kind="text/plain; charset=utf-8", headers=named)


async def check_again(visit: Visit) -> Answer:
    """Run all checks now."""
    await checkup(visit.world).look()
    return Moved(to="/health")


async def check_again_document(visit: Visit) -> Answer:
    """Run all checks now and give them."""
    return Document(value=(await checkup(visit.world).look()).checks)


def series_document(visit: Visit) -> Answer:
    """Give the figures of the last hour, ten seconds apart."""
    return Document(value=Hour(every=EVERY_S, samples=sampler(visit.world).samples))


async def _seen(visit: Visit) -> tuple[str, Found, Numbers]:
    """Return what keeps the process from taking work, what the checks found, and the numbers."""
    trouble = await Readiness(visit.world, lambda: visit.draining).trouble()
    found = await checkup(visit.world).look(within=FRESH_S)
    return trouble or "", found, await _numbers(visit.world).look(within=_ADDED_S)


def _health(visit: Visit, trouble: str, found: Found, numbers: Numbers) -> Health:
    from sps import __version__

    process = _process(exposition(visit.world))
    return Health(
        ready=not trouble,
        trouble=trouble,
        checked_at=found.when,
        checks=found.checks,
        failing=sum(not one.ok for one in found.checks),
        figures=numbers.figures,
        process=process,
        streams=visit.hub.streams,
        resyncs=visit.hub.resyncs,
        daemon=living_daemon(visit.world.home),
        version=__version__,
        objectives=[*numbers.objectives, *_own(process)],
    )


def _own(process: ProcessFigures) -> list[Objective]:
    """Judge the promises about this process."""
    size = round(process.resident_bytes / 1_048_576, 1)
    share = _quick()
    return [
        Objective(
            name="Pages answer", target="95 % within 0.25 s", measured=share[0], unit="%",
            n=share[1], ok=share[0] is None or share[0] >= _QUICK_SHARE,
            why="Every click waits for it; measured since this process began.",
        ),
        Objective(
            name="The process is small", target=f"{_MOST_MIB} MiB", measured=size, unit="MiB", n=1,
            ok=size <= _MOST_MIB, why="It runs beside your own work all day.",
        ),
    ]  # fmt: skip


def _quick() -> tuple[float | None, int]:
    """Return which share of all answers took at most a quarter of a second, in percent."""
    quick, every = 0.0, 0.0
    for name, labels, value in HTTP.samples():
        if name.endswith("_bucket") and labels.get("le") == _QUICK:
            quick += value
        elif name.endswith("_count"):
            every += value
    return (round(100 * quick / every, 1), int(every)) if every else (None, 0)


def _process(text: str) -> ProcessFigures:
    found: dict[str, float] = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, _, value = line.rpartition(" ")
        name = name.partition("{")[0]
        if name in _GAUGES:
            found[_GAUGES[name]] = float(value)
        elif name in _SUMS:
            found[_SUMS[name]] = found.get(_SUMS[name], 0) + float(value)
    return ProcessFigures(**found)


def _report(visit: Visit, health: Health) -> str:
    """Write everything in plain words, without names of people, machines, projects and folders."""
    told = [
        f"SPS {health.version}, Python {platform.python_version()}, {platform.system()} "
        f"{platform.release()}",
        f"ready: {'yes' if health.ready else f'no ({health.trouble})'}",
        f"streams: {health.streams}, resyncs: {health.resyncs}",
        "",
        f"checks at {health.checked_at}",
    ]
    for one in health.ordered:
        told.append(f"  {'ok  ' if one.ok else 'FAIL'} {one.name}: {one.cause}")
        told += [f"       next: {one.command}"] if one.command and not one.ok else []
    told += ["", "promises"]
    told += [
        f"  {'kept  ' if one.ok else 'BROKEN'} {one.name}: {one.measured} {one.unit} "
        f"({one.target}, of {one.n})"
        for one in health.objectives
    ]
    told += ["", "figures", *_lines(health.figures)]
    told += ["", "process", *_lines(health.process)]
    return Redaction(visit.world)("\n".join(told)) + "\n"


def _lines(about: msgspec.Struct) -> list[str]:
    rows = msgspec.to_builtins(about)
    return [f"  {key}: {_short(value)}" for key, value in rows.items()]


def _short(value: object) -> str:
    if isinstance(value, dict):
        inner = value.get("values", value)
        if isinstance(inner, list):
            return " ".join("-" if one is None else f"{one:g}" for one in inner)
        return ", ".join(f"{key} {_short(one)}" for key, one in value.items())
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    return str(value)


ROUTES = (
    Route(verb="GET", path="/health", surface=Surface.PAGE, role=Role.VIEWER, handler=health_page,
          says="How the home, the process and the work are."),
    Route(verb="GET", path="/health/report", surface=Surface.PAGE, role=Role.VIEWER,
          handler=report, says="A report that can be given away, as a file."),
    Route(verb="POST", path="/health/check", surface=Surface.PAGE, role=Role.OPERATOR,
          handler=check_again, body=CheckAgain, says="Run all checks now."),
    Route(verb="GET", path="/api/v1/health", surface=Surface.API, role=Role.VIEWER,
          handler=health_document, answers=Health,
          says="How the home, the process and the work are."),
    Route(verb="GET", path="/api/v1/health/series", surface=Surface.API, role=Role.VIEWER,
          handler=series_document, answers=Hour,
          says="The figures of the last hour, ten seconds apart."),
    Route(verb="POST", path="/api/v1/health/check", surface=Surface.API, role=Role.OPERATOR,
          handler=check_again_document, body=CheckAgain, answers=list[Check],
          says="Run all checks now."),
)  # fmt: skip
