"""The life of the console's process: one per home, where it is, and an end that nobody has to wait
for, however many follow it."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.bootstrap import open_world
from sps.model.access import GrantKind, Role
from sps.services import access
from tests.acceptance.installed_cli import Cli, make

pytestmark = pytest.mark.needs("git")
PORT = 24_311
PATIENCE_S = 20.0


@pytest.fixture
def sps(tmp_path: Path) -> Iterator[Cli]:
    made = make(tmp_path)
    yield made
    made("down")


def info(sps: Cli) -> dict[str, object]:
    found = json.loads((sps.home / "daemon.json").read_text())
    assert isinstance(found, dict)
    return found


def follow(sps: Cli, port: int) -> socket.socket:
    """Open a stream and return its socket once it is live."""
    world = open_world(sps.home)
    secret, _ = access.grant(world, GrantKind.TOKEN, Role.VIEWER, "test")
    world.store.close()
    line = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
    head = ("GET /api/v1/events HTTP/1.1", f"Host: 127.0.0.1:{port}",
            f"Authorization: Bearer {secret}", "", "")  # fmt: skip
    line.sendall("\r\n".join(head).encode())
    heard = b""
    while b"retry:" not in heard:
        part = line.recv(65536)
        assert part, heard
        heard += part
    return line


def test_the_console_takes_the_next_free_port_and_says_which(sps: Cli) -> None:
    with socket.create_server(("127.0.0.1", PORT)):
        shown = sps("console", "--no-open", "--port", str(PORT))
    assert shown.code == 0, shown.err
    port = info(sps)["port"]
    assert isinstance(port, int)
    assert port > PORT
    assert shown.out.startswith(f"http://127.0.0.1:{port}/sign-in#t=")
    assert info(sps)["url"] == f"http://127.0.0.1:{port}"
    again = sps("console", "--no-open")  # the same one, with another word
    assert again.out.partition("#")[0] == shown.out.partition("#")[0]
    assert again.out != shown.out
    assert "daemon-elsewhere" in sps("console", "--no-open", "--port", str(port + 1)).err
    assert sps("up").code == 4  # one for a home


def test_streams_end_at_once_when_the_console_is_stopped(sps: Cli) -> None:
    assert sps("console", "--no-open", "--port", str(PORT + 100)).code == 0
    port = info(sps)["port"]
    assert isinstance(port, int)
    lines = [follow(sps, port) for _ in range(20)]
    began = time.monotonic()
    killed = sps("console", "--kill")
    took = time.monotonic() - began
    assert killed.code == 0, killed.err
    for line in lines:
        while line.recv(65536):  # until the other end has closed it
            pass
        line.close()
    assert not (sps.home / "daemon.json").exists()
    # Two seconds are the promise; a machine at work may take some more to start the command.
    assert took < PATIENCE_S
    assert sps("console", "--kill").code == 3
