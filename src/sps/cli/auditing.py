"""Commands that concern security are written down, with what came of them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from sps.model.errors import SpsError

if TYPE_CHECKING:
    from pathlib import Path

AUDITED = frozenset(
    {
        "setup", "project init", "project set", "project trust", "project remove",
        "project export", "project import", "pipeline use", "agent add", "agent remove",
        "agent login", "agent logout", "skill install", "skill trust", "skill add", "skill remove",
        "skill update", "skill enable", "skill disable", "card approve", "card waive",
        "worker kill", "config set", "config reset", "backup", "restore", "console password",
        "console tls", "console revoke", "down",
    }
)  # fmt: skip
_TARGET_LIMIT = 200


@contextlib.contextmanager
def told(context: click.Context) -> Iterator[None]:
    """Write down that a command ran, if it is one of those: which, about what, by whom, and how it
    ended. A home that it makes hears of it too."""
    act = context.command_path.partition(" ")[2]
    if act not in AUDITED:
        yield
        return
    from sps.bootstrap import home_folder

    home, outcome = home_folder(), "done"
    _listen(home)
    try:
        yield
    except SpsError as err:
        outcome = err.code
        raise
    except BaseException as err:
        outcome = type(err).__name__
        raise
    finally:
        if home.is_dir():
            import logging

            from sps.lib.log import unchain

            _listen(home)
            about = {"act": act, "target": _target(context), "outcome": outcome,
                     "uid": os.getuid()}  # fmt: skip
            logging.getLogger("sps.audit").info("command", extra=about)
            unchain("sps.audit")


def _listen(home: Path) -> None:
    """Keep what services say about access in the home's chain."""
    if not home.is_dir():
        return
    from sps.lib.log import chain_to
    from sps.ports.home import Home

    chain_to(Home(home).audit, "sps.audit", service="cli", env=home.name)


def _target(context: click.Context) -> str:
    """Return what was named: positional words, never what options hold."""
    names = [one.name for one in context.command.params if isinstance(one, click.Argument)]
    words = [str(context.params.get(name or "") or "") for name in names]
    return " ".join(filter(None, words))[:_TARGET_LIMIT]
