"""Places of an attacker on the loopback, and what reached them."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Heard:
    """The attacker's server: what was said to it over TCP and UDP on one port."""

    port: int
    words: list[bytes] = field(default_factory=list)

    @property
    def all(self) -> bytes:
        return b"\n".join(self.words)


@contextlib.contextmanager
def attacker() -> Iterator[Heard]:
    """Listen on a port of 127.0.0.1 for streams and datagrams; answer streams like a web server."""
    with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagram:
        stream.bind(("127.0.0.1", 0))
        stream.listen(64)
        datagram.bind(stream.getsockname())
        heard = Heard(stream.getsockname()[1])
        over = threading.Event()
        threads = [
            threading.Thread(target=_streams, args=(stream, heard, over)),
            threading.Thread(target=_datagrams, args=(datagram, heard, over)),
        ]
        for thread in threads:
            thread.start()
        try:
            yield heard
        finally:
            over.set()
            for thread in threads:
                thread.join(10)


def _streams(server: socket.socket, heard: Heard, over: threading.Event) -> None:
    server.settimeout(0.05)
    while not over.is_set():
        try:
            link, _ = server.accept()
        except TimeoutError:
            continue
        with link:
            link.settimeout(0.5)
            with contextlib.suppress(OSError):
                while piece := link.recv(65536):
                    heard.words.append(piece)
                    if b"END" in piece:
                        break
            with contextlib.suppress(OSError):
                link.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")


def _datagrams(server: socket.socket, heard: Heard, over: threading.Event) -> None:
    server.settimeout(0.05)
    while not over.is_set():
        with contextlib.suppress(TimeoutError):
            heard.words.append(server.recv(65536))
