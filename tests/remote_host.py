"""Hosts of git repositories on 127.0.0.1: an sshd of our own, and http with a password."""

from __future__ import annotations

import base64
import contextlib
import os
import shutil
import signal
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.free_port import free_port

LIFE_S = "240"  # a server ends by itself, even when its test was killed
NAME, PASSWORD = "owner", "correct-horse-9d2"


def keypair(path: Path, passphrase: str = "", kind: str = "ed25519") -> Path:
    """Make a key and return the private half."""
    subprocess.run(
        ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "test", "-f", str(path)],
        check=True,
        capture_output=True,
        timeout=30,
    )
    return path


@dataclass
class SshHost:
    """What a client needs to reach the sshd."""

    port: int
    key: Path  #: that the host lets in
    known: Path  #: known hosts, with this one in it
    log: Path

    def command(self, *, key: Path | None = None, known: Path | None = None) -> str:
        """Return an ssh command as an owner would configure it."""
        return (
            f"ssh -F none -i {key or self.key} -o IdentitiesOnly=yes -o IdentityAgent=none"
            f" -o UserKnownHostsFile={known or self.known} -o GlobalKnownHostsFile=/dev/null"
        )

    def url(self, repository: Path) -> str:
        return f"ssh://127.0.0.1:{self.port}{repository}"


@contextlib.contextmanager
def ssh_host(folder: Path) -> Iterator[SshHost]:
    """Run Debian's sshd as an ordinary process with a configuration, host key and user key of its
    own."""
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)  # the server insists, as root
    host, user, port = keypair(folder / "host"), keypair(folder / "user"), free_port()
    allowed = folder / "authorized_keys"
    allowed.write_text((folder / "user.pub").read_text())
    config = folder / "sshd_config"
    config.write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {host}\nPidFile none\n"
        f"AuthorizedKeysFile {allowed}\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
        "KbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\nUseDNS no\n"
        "X11Forwarding no\nAllowTcpForwarding no\n"
    )
    known = folder / "known_hosts"
    known.write_text(f"[127.0.0.1]:{port} {(folder / 'host.pub').read_text()}")
    program = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin") or "sshd"
    log = folder / "log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            ["timeout", LIFE_S, program, "-D", "-e", "-f", str(config)],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
    try:
        _wait_for(port, server)
        yield SshHost(port, user, known, log)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(10)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        assert server.poll() is None, "the server ended at once"
        threading.Event().wait(0.05)
    raise AssertionError("the server does not listen")


@dataclass
class HttpHost:
    """A git server that wants a password, and misbehaves when told to."""

    root: Path
    port: int = 0
    scheme: str = "http"
    public: bool = False  #: reading needs no password
    lose_pushes: str = ""  #: "before" or "after" the ref moved, the connection is cut
    dies: bool = False  #: with the first lost push the whole host is gone
    dead: bool = False
    asked: list[str] = field(default_factory=list)  #: method and path of each request
    users: list[str] = field(default_factory=list)

    def url(self, name: str) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/{name}"

    @property
    def stored(self) -> str:
        """The line of git's credential store that opens this host."""
        return f"{self.scheme}://{NAME}:{PASSWORD}@127.0.0.1:{self.port}\n"


@contextlib.contextmanager
def http_host(root: Path, tls: tuple[Path, Path] | None = None) -> Iterator[HttpHost]:
    """Serve the bare repositories below a folder through git's own http-backend; over TLS with a
    certificate and its key."""
    host = HttpHost(root, scheme="https" if tls else "http")

    class Handler(_Backend):
        about = host

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        # In the thread of each request: a client that gives up its handshake holds up nobody.
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    host.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


class _Backend(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    about: HttpHost

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self._body())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # inherited name
        pass

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _answer(self, body: bytes) -> None:
        host, (path, _, query) = self.about, self.path.partition("?")
        path = "/" + path.split("/", 3)[3] if path.startswith("http://") else path  # as a proxy
        host.asked.append(f"{self.command} {self.path}")
        if host.dead:
            self._cut()
            return
        writes = "git-receive-pack" in self.path
        user = self._user()
        if user is None and (writes or not host.public):
            self._send(401, {"WWW-Authenticate": 'Basic realm="git"'}, b"who are you?\n")
            return
        push = path.endswith("/git-receive-pack")
        if push and host.lose_pushes == "before":
            self._cut()
            return
        done = subprocess.run(
            ["git", "http-backend"], input=body, env=self._environment(path, query, user or ""),
            capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        if push and host.lose_pushes == "after":
            self._cut()
            return
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        pairs = [line.partition(": ") for line in head.decode().split("\r\n") if line]
        headers = {key: value for key, _, value in pairs}
        self._send(int(headers.pop("Status", "200 OK").split()[0]), headers, content)

    def _user(self) -> str | None:
        scheme, _, word = self.headers.get("Authorization", "").partition(" ")
        given = base64.b64decode(word).decode() if scheme == "Basic" else ""
        if given:
            self.about.users.append(given)
        return NAME if given == f"{NAME}:{PASSWORD}" else None

    def _environment(self, path: str, query: str, user: str) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_PROJECT_ROOT": str(self.about.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "HTTP_GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_USER": user,
            "REMOTE_ADDR": "127.0.0.1",
        }

    def _send(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for key, value in (headers | {"Content-Length": str(len(content))}).items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(content)

    def _cut(self) -> None:
        self.about.dead = self.about.dead or self.about.dies
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
