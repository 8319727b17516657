"""The one endpoint that a boxed command may reach."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.adapters.sandbox_bwrap import BwrapSandbox
from sps.lib.process import kill_tree
from sps.ports.sandbox import Launch, Relay
from tests.contract.boxes import ENV, TAG, box, carriers, finish, fresh_tag, python, said, until
from tests.contract.endpoints import echo, unix

pytestmark = pytest.mark.needs("bwrap")

_PORT = 18080
_CALL = f"""
import socket, sys
def call(data):
    with socket.create_connection(("127.0.0.1", {_PORT}), 20) as link:
        link.sendall(data)
        link.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: link.recv(65536), b""))
"""


# Who listens first sees the end. Who talks may do so before or after the other side has closed.
_REFUSED = f"""
import errno
with socket.create_connection(("127.0.0.1", {_PORT}), 20) as link:
    print(link.recv(1))
try:
    print("refused" if call(b"x") == b"" else "answered")
except OSError as err:
    closed = (errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN)
    print("refused" if err.errno in closed else repr(err))
"""


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[tuple[str, list[bytes]]]:
    path = tmp_path / "relay.sock"
    with echo(unix(path)) as heard:
        yield str(path), heard


def _launch(folder: Path, argv: tuple[str, ...], path: str) -> Launch:
    work = folder / "work"
    work.mkdir(exist_ok=True)
    boxed = box(work, argv, relays=(Relay(socket=path, port=_PORT),))
    return BwrapSandbox().launch(boxed)


def test_relay_is_ready_before_the_command_starts(
    tmp_path: Path, endpoint: tuple[str, list[bytes]]
) -> None:
    code = _CALL + "print(call(b'hello'))"
    for _ in range(10):
        assert said(finish(_launch(tmp_path, python(code), endpoint[0]))) == "b'echo:hello'\n"
    assert endpoint[1] == [b"hello"] * 10


def test_relay_carries_much_and_many_at_once(
    tmp_path: Path, endpoint: tuple[str, list[bytes]]
) -> None:
    code = _CALL + (
        "import concurrent.futures as f\n"
        "def one(n):\n"
        "    data = bytes([n]) * 1_000_000\n"
        "    return call(data) == b'echo:' + data\n"
        "with f.ThreadPoolExecutor(16) as pool: print(sum(pool.map(one, range(16))))\n"
    )
    assert said(finish(_launch(tmp_path, python(code), endpoint[0]))) == "16\n"


def test_nobody_outside_is_a_closed_connection(tmp_path: Path) -> None:
    path = tmp_path / "dead.sock"
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(path))
    dead.close()
    assert said(finish(_launch(tmp_path, python(_CALL + _REFUSED), str(path)))) == "b''\nrefused\n"


@contextlib.contextmanager
def _ignoring(*signals: signal.Signals) -> Iterator[None]:
    """Be a parent that ignores signals, which children inherit."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@pytest.mark.parametrize(
    "ignored",
    [(), (signal.SIGHUP,), (signal.SIGINT, signal.SIGQUIT), (signal.SIGPIPE, signal.SIGXFSZ)],
    ids=["nothing", "as-nohup", "as-background", "as-python"],
)
def test_command_behind_a_relay_is_as_without(
    tmp_path: Path, endpoint: tuple[str, list[bytes]], ignored: tuple[signal.Signals, ...]
) -> None:
    script = 'cat; env -0 | sort -z | tr "\\0" " "; trap; grep SigIgn /proc/self/status; exit 7'
    argv = ("sh", "-c", script)
    with _ignoring(*ignored):
        ended = finish(_launch(tmp_path, argv, endpoint[0]), stdin=b"in\n")
        work = tmp_path / "work"
        without = finish(BwrapSandbox().launch(box(work, argv)), stdin=b"in\n")
    assert ended.returncode == without.returncode == 7
    # What whoever started the tests ignores is ignored in both; the relay's interpreter adds none.
    assert ended.stdout == without.stdout
    first, second, end = ended.stdout.decode().split("\n")
    settings, _, signals = second.partition("SigIgn:\t")
    assert (first, end) == ("in", "")
    assert settings == f"HOME=/var/home LANG=C.UTF-8 PATH=/usr/bin:/bin PWD={work} "
    assert not int(signals, 16) & _mask(signal.SIGPIPE, signal.SIGXFSZ)


def _mask(*signals: signal.Signals) -> int:
    return sum(1 << (number - 1) for number in signals)


def test_status_behind_a_relay_is_that_of_the_command(
    tmp_path: Path, endpoint: tuple[str, list[bytes]]
) -> None:
    killed = _launch(tmp_path, ("sh", "-c", "kill -15 $$"), endpoint[0])
    assert finish(killed).returncode == 128 + 15
    missing = finish(_launch(tmp_path, ("no-such-program",), endpoint[0]))
    assert missing.returncode == 127
    assert b"no-such-program" in missing.stderr


def test_relay_is_no_child_of_the_command(
    tmp_path: Path, endpoint: tuple[str, list[bytes]]
) -> None:
    code = "import os\ntry:\n    os.wait()\nexcept ChildProcessError:\n    print('none')"
    assert said(finish(_launch(tmp_path, python(code), endpoint[0]))) == "none\n"


def test_output_ends_with_the_command(tmp_path: Path, endpoint: tuple[str, list[bytes]]) -> None:
    # A relay that held the output open would let `finish` wait in vain, which is an error.
    assert finish(_launch(tmp_path, ("echo", "last"), endpoint[0])).stdout == b"last\n"


def test_kill_ends_the_relay_too(tmp_path: Path, endpoint: tuple[str, list[bytes]]) -> None:
    tag = fresh_tag()
    work = tmp_path / "work"
    work.mkdir()
    relay = Relay(socket=endpoint[0], port=_PORT)
    argv = ("sh", "-c", "echo up; sleep 1000")
    launch = BwrapSandbox().launch(box(work, argv, env={**ENV, TAG: tag}, relays=(relay,)))
    with subprocess.Popen(
        launch.argv, env=launch.env, stdout=subprocess.PIPE, start_new_session=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"up\n"
        assert len(carriers(tag)) >= 3
        kill_tree(child.pid)
        child.wait()
    assert until(lambda: not carriers(tag))
