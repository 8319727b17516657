"""Attempts to get out of a box over the network. Each one works without the box."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sps.adapters.egress_proxy import ProxyEgress
from sps.model.destination import Destination
from sps.ports.egress import Refusal
from sps.ports.sandbox import Relay
from tests.contract.boxes import ENV, boxed, python, unboxed
from tests.contract.endpoints import echo, tcp, unix

pytestmark = pytest.mark.needs("bwrap")

_TCP = """
import socket, sys
for address in sys.argv[1:]:
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), 10) as link:
            link.sendall(b"ping"); link.shutdown(socket.SHUT_WR)
            print(link.recv(100))
    except OSError as err: print("no", err.errno)
"""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def port() -> Iterator[int]:
    """A server of the owner on the loopback."""
    server = tcp()
    number = int(server.getsockname()[1])
    with echo(server):
        yield number


def test_a24_server_of_the_host_is_unreachable(work: Path, port: int) -> None:
    attack = python(_TCP, f"127.0.0.1:{port}")
    assert "b'echo:ping'" in unboxed(work, attack)
    assert boxed(work, attack).startswith("no")


def test_a24_datagrams_and_name_lookups_do_not_leave(work: Path) -> None:
    code = (
        "import socket, sys\n"
        "with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:\n"
        "    s.sendto(b'secret', ('127.0.0.1', int(sys.argv[1])))\n"
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        attack = python(code, str(server.getsockname()[1]))
        server.settimeout(20)
        unboxed(work, attack)
        assert server.recv(100) == b"secret"
        server.setblocking(False)
        boxed(work, attack)
        with pytest.raises(BlockingIOError):
            server.recv(100)
    look = "cat /etc/resolv.conf; grep -c : /proc/net/dev; tail -n +2 /proc/net/route"
    assert boxed(work, ("sh", "-c", f"({look}) 2>/dev/null")).split() == ["1"]  # lo, and no route
    resolve = "import socket\ntry: print(socket.gethostbyname('example.org'))\nexcept OSError: pass"
    assert boxed(work, python(resolve)) == ""


def test_a24_abstract_sockets_of_the_host_are_unreachable(work: Path) -> None:
    name = f"sps-canary-{os.getpid()}"
    code = (
        "import socket, sys\n"
        "with socket.socket(socket.AF_UNIX) as link:\n"
        "    try: link.connect(chr(0) + sys.argv[1]); print('CONNECTED')\n"
        "    except OSError: print('no')\n"
    )
    with echo(unix("\0" + name)):
        assert unboxed(work, python(code, name)) == "CONNECTED\n"
        assert boxed(work, python(code, name)) == "no\n"


def test_a24_relay_reaches_its_endpoint_and_nothing_else(
    work: Path, tmp_path: Path, port: int
) -> None:
    path = tmp_path / "relay.sock"
    other = tmp_path / "other.sock"
    with echo(unix(path)) as heard, echo(unix(other)) as others:
        relay = Relay(socket=str(path), port=18080)
        addresses = ("127.0.0.1:18080", f"127.0.0.1:{port}", "127.0.0.1:18081", "192.0.2.1:80")
        answers = boxed(work, python(_TCP, *addresses), relays=(relay,)).splitlines()
        assert answers[0] == "b'echo:ping'"
        assert [answer[:2] for answer in answers[1:]] == ["no"] * 3
        assert heard == [b"ping"]
        look = python(
            "import socket, sys\n"
            "with socket.socket(socket.AF_UNIX) as link:\n"
            "    try: link.connect(sys.argv[1]); print('CONNECTED')\n"
            "    except OSError: print('no')\n",
            str(other),
        )
        assert unboxed(work, look) == "CONNECTED\n"
        assert boxed(work, look, relays=(relay,)) == "no\n"
        assert b"ping" not in others


def test_a24_network_cannot_be_made_by_the_command(work: Path, port: int) -> None:
    enter = "for n in /proc/*/ns/net; do nsenter --net=$n true; done; ip link add x type dummy"
    attack = ("sh", "-c", f"({enter}) 2>/dev/null; grep -c : /proc/net/dev")
    assert boxed(work, attack).split()[-1] == "1"
    nested = ("unshare", "-rn", *python(_TCP, f"127.0.0.1:{port}"))
    assert "echo" not in boxed(work, nested)


class _Listed(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"listed" if self.path == "/" else b"odd path")

    def log_message(self, *words: object) -> None:
        """Nothing on stderr."""


@contextlib.contextmanager
def _web() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Listed) as server:
        thread = threading.Thread(target=lambda: server.serve_forever(0.05), daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join(10)


def test_a24_a25_box_with_a_way_out_reaches_what_is_listed_and_cannot_look_up_a_name(
    work: Path,
) -> None:
    code = """
import os, socket, sys, urllib.error, urllib.request
def fetch(address):
    try:
        with urllib.request.urlopen(address, timeout=10) as answer: return answer.read(9)
    except urllib.error.URLError as err: return getattr(err, "code", "no")
    except OSError as err: return "no"
    except Exception as err: return type(err).__name__
port, other = sys.argv[1:]
print(fetch(f"http://127.0.0.1:{port}/"))
os.environ["NO_PROXY"] = os.environ["no_proxy"] = ""
for number in (port, other):
    print(fetch(f"http://127.0.0.1:{number}/"))
print(fetch("http://secret.example.org/"))
try: print(socket.gethostbyname("example.org"))
except OSError: print("no name")
"""
    refusals: list[Refusal] = []

    async def attack(port: int, other: int) -> list[str]:
        allowed = [Destination("127.0.0.1", port)]
        async with ProxyEgress().open(allowed, refusals.append) as outlet:
            argv = python(code, str(port), str(other))
            env = {**ENV, **outlet.env}
            said = await asyncio.to_thread(boxed, work, argv, env=env, relays=outlet.relays)
        return said.splitlines()

    with tcp() as unlisted, echo(unlisted) as heard, _web() as port:
        words = asyncio.run(attack(port, int(unlisted.getsockname()[1])))
    assert words == ["b'listed'", "b'listed'", "403", "403", "no name"]
    assert heard == []
    assert [(one.host, one.rule) for one in refusals] == [
        ("127.0.0.1", "not-allowed"),
        ("secret.example.org", "not-allowed"),
    ]
