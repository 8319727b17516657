"""Figures: samples, their median and 95th percentile, and the budget they are held against."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import msgspec


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One measured quantity. `budget` None: measured for information. `n` 0: not measured here, and
    `note` says why."""

    name: str
    unit: str
    n: int
    median: float
    p95: float
    budget: float | None = None
    within: bool | None = None
    note: str = ""


def figure(name: str, unit: str, samples: Sequence[float], budget: float | None = None) -> Figure:
    """Sum up samples; the median is held against the budget."""
    ordered = sorted(samples)
    median = statistics.median(ordered)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    within = None if budget is None else median <= budget
    return Figure(
        name=name,
        unit=unit,
        n=len(ordered),
        median=round(median, 4),
        p95=round(p95, 4),
        budget=budget,
        within=within,
    )


def unmeasured(name: str, why: str) -> Figure:
    """Name a quantity that this machine cannot measure."""
    return Figure(name=name, unit="", n=0, median=0.0, p95=0.0, note=why)


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as text."""
    head = f"{'':2} {'what':44} {'n':>4} {'median':>10} {'p95':>10} {'budget':>9} unit"
    lines = [head]
    for item in figures:
        mark = {True: "ok", False: "!!", None: ""}[item.within]
        if item.note:
            lines.append(f"{'':2} {item.name:44} {item.note}")
            continue
        budget = "" if item.budget is None else f"{item.budget:g}"
        lines.append(
            f"{mark:2} {item.name:44} {item.n:>4} {item.median:>10.3f} {item.p95:>10.3f} "
            f"{budget:>9} {item.unit}"
        )
    return "\n".join(lines)
