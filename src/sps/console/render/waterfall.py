"""Stretches of time as a picture. Widths are shares of the whole, so that it fits any screen."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from markupsafe import Markup

from sps.lib.terminal import clean

_ROW = 34
_MOST = 200
_KINDS = frozenset({"card", "launch", "step", "run", "gate", "wait"})


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One stretch. Times in milliseconds; `kind` decides about its look, `to` is where it leads."""

    label: str
    kind: str
    began: int
    ended: int
    said: str = ""  #: how long, in words
    depth: int = 0
    bad: bool = False
    to: str = ""


def waterfall(bars: Sequence[Bar], title: str) -> Markup:
    """Draw stretches one below the other. Only the first 200: the table has them all."""
    shown = bars[:_MOST]
    if not shown:
        return Markup("")
    start = min(bar.began for bar in shown)
    whole = max(max(bar.ended for bar in shown) - start, 1)
    rows = [_row(number, bar, start, whole) for number, bar in enumerate(shown)]
    frame = Markup('<svg class="wf" role="group" aria-label="{}" width="100%" height="{}">{}</svg>')
    return frame.format(clean(title), len(shown) * _ROW + 4, Markup("").join(rows))


def _row(number: int, bar: Bar, start: int, whole: int) -> Markup:
    top = number * _ROW
    left = 100 * (bar.began - start) / whole
    width = max(100 * (bar.ended - bar.began) / whole, 0.4)
    left = min(left, 99.6)
    kind = bar.kind if bar.kind in _KINDS else "step"
    made = Markup(
        '<text x="{}" y="{}">{}</text><text class="d" x="100%" y="{}" text-anchor="end">{}</text>'
        '<rect class="track" x="0" y="{}" width="100%" height="8" rx="2"/>'
        '<rect class="b-{}{}" x="{}%" y="{}" width="{}%" height="8" rx="2"/>'
    ).format(
        bar.depth * 10, top + 13, _short(bar.label), top + 13, clean(bar.said), top + 19, kind,
        " bad" if bar.bad else "", f"{left:.2f}", top + 19, f"{min(width, 100 - left):.2f}",
    )  # fmt: skip
    if not bar.to.startswith("/") or bar.to.startswith("//"):
        return made
    return Markup('<a href="{}">{}</a>').format(bar.to, made)


def _short(label: str) -> str:
    plain = clean(label).replace("\n", " ")
    return plain if len(plain) <= 60 else f"{plain[:59]}\u2026"
