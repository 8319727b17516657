"""Runs inside the sandbox, before the command: joins each 127.0.0.1:PORT to a unix socket.

    python -I -S relay.py SOCKET PORT [SOCKET PORT]... -- COMMAND...

The ports listen before the command starts. This process becomes the command, so signals, exit
status and standard streams are the command's own; a process off to the side carries the bytes and
dies with the sandbox. A spawn waits for this file: it imports only what is compiled into the
interpreter until the command runs.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import _socket
import os
import sys

TYPE_CHECKING = False  # typing itself would cost milliseconds
if TYPE_CHECKING:
    import socket
    import threading

_BACKLOG = 64
_MOST_CONNECTIONS = 256
_CHUNK = 1 << 16


def main() -> None:
    end = sys.argv.index("--")
    pairs, command = sys.argv[1:end], sys.argv[end + 1 :]
    listeners = [
        (_listen(int(port)), path) for path, port in zip(pairs[::2], pairs[1::2], strict=True)
    ]
    # The relay must not be a child that the command did not start, so its parent ends at once.
    between = os.fork()
    if between == 0:
        if os.fork() == 0:
            _carry([(listener.detach(), path) for listener, path in listeners])
        os._exit(0)
    os.waitpid(between, 0)
    for listener, _ in listeners:
        listener.close()
    _become(command)


def _listen(port: int) -> _socket.socket:
    listener = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    listener.setsockopt(_socket.SOL_SOCKET, _socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(_BACKLOG)
    return listener


def _become(command: list[str]) -> None:
    # The interpreter ignores these, and would hand that down; it may also have set LC_CTYPE.
    for ignored in (_signal.SIGPIPE, _signal.SIGXFSZ):
        _signal.signal(ignored, _signal.SIG_DFL)
    with open("/proc/self/environ", "rb") as file:
        entries = [entry.partition(b"=") for entry in file.read().split(b"\0") if entry]
    env = {os.fsdecode(name): os.fsdecode(value) for name, _, value in entries}
    try:
        os.execvpe(command[0], command, env)  # noqa: S606 - becoming the command is the point
    except OSError as err:
        os.write(2, f"cannot start {command[0]}: {err.strerror}\n".encode())
        os._exit(127)


def _carry(numbers: list[tuple[int, str]]) -> None:
    os.setsid()
    nothing = os.open("/dev/null", os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    import threading

    free = threading.BoundedSemaphore(_MOST_CONNECTIONS)
    (number, path), *others = numbers
    for other in others:
        threading.Thread(target=_serve, args=(*other, free), daemon=True).start()
    _serve(number, path, free)


def _serve(number: int, path: str, free: threading.Semaphore) -> None:
    import socket
    import threading

    listener = socket.socket(fileno=number)
    while True:
        free.acquire()
        inner, _ = listener.accept()
        threading.Thread(target=_join, args=(inner, path, free), daemon=True).start()


def _join(inner: socket.socket, path: str, free: threading.Semaphore) -> None:
    """Carry bytes both ways until both sides have ended."""
    import socket
    import threading

    outer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        outer.connect(path)
        back = threading.Thread(target=_pump, args=(outer, inner), daemon=True)
        back.start()
        _pump(inner, outer)
        back.join()
    except OSError:  # nobody listens outside: the connection inside just closes
        return
    finally:
        inner.close()
        outer.close()
        free.release()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    """Carry bytes one way; a side that breaks off is a side that has ended."""
    import contextlib
    import socket

    with contextlib.suppress(OSError):
        while data := source.recv(_CHUNK):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    main()
