"""`sps console`: the way into the web console, and what lets others in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sps.cli import screen
from sps.cli.frame import Frame, changing, reading
from sps.cli.lazy_group import Entry, LazyGroup
from sps.cli.table import table
from sps.model.errors import Absent, Misuse

if TYPE_CHECKING:
    from sps.bootstrap import Wired
    from sps.ports.home import Home
    from sps.services.access import GrantView
    from sps.services.remote import Prepared

_HERE = "sps.cli.console"
_LINE_LIMIT = 4096


@click.pass_context
def _open(
    ctx: click.Context, *, port: int | None, host: str | None, no_open: bool, kill: bool,
    dry_run: bool,
) -> None:  # fmt: skip
    """Open the console, unless another verb was named."""
    from sps.cli.up import expected

    if ctx.invoked_subcommand is not None:
        return
    frame = Frame(as_json=bool(ctx.obj and ctx.obj.get("json")), dry_run=dry_run)
    with frame.world() as world:
        if kill:
            _kill(frame, world)
            return
        if dry_run:
            frame.show({"url": expected(frame, world, port, host)}, lambda one: one["url"])
            return
        address = _address(frame, world, port, host)
    frame.show({"url": address}, lambda one: one["url"])
    if not no_open and not frame.as_json:
        click.launch(way_in(world.home, address).as_uri())


console = LazyGroup(
    "console",
    entries={
        "password": Entry(f"{_HERE}:password", "set the password for other machines"),
        "access": Entry(f"{_HERE}:show_access", "list sessions and personal tokens"),
        "revoke": Entry(f"{_HERE}:revoke", "take a session or a token back"),
        "tls": Entry(f"{_HERE}:tls", "give the certificate for other machines"),
    },
    callback=_open,
    params=[
        click.Option(["--port"], type=click.IntRange(1, 65535), metavar="N",
                     help="The port of a daemon that is started; the next free one when it is "
                          "taken."),
        click.Option(["--host"], metavar="NAME",
                     help="Where a daemon that is started listens: this machine alone, or any "
                          "address of it, which needs a certificate and a password."),
        click.Option(["--no-open"], is_flag=True, help="Print the address only."),
        click.Option(["--kill"], is_flag=True,
                     help="Stop the daemon that serves it, and wait for its end."),
        click.Option(["--dry-run"], is_flag=True, help="Check everything, change nothing."),
    ],
    help="Open the web console; a daemon is started when none works.\n\nThe address holds a word "
         "that works once, within ten minutes. Without a browser, type the word where the sign-in "
         "page asks for it.",
)  # fmt: skip


def _address(frame: Frame, world: Wired, port: int | None, host: str | None) -> str:
    from sps.cli.up import ensure
    from sps.lib.log import append_to, chain_to
    from sps.model.access import GrantKind, Role
    from sps.services.access import grant

    daemon = ensure(frame, world, port, host)
    env = world.home.root.name
    append_to(world.home.log, "sps.audit", service="cli", env=env)
    chain_to(world.home.audit, "sps.audit", service="cli", env=env)
    word, _ = grant(world, GrantKind.LAUNCH, Role.ADMIN, "sps console")
    return f"{daemon.url}/sign-in#t={word}"


def way_in(home: Home, address: str) -> Path:
    """Write a page that leads to an address, which only its owner can read: what a browser is
    started with can be seen by everybody on the machine, and the address holds a word."""
    from html import escape

    from sps.lib import atomic

    leads = f'<meta http-equiv="refresh" content="0;url={escape(address)}">'
    page = f"<!doctype html><meta charset=utf-8>{leads}<title>SPS</title>"
    atomic.write(home.way_in, page.encode(), mode=0o600)
    return home.way_in


def _kill(frame: Frame, world: Wired) -> None:
    from sps.bootstrap.drain import daemon_of
    from sps.cli.down import stop_daemon

    pid = daemon_of(world.home.lock) if frame.dry_run else stop_daemon(world.home.lock)
    if pid is None:
        raise Absent("no-daemon", "no daemon works on this home", hint="sps console")
    has = "would be" if frame.dry_run else "has"
    frame.show({"stopped": pid}, lambda one: f"the daemon (pid {one['stopped']}) {has} stopped")


@click.command("password")
@click.option("--file", type=click.Path(path_type=Path), metavar="FILE",
              help="Read it from the first line of a file that only you can read.")  # fmt: skip
@click.option("--remove", is_flag=True, help="Take the password back.")
@changing
def password(frame: Frame, file: Path | None, remove: bool) -> None:
    """Set the password with which the console is entered from other machines. All sessions end.

    It is asked for at the terminal; without one it is read from a file or from standard input.
    """
    from sps.services import remote

    if remove and file is not None:
        raise click.UsageError("--remove takes no --file")
    given = "" if remove else _password(file)
    if given:
        remote.judge(given)
    with frame.world() as world:
        if frame.dry_run:
            done = remote.prepared(world)
        else:
            done = remote.forget_password(world) if remove else remote.set_password(world, given)
    frame.show(done, _text)


@click.command("tls")
@click.argument("certificate", type=click.Path(path_type=Path))
@click.argument("key", type=click.Path(path_type=Path))
@click.option("--name", "names", multiple=True, metavar="HOST",
              help="A host that people type to get here; without it those of the certificate.",
)  # fmt: skip
@changing
def tls(frame: Frame, certificate: Path, key: Path, names: tuple[str, ...]) -> None:
    """Say with which certificate and key, both in PEM form, the console is served to other
    machines. The files stay where they are, and are read when a daemon starts."""
    from sps.services import remote

    with frame.world() as world:
        files = (certificate.absolute(), key.absolute())
        done = remote.set_certificate(world, *files, names, dry=frame.dry_run)
    frame.show(done, _text)


def _password(file: Path | None) -> str:
    """Return the password from a file, from the terminal, or from standard input."""
    if file is not None:
        return _from_file(file)
    if screen.interactive():
        given: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return given
    given = sys.stdin.readline(_LINE_LIMIT).rstrip("\r\n") if not sys.stdin.isatty() else ""
    if not given:
        says = "nobody is there to type the password, and standard input holds none"
        raise Misuse("no-password", says, hint="sps console password --file FILE")
    return given


def _from_file(file: Path) -> str:
    from sps.lib import plain_file

    try:
        content, status = plain_file.read(file, _LINE_LIMIT)
        text = content.decode()
    except (OSError, UnicodeDecodeError, plain_file.NotPlain, plain_file.TooLarge) as err:
        raise Misuse("bad-password-file", f"{file} cannot be read: {err}") from err
    if status.st_mode & 0o077:
        says = f"others can read the password in {file} (mode {status.st_mode & 0o7777:04o})"
        raise Misuse("bad-password-file", says, hint=f"chmod 600 {file}")
    given = text.partition("\n")[0].rstrip("\r")
    if not given:
        raise Misuse("no-password", f"the first line of {file} is empty")
    return given


def _text(done: Prepared) -> str:
    lines = [f"password: {'set' if done.password else 'none; set it with: sps console password'}"]
    if done.certificate:
        lines.append(f"certificate: {done.certificate}, until {done.expires_at}")
        lines.append(f"names: {', '.join(done.names)}")
    else:
        lines.append("certificate: none; give it with: sps console tls CERTIFICATE KEY")
    if done.password and done.certificate:
        lines.append("a daemon that is started anew can listen elsewhere: sps up --host ADDRESS")
    return "\n".join(lines)


@click.command("access")
@reading
def show_access(frame: Frame) -> None:
    """List sessions and personal tokens, newest first."""
    from sps.services.access import listed

    with frame.world() as world:
        found = listed(world)
    frame.show({"grants": found}, lambda one: _grants(one["grants"]))


@click.command("revoke")
@click.argument("grant", required=False)
@click.option("--all", "everything", is_flag=True, help="Take back all sessions and tokens.")
@changing
def revoke(frame: Frame, grant: str | None, everything: bool) -> None:
    """Take a session or a personal token back; it opens nothing from the next request on."""
    from sps.model.access import GrantKind
    from sps.services import access

    if (grant is None) != everything:
        raise click.UsageError("name one grant (sps console access lists them), or say --all")
    with frame.world() as world:
        wanted = [one.id for one in access.listed(world) if everything or one.id == grant]
        if grant is not None and not wanted:
            raise Misuse("unknown-grant", f"there is no grant {grant[:40]!r}",
                         hint="sps console access")  # fmt: skip
        if not frame.dry_run and everything:
            access.revoke_all(world, GrantKind.LAUNCH, GrantKind.SESSION, GrantKind.TOKEN)
        elif not frame.dry_run:
            access.revoke(world, wanted[0])
    frame.show({"revoked": wanted}, lambda one: f"taken back: {len(one['revoked'])}")


def _grants(found: list[GrantView]) -> str:
    if not found:
        return "nobody has been let in"
    rows = [
        (one.id, one.kind, one.role, one.created_at, one.used_at or "-", one.name) for one in found
    ]
    return table(("ID", "KIND", "ROLE", "SINCE", "LAST USED", "NAME"), rows)
