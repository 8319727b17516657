"""A console for other machines, behind a real socket with TLS; it listens on this machine only.

pem = make_pem(folder)                       # pem.certificate, pem.key
with remote_console(folder, pem) as served:  # served.port, served.world
    served.ask(b"GET / HTTP/1.1...")         # raw, over TLS, trusting that certificate alone
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from sps.adapters.system_clock import SystemClock
from sps.bootstrap import Wired
from sps.daemon.place import Listening
from sps.services import remote
from tests.fakes.small_world import small_world
from tests.redteam.console_socket import served

NAME = "console.test"
PASSWORD = "correct horse battery staple"
PATIENCE_S = 10.0
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Pem:
    certificate: Path
    key: Path


def make_pem(folder: Path, name: str = NAME, *more: str) -> Pem:
    """Make a certificate that signs itself, for a month, and its key, mode 0600."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Pem(folder / "cert.pem", folder / "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-keyout", made.key, "-out", made.certificate, "-days", "30", "-subj", f"/CN={name}",
         *(more or ("-nodes", "-addext", f"subjectAltName=DNS:{name},DNS:*.wild.test,IP:::1"))],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    made.key.chmod(0o600)
    return made


def ticking_world(folder: Path) -> Wired:
    """A small world whose clock is the real one: certificates are made today."""
    world = small_world(folder)
    vars(world).update(clock=SystemClock())
    return world


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: str

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]


@dataclass(frozen=True)
class Served:
    world: Wired
    port: int
    pem: Pem

    @property
    def host(self) -> str:
        return f"{NAME}:{self.port}"

    def dial(self) -> ssl.SSLSocket:
        trusts = ssl.create_default_context(cafile=str(self.pem.certificate))
        line = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)
        return trusts.wrap_socket(line, server_hostname=NAME)

    def ask(self, verb: str, path: str, body: bytes = b"", **headers: str | None) -> Answer:
        """Ask as a browser does; headers are replaced, and with None left out."""
        sent: dict[str, str | None] = {
            "host": self.host, "connection": "close", "accept": "text/html",
            "sec-fetch-site": "same-origin",
        }  # fmt: skip
        if verb == "POST":
            sent |= {"origin": f"https://{self.host}", "content-type": _FORM,
                     "content-length": str(len(body))}  # fmt: skip
        sent |= {key.replace("_", "-"): value for key, value in headers.items()}
        lines = [
            f"{verb} {path} HTTP/1.1",
            *(f"{k}: {v}" for k, v in sent.items() if v is not None),
        ]
        with self.dial() as line:
            line.sendall("\r\n".join([*lines, "", ""]).encode() + body)
            return _answer(line)

    def enter(self, **fields: str) -> Answer:
        return self.ask("POST", "/sign-in", urlencode(fields).encode())


def _answer(line: ssl.SSLSocket) -> Answer:
    parts = []
    while part := line.recv(65536):
        parts.append(part)
    head, _, body = b"".join(parts).partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    pairs = [tuple(row.split(": ", 1)) for row in rest]
    return Answer(int(first.split(" ")[1]), [(k.lower(), v) for k, v in pairs], body.decode())


@contextlib.contextmanager
def remote_console(folder: Path, pem: Pem) -> Iterator[Served]:
    """Serve a fresh home as `sps up --host` does, at an address that only this machine reaches."""
    world = ticking_world(folder / "home")
    remote.set_certificate(world, pem.certificate, pem.key, (NAME,))
    remote.set_password(world, PASSWORD)
    context = world.remote.context(pem.certificate, pem.key)
    try:
        with served(world, Listening(port=23_000, names=(NAME,), tls=context)) as port:
            yield Served(world, port, pem)
    finally:
        world.store.close()
