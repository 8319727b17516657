"""`sps up`: the daemon, in the foreground or detached."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

import click

from sps.cli.frame import Frame, reading
from sps.model.errors import Held, Misuse, WorkFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from sps.ports.home import Home
    from sps.services.status import Daemon

PORT = 4311
_OWN = ("127.0.0.1", "localhost")
_PATIENCE_S = 10.0
_LOOK_S = 0.05
_ANSWER_S = 2.0
_CAUSE_LIMIT = 4096


@click.command("up")
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, metavar="N",
              help="The port to listen on; the next free one when it is taken.")  # fmt: skip
@click.option("--host", default="127.0.0.1", metavar="NAME",
              help="Where to listen. Only this machine's own address for now.")  # fmt: skip
@click.option("--limit", type=click.IntRange(1, 64), default=8, metavar="N",
              help="At most so many agents at a time.")  # fmt: skip
@click.option("--detach", "-d", is_flag=True, help="Go to the background once it answers.")
@reading
def up(frame: Frame, port: int, host: str, limit: int, detach: bool) -> None:
    """Work on all projects until stopped: Ctrl-C here, or sps down from elsewhere."""
    _refuse_remote(host)
    with frame.world() as world:
        home = world.home
        _ = world.store  # a home without a database of ours is refused before anything is made
        _refuse_second(frame, home)
    if not detach:
        _work(frame, port, limit, lambda bound: frame.note(_working(os.getpid(), bound)))
        return
    found = _detached(frame, home, port, limit)
    frame.show(found, lambda one: _working(one.pid, one.port))


def ensure(home: Home) -> Daemon:
    """Return the daemon of a home, which is started when none works. Raises `Held("home-busy")`,
    `WorkFailed("daemon-silent")`."""
    from sps.services.status import living_daemon

    found = living_daemon(home)
    if found is not None:
        return found
    _refuse_second(Frame(as_json=False), home)
    return _detached(Frame(as_json=False), home, PORT, 8)


def _detached(frame: Frame, home: Home, port: int, limit: int) -> Daemon:
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(told)
        _background(frame, port, limit, tell)
    os.close(tell)
    try:
        return _await(home, child, told)
    finally:
        os.close(told)


def _working(pid: int, port: int) -> str:
    return (
        f"the daemon works (pid {pid}); stop it with: sps down\n"
        f"the console is at http://127.0.0.1:{port}; open it with: sps console"
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
        drain(home.lock)
    who = holder(home.lock)
    if who is not None:
        raise Held("home-busy", f"this home is in use: {who}", hint="sps status")


def _refuse_remote(host: str) -> None:
    if host not in _OWN:
        raise Misuse(
            "host-needs-tls",
            f"to listen on {host[:80]!r} a certificate with its key (TLS) and a password would be "
            "needed, and this version has neither; from elsewhere, come through a tunnel",
            hint=f"ssh -L {PORT}:127.0.0.1:{PORT} <this machine>",
        )


def _work(frame: Frame, port: int, limit: int, on_up: Callable[[int], None]) -> None:
    from sps.daemon.up import up as work

    def front(*given: Any) -> Any:
        from sps.console.front import front

        return front(*given)

    with frame.world() as world:
        work(world, port=port, limit=limit, on_up=on_up, front=front)


def _background(frame: Frame, port: int, limit: int, tell: int) -> None:
    """Be the daemon: in a session of its own, without the terminal. Why it could not begin goes
    into the pipe `tell`. Never returns."""
    code = 1
    try:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(null, number)
        _work(frame, port, limit, lambda _: None)
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
        if found is not None and found.pid == child and _answers(found):
            return found
        time.sleep(_LOOK_S)
    os.kill(child, signal.SIGTERM)
    says = f"the daemon did not answer within {_PATIENCE_S:.0f} s and was stopped; its log is "
    raise WorkFailed("daemon-silent", f"{says}{home.log}", hint=log)


def _answers(daemon: Daemon) -> bool:
    from http.client import HTTPConnection, HTTPException

    connection = HTTPConnection(daemon.host, daemon.port, timeout=_ANSWER_S)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
