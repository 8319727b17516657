"""`sps agent login` and `sps agent logout`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli import screen
from sps.cli.frame import Frame, changing
from sps.model.errors import Misuse

if TYPE_CHECKING:
    from sps.ports.world import World
    from sps.services.agent_login import LoggedOut, LoginView


@click.command("login")
@click.argument("name")
@click.option("--import", "bring", is_flag=True, help="Take over the login you already have.")
@click.option(
    "--key", is_flag=False, flag_value="", default=None, metavar="[VARIABLE]",
    help="Keep a key, read from stdin; VARIABLE says which, where there are several.",
)  # fmt: skip
@changing
def login(frame: Frame, name: str, bring: bool, key: str | None) -> None:
    """Log an agent in: by its vendor's own login, a login you already have, or a key.

    A key comes from a file that you make, the key alone in it: --key < key.txt. Without one, it is
    asked for at the terminal.

    What is kept lies below the home, readable by you only, and only this agent ever sees it.
    """
    from sps.services import agent_login
    from sps.services.agents import absence

    if bring and key is not None:
        raise Misuse("two-logins", "--import and --key are two ways: give one")
    with frame.world(create=True) as world:
        if key is not None:
            variable = agent_login.key_variable(world, name, key or None)
            done = agent_login.keep_key(world, name, variable, _read(name, variable))
        elif bring or _wants_import(frame, world, name):
            done = agent_login.import_login(world, name)
        else:
            done = _vendor(frame, world, name)
        warnings = [done.unused, absence(world, name)]
    frame.show(done, _text)
    for says in filter(None, warnings):
        frame.note(f"warning: {says}")


def _wants_import(frame: Frame, world: World, name: str) -> bool:
    """Ask whether to take over a login that is there already."""
    from sps.services.agent_login import found_logins

    found = found_logins(world, name)
    if not found or frame.as_json or not screen.interactive():
        return False
    screen.err(f"there is a login of yours: {', '.join(found)}\nTake it over? [y/N]")
    return input().strip().lower() in ("y", "yes")


def _vendor(frame: Frame, world: World, name: str) -> LoginView:
    from sps.services.agent_login import found_logins, show_login, vendor_login

    if frame.dry_run:
        return show_login(world, name)
    if frame.as_json or not screen.interactive():
        way = "--import" if found_logins(world, name) else "--key < key.txt"
        raise Misuse(
            "no-terminal", f"the login of {name} needs a terminal, and there is none",
            hint=f"sps agent login {name} {way}",
        )  # fmt: skip
    return vendor_login(world, name)


def _read(name: str, variable: str) -> str:
    from sps.cli.words import text_of

    if screen.interactive():
        return str(click.prompt(variable, hide_input=True, err=True))
    text = text_of(None, "-") or ""
    if not text.strip():
        raise Misuse(
            "bad-key", "nothing came on standard input, where the key is expected",
            hint=f"sps agent login {name} --key {variable} < key.txt",
        )  # fmt: skip
    return text


def _text(done: LoginView) -> str:
    return f"{done.agent}: {done.says}"


@click.command("logout")
@click.argument("name")
@changing
def logout(frame: Frame, name: str) -> None:
    """Remove all that this home keeps of an agent's login. The vendor is not told."""
    from sps.services.agent_login import logout as log_out

    with frame.world() as world:
        done = log_out(world, name)
    frame.show(done, _out_text)


def _out_text(done: LoggedOut) -> str:
    removed = f"removed {', '.join(done.removed)}" if done.removed else "nothing was kept"
    still = f"\nstill logged in by the variable {', '.join(done.still)}" if done.still else ""
    return f"{done.agent}: {removed}{still}"
