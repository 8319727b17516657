"""Small servers on this machine that a boxed command tries to reach."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def echo(server: socket.socket) -> Iterator[list[bytes]]:
    """Answer each connection with `echo:` and all it said, once it has said all."""
    heard: list[bytes] = []

    def answer(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            text = b"".join(iter(lambda: connection.recv(1 << 16), b""))
            heard.append(text)
            connection.sendall(b"echo:" + text)

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = server.accept()
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

    server.listen(64)
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(10)


def tcp() -> socket.socket:
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    return server


def unix(path: Path | str) -> socket.socket:
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    return server
