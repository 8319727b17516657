"""The command itself: which measures, and how they are shown."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator

import click
import msgspec

from sps.cli.bench import measures
from sps.cli.bench.bed import Bed
from sps.cli.bench.console import console
from sps.cli.bench.figures import Figure, table
from sps.cli.bench.skills import skills
from sps.cli.bench.soak import soak

_PARTS = ("processes", "launch", "latencies", "throughput", "idle", "scale", "skills", "console")
_ASKED = ("soak",)  #: only where they are named


@click.command("bench")
@click.argument("parts", nargs=-1, type=click.Choice((*_PARTS, *_ASKED)))
@click.option("--quick", is_flag=True, help="Fewer rounds, 10 s of idling, no 10,000 cards.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def bench(parts: tuple[str, ...], quick: bool, as_json: bool) -> None:
    """Measure every speed budget on this machine, each on a fresh home. `soak` keeps 50 pages open
    for five minutes while cards move, and is measured only by name."""
    figures: list[Figure] = []
    for name in parts or _PARTS:
        if quick and name == "scale" and not parts:
            continue
        click.echo(f"measuring {name} ...", err=True)
        figures += _measured(_measure(name, quick=quick))
    over = [item.name for item in figures if item.within is False]
    if as_json:
        document = {"figures": msgspec.to_builtins(figures), "over_budget": over}
        click.echo(json.dumps(document, indent=2))
    else:
        click.echo(table(figures))
    sys.exit(1 if over else 0)


def _measure(name: str, *, quick: bool) -> Callable[[Bed], Iterator[Figure]]:
    plain: dict[str, Callable[[Bed], Iterator[Figure]]] = {
        "processes": measures.processes,
        "launch": measures.launch,
        "latencies": measures.latencies,
        "scale": measures.scale,
        "skills": skills,
        "throughput": lambda bed: measures.throughput(bed, 30, 1 if quick else 3),
        "console": lambda bed: console(bed, 1000 if quick else 10_000, 100 if quick else 1000),
        "soak": lambda bed: soak(bed, 50, 30.0 if quick else 300.0),
        "idle": lambda bed: measures.idle(bed, 10.0 if quick else 60.0),
    }
    return plain[name]


def _measured(measure: Callable[[Bed], Iterator[Figure]]) -> list[Figure]:
    bed = Bed()
    try:
        return list(measure(bed))
    finally:
        bed.close()
