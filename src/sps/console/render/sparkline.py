"""A number a day as a small picture. What it shows also stands beside it in words."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

_HIGH = 36.0
_LEAST = 1.5  #: a day with a number above 0 is seen


def sparkline(values: Sequence[float | None], title: str) -> Markup:
    """Draw a bar a day, oldest first. A day without a number is a dot on the ground."""
    if not values:
        return Markup("")
    most = max((value for value in values if value is not None), default=0.0)
    wide = 100 / len(values)
    bars = [_bar(number, value, most, wide) for number, value in enumerate(values)]
    return Markup(
        '<svg class="spark" role="img" aria-label="{}" viewBox="0 0 100 {}" '
        'preserveAspectRatio="none">{}</svg>'
    ).format(title, f"{_HIGH:g}", Markup("").join(bars))


def _bar(number: int, value: float | None, most: float, wide: float) -> Markup:
    height = 0.0 if not value or most <= 0 else max(_LEAST, (_HIGH - 1) * value / most)
    kind = "none" if height <= 0 else "day"
    height = height or 1.0
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        kind,
        f"{number * wide + wide * 0.12:.2f}",
        f"{_HIGH - height:.2f}",
        f"{wide * 0.76:.2f}",
        f"{height:.2f}",
    )
