"""Stretches of time as a picture. Widths are shares of the whole, so that it fits any screen."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from markupsafe import Markup

from sps.lib.terminal import clean

_ROW = 34
_MOST = 200
_KINDS = frozenset({"card", "launch", "step", "run", "tool", "gate", "wait", "gap", "land"})
Window = tuple[int, int]


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


def waterfall(bars: Sequence[Bar], title: str, window: Window | None = None) -> Markup:
    """Draw stretches one below the other. Only the first 200: the table has them all. `window`:
    from which time to which, in milliseconds; what lies outside is cut off."""
    shown = [bar for bar in bars if window is None or overlaps(bar, window)][:_MOST]
    if not shown:
        return Markup("")
    start = window[0] if window else min(bar.began for bar in shown)
    whole = max((window[1] if window else max(bar.ended for bar in shown)) - start, 1)
    rows = [_row(number, bar, start, whole) for number, bar in enumerate(shown)]
    frame = Markup('<svg class="wf" role="group" aria-label="{}" width="100%" height="{}">{}</svg>')
    return frame.format(clean(title), len(shown) * _ROW + 4, Markup("").join(rows))


def overlaps(bar: Bar, window: Window) -> bool:
    """Whether something of a stretch lies in a window."""
    return bar.began <= window[1] and bar.ended >= window[0]


def _row(number: int, bar: Bar, start: int, whole: int) -> Markup:
    top = number * _ROW
    began, ended = max(bar.began - start, 0), min(bar.ended - start, whole)
    width = max(100 * (ended - began) / whole, 0.4)
    left = min(100 * began / whole, 99.6)
    kind = bar.kind if bar.kind in _KINDS else "step"
    made = Markup(
        '<svg y="{}" width="76%" height="18"><text x="{}" y="13">{}</text></svg>'
        '<text class="d" x="100%" y="{}" text-anchor="end">{}</text>'
        '<rect class="track" x="0" y="{}" width="100%" height="8" rx="2"/>'
        '<rect class="b-{}{}" x="{}%" y="{}" width="{}%" height="8" rx="2"/>'
    ).format(
        top, bar.depth * 10, _short(bar.label), top + 13, clean(bar.said), top + 19, kind,
        " bad" if bar.bad else "", f"{left:.2f}", top + 19, f"{min(width, 100 - left):.2f}",
    )  # fmt: skip
    if not bar.to.startswith("/") or bar.to.startswith("//"):
        return made
    return Markup('<a href="{}">{}</a>').format(bar.to, made)


def _short(label: str) -> str:
    plain = clean(label).replace("\n", " ")
    return plain if len(plain) <= 60 else f"{plain[:59]}\u2026"
