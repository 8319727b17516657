"""The two arguments that name a card."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

HIGHEST = 2**31 - 1


def card_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command its PROJECT and SEQ."""
    number = click.argument("seq", type=click.IntRange(1, HIGHEST), metavar="SEQ")
    return click.argument("project")(number(command))
