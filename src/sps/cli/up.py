"""`sps up`: the daemon, in the foreground or detached."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from sps.cli.frame import Frame, changing
from sps.model.errors import Held, WorkFailed

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from sps.bootstrap import Wired
    from sps.daemon.place import Place
    from sps.ports.home import Home
    from sps.services.status import Daemon

PORT = 4311
HOST = "127.0.0.1"
_PATIENCE_S = 10.0
_LOOK_S = 0.05
_ANSWER_S = 2.0
_CAUSE_LIMIT = 4096


@click.command("up")
@click.option("--port", type=click.IntRange(1, 65535), metavar="N",
              help=f"The port to listen on, else the setting console.port ({PORT}); the next free "
                   "one when it is taken.")  # fmt: skip
@click.option("--host", default=HOST, metavar="NAME",
              help="Where to listen: this machine alone, or any address of it, which then needs "
                   "sps console tls and sps console password.")  # fmt: skip
@click.option("--limit", type=click.IntRange(1, 64), metavar="N",
              help="At most so many agents at a time, else the setting agents.limit "
                   "(8).")  # fmt: skip
@click.option("--detach", "-d", is_flag=True, help="Go to the background once it answers.")
@click.option("--service", is_flag=False, flag_value="start", metavar="[VERB]",
              type=click.Choice(("start", "status", "stop", "remove")),
              help="Let systemd or launchd run the daemon with your session: start (without a "
              "word), status, stop or remove.")  # fmt: skip
@changing
def up(
    frame: Frame, port: int | None, host: str, limit: int | None, detach: bool, service: str | None
) -> int | None:
    """Work on all projects until stopped: Ctrl-C here, or sps down from elsewhere."""
    wanted = Wanted(port=port, host=host, limit=limit)
    if service is not None:
        from sps.cli.up_service import service as carry_out

        return carry_out(frame, service, wanted)
    with frame.world() as world:
        home = world.home
        _ = world.store  # a home without a database of ours is refused before anything is made
        url = _check(frame, world, wanted)
    if frame.dry_run:
        says = "a daemon would begin to work; its console at {}, or at the next free port"
        frame.show({"url": url}, lambda one: says.format(one["url"]))
        return None
    if not detach:
        _work(frame, wanted, lambda place: _tell(frame, home, place))
        return None
    found = _detached(frame, home, wanted)
    frame.show(found, lambda one: _working(one.pid, one.url))
    return None


class Wanted(NamedTuple):
    """How a daemon is to be started. What was not said is taken from the settings."""

    port: int | None = None
    host: str = HOST
    limit: int | None = None

    @property
    def flags(self) -> dict[str, str]:
        """What was said, as the settings that it overrules."""
        said = {"console.port": self.port, "agents.limit": self.limit}
        return {name: str(value) for name, value in said.items() if value is not None}

    def number(self, world: Wired, name: str) -> int:
        """Return what was said, else what the home is set to."""
        from sps.services.settings import number

        return int(self.flags[name]) if name in self.flags else number(world, name)


def ensure(frame: Frame, world: Wired, port: int | None, host: str | None) -> Daemon:
    """Return the daemon of a home, which is started when none works. Raises `Held` with home-busy,
    or daemon-elsewhere when the one that works listens on another port or host than was asked for;
    `WorkFailed("daemon-silent")`; and what `listening` raises."""
    from sps.services.status import living_daemon

    found = living_daemon(world.home)
    if found is None:
        wanted = Wanted(port=port, host=host or HOST)
        _check(frame, world, wanted)
        return _detached(Frame(as_json=False), world.home, wanted)
    if host is not None or (port is not None and port != found.port):
        _refuse_elsewhere(world, found, host, port)
    return found


def _refuse_elsewhere(world: Wired, found: Daemon, host: str | None, port: int | None) -> None:
    from sps.daemon.place import listening

    here = host is None or listening(world, host, found.port).near == found.host
    if not here or (port is not None and port != found.port):
        says = f"the daemon (pid {found.pid}) works already, and listens at {found.url}"
        raise Held("daemon-elsewhere", says, hint="sps down")


def expected(frame: Frame, world: Wired, port: int | None, host: str | None) -> str:
    """Return where the console of a home is, or would be once it is started. Raises what `ensure`
    raises before it starts anything."""
    from sps.services.status import living_daemon

    found = living_daemon(world.home)
    if found is None:
        return _check(frame, world, Wanted(port=port, host=host or HOST))
    _refuse_elsewhere(world, found, host, port)
    return found.url


def _check(frame: Frame, world: Wired, wanted: Wanted) -> str:
    """Refuse what cannot be started, before anything is; return where its console would be."""
    from sps.daemon.place import listening
    from sps.services.whereabouts import refuse_copy

    _refuse_second(frame, world.home)
    refuse_copy(world.home, world.home_id)
    where = listening(world, wanted.host, wanted.number(world, "console.port"))
    if where.tls is not None:
        frame.note(
            f"WARNING: other machines can reach this console at {where.address}. Whoever knows the "
            "password can read and change all projects of this home, and run commands through them."
        )
    return where.at(where.port).url


def _detached(frame: Frame, home: Home, wanted: Wanted) -> Daemon:
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(told)
        _background(frame, wanted, tell)
    os.close(tell)
    try:
        return _await(home, child, told)
    finally:
        os.close(told)


def _tell(frame: Frame, home: Home, place: Place) -> None:
    """Say that this process is the daemon, while it goes on."""
    from sps.services.status import living_daemon

    if frame.as_json:
        frame.show(living_daemon(home), str)
    else:
        frame.note(_working(os.getpid(), place.url))


def _working(pid: int, url: str) -> str:
    return (
        f"the daemon works (pid {pid}); stop it with: sps down\n"
        f"the console is at {url}; open it with: sps console"
    )


def _refuse_second(frame: Frame, home: Home) -> None:
    """Make sure that nobody works on the home. A daemon of another version is replaced."""
    from sps import __version__
    from sps.bootstrap.drain import drain
    from sps.lib.lock import holder
    from sps.services.status import living_daemon

    found = living_daemon(home)
    if found is not None and found.version != __version__:
        frame.note(f"the daemon of sps {found.version} (pid {found.pid}) makes way for this one")
        if frame.dry_run:
            return
        drain(home.lock)
    who = holder(home.lock)
    if who is not None:
        raise Held("home-busy", f"this home is in use: {who}", hint="sps status")


def _work(frame: Frame, wanted: Wanted, on_up: Callable[[Place], None]) -> None:
    from sps.daemon.up import up as work
    from sps.services.settings import number

    def front(*given: Any) -> Any:
        from sps.console.front import front

        return front(*given)

    with frame.world() as world:
        world.flags.update(wanted.flags)
        port, limit = number(world, "console.port"), number(world, "agents.limit")
        work(world, port=port, host=wanted.host, limit=limit, on_up=on_up, front=front)


def _background(frame: Frame, wanted: Wanted, tell: int) -> None:
    """Be the daemon: in a session of its own, without the terminal. Why it could not begin goes
    into the pipe `tell`. Never returns."""
    code = 1
    try:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(null, number)
        _work(frame, wanted, lambda _: None)
        code = 0
    finally:
        cause = sys.exc_info()[1]
        if cause is not None:
            os.write(tell, f"{type(cause).__name__}: {cause}".encode()[:_CAUSE_LIMIT])
        os._exit(code)


def _await(home: Home, child: int, told: int) -> Daemon:
    """Wait until the daemon lives and answers. Raises `WorkFailed("daemon-silent")` when it has
    ended, or is silent for too long; then it is stopped."""
    from sps.services.status import living_daemon

    log = f"tail -n 20 {home.log}"
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        if os.waitpid(child, os.WNOHANG)[0] == child:
            why = os.read(told, _CAUSE_LIMIT).decode(errors="replace")
            says = f"the daemon ended at once: {why or 'it did not say why'}; its log is {home.log}"
            raise WorkFailed("daemon-silent", says, hint=log)
        found = living_daemon(home)
        if found is not None and found.pid == child and _answers(home, found):
            return found
        time.sleep(_LOOK_S)
    os.kill(child, signal.SIGTERM)
    says = f"the daemon did not answer within {_PATIENCE_S:.0f} s and was stopped; its log is "
    raise WorkFailed("daemon-silent", f"{says}{home.log}", hint=log)


def _answers(home: Home, daemon: Daemon) -> bool:
    from http.client import HTTPConnection, HTTPException
    from urllib.parse import urlsplit

    url = urlsplit(daemon.url)
    connection = HTTPConnection(daemon.host, daemon.port, timeout=_ANSWER_S)
    try:
        if url.scheme == "https":
            connection.connect()
            connection.sock = _trusting(home).wrap_socket(
                connection.sock, server_hostname=url.hostname
            )
        connection.request("GET", "/health/live", headers={"Host": url.netloc})
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _trusting(home: Home) -> ssl.SSLContext:
    """Trust the owner's certificate and no other, whoever signed it."""
    import ssl

    from sps.bootstrap import open_world

    made = ssl.create_default_context(cafile=open_world(home.root).remote.kept().certificate)
    made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return made
