"""The one endpoint that a boxed command may reach."""

from __future__ import annotations

import socket
import subprocess
import time
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


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[tuple[str, list[bytes]]]:
    path = tmp_path / "relay.sock"
    with echo(unix(path)) as heard:
        yield str(path), heard


def _launch(folder: Path, argv: tuple[str, ...], path: str) -> Launch:
    work = folder / "work"
    work.mkdir(exist_ok=True)
    boxed = box(work, argv, relay=Relay(socket=path, port=_PORT))
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
    code = _CALL + ("try:\n    print(call(b'x'))\nexcept ConnectionError as err:\n    print(b'')\n")
    assert said(finish(_launch(tmp_path, python(code), str(path)))) == "b''\n"


def test_command_behind_a_relay_is_as_without(
    tmp_path: Path, endpoint: tuple[str, list[bytes]]
) -> None:
    script = 'cat; env -0 | sort -z | tr "\\0" " "; trap; grep SigIgn /proc/self/status; exit 7'
    ended = finish(_launch(tmp_path, ("sh", "-c", script), endpoint[0]), stdin=b"in\n")
    assert ended.returncode == 7
    work = tmp_path / "work"
    assert ended.stdout.decode().split("\n") == [
        "in",
        f"HOME=/var/home LANG=C.UTF-8 PATH=/usr/bin:/bin PWD={work} SigIgn:\t0000000000000000",
        "",
    ]
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
    launch = _launch(tmp_path, ("echo", "last"), endpoint[0])
    began = time.monotonic()
    assert finish(launch).stdout == b"last\n"
    assert time.monotonic() - began < 20


def test_kill_ends_the_relay_too(tmp_path: Path, endpoint: tuple[str, list[bytes]]) -> None:
    tag = fresh_tag()
    work = tmp_path / "work"
    work.mkdir()
    relay = Relay(socket=endpoint[0], port=_PORT)
    argv = ("sh", "-c", "echo up; sleep 1000")
    launch = BwrapSandbox().launch(box(work, argv, env={**ENV, TAG: tag}, relay=relay))
    with subprocess.Popen(
        launch.argv, env=launch.env, stdout=subprocess.PIPE, start_new_session=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"up\n"
        assert len(carriers(tag)) >= 3
        kill_tree(child.pid)
        child.wait()
    assert until(lambda: not carriers(tag))
