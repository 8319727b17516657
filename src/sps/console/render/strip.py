"""The last runs of something as a strip: a bar each, as high as it took long, its end by colour
and by place. What it shows also stands beside it in words."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

_HIGH = 14.0
_WIDE = 5.0
_LEAST = 3.0


def strip(runs: Sequence[tuple[bool, float]]) -> Markup:
    """Draw runs, oldest first, each good or bad and with its seconds. A bad one hangs down."""
    if len(runs) < 2:
        return Markup("")
    most = max(seconds for _, seconds in runs) or 1.0
    bars = [_bar(number, ok, seconds / most) for number, (ok, seconds) in enumerate(runs)]
    return Markup(
        '<svg class="strip" aria-hidden="true" width="{}" height="{}" viewBox="0 0 {} {}">{}</svg>'
    ).format(
        f"{len(runs) * _WIDE:g}", f"{2 * _HIGH:g}", f"{len(runs) * _WIDE:g}", f"{2 * _HIGH:g}",
        Markup("").join(bars),
    )  # fmt: skip


def _bar(number: int, ok: bool, share: float) -> Markup:
    height = max(_LEAST, (_HIGH - 1) * share)
    return Markup('<rect class="{}" x="{}" y="{}" width="4" height="{}" rx="1"/>').format(
        "good" if ok else "bad",
        f"{number * _WIDE:g}",
        f"{_HIGH - height if ok else _HIGH:.1f}",
        f"{height:.1f}",
    )
