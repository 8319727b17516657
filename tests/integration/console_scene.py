"""The console in this process: its application called as a server calls it, without a socket.

    with console_scene(tmp_path) as scene:            # the project `demo` of `small_world`
        client = scene.client()                       # signed in; scene.client(Role.VIEWER)
        page = client.get("/p/demo/board")            # page.status, page.headers, page.text
        client.post_form("/p/demo/cards", {"title": "A card"})
        client.post_json("/api/v1/projects/demo/cards", {"title": "A card"})
        with client.stream("/events?view=board:demo&cursor=0") as stream:
            frame = stream.next()                     # frame.id, frame.event, frame.json

`scene.stranger()` is a client without a session. Clients send what a browser sends; every header
can be replaced, `None` leaves one out. The loop runs in a thread of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import queue
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from sps.bootstrap import Wired
from sps.console.front import front
from sps.daemon.health import health_app
from sps.daemon.place import Place
from sps.model.access import GrantKind, Role
from sps.services import access
from tests.fakes.small_world import small_world

PORT = 4311
HOST = f"127.0.0.1:{PORT}"
PATIENCE_S = 15.0
Headers = Mapping[str, str | None]
App = Callable[..., Awaitable[None]]
_NONE: Headers = MappingProxyType({})
_HTML = "text/html,application/xhtml+xml"
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Reply:
    """A whole answer. Of equal headers the last counts; `cookies` are all that were set."""

    status: int
    headers: dict[str, str]
    body: bytes
    cookies: dict[str, str]

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Message:
    """One message of a stream."""

    id: str  #: the cursor to go on from, empty where the message has none
    event: str
    data: str

    @property
    def json(self) -> Any:
        return json.loads(self.data)


class _Loop:
    """An event loop in a thread, with the application's companion running in it."""

    def __init__(self, beside: contextlib.AbstractAsyncContextManager[None]) -> None:
        self._up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live(beside)))
        self._thread.start()
        assert self._up.wait(PATIENCE_S)

    async def _live(self, beside: contextlib.AbstractAsyncContextManager[None]) -> None:
        self.loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        async with beside:
            self._up.set()
            await self._over.wait()

    def run(self, work: Any) -> Any:
        """Run a coroutine to its end, with a bound."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE_S)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self._over.set)
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive(), "the application did not end"


class Stream:
    """An open event stream; comments and retry lines are skipped."""

    def __init__(self) -> None:
        self.parts: queue.Queue[bytes | None] = queue.Queue()
        self.head: queue.Queue[tuple[int, dict[str, str]]] = queue.Queue()
        self._rest = b""

    def next(self, timeout: float = PATIENCE_S) -> Message:
        """Return the next message. Raises `AssertionError` when none comes in time."""
        while True:
            while b"\n\n" in self._rest:
                block, _, self._rest = self._rest.partition(b"\n\n")
                found = _message(block.decode())
                if found is not None:
                    return found
            try:
                part = self.parts.get(timeout=timeout)
            except queue.Empty:
                raise AssertionError(f"no message within {timeout} s") from None
            assert part is not None, "the stream has ended"
            self._rest += part

    def silent(self, seconds: float = 0.7) -> bool:
        """Whether nothing comes for a while."""
        try:
            self.next(seconds)
        except AssertionError:
            return True
        return False


def _message(block: str) -> Message | None:
    found: dict[str, str] = {}
    for line in block.splitlines():
        name, _, value = line.partition(":")
        if name in ("id", "event", "data"):
            found[name] = found.get(name, "") + value.strip()
    if "data" not in found:
        return None
    return Message(found.get("id", ""), found.get("event", "message"), found["data"])


@dataclass
class Client:
    """One browser, or one program with a personal token."""

    app: App
    loop: _Loop
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)  #: sent with every request

    def get(self, path: str, headers: Headers = _NONE) -> Reply:
        return self.request("GET", path, headers=headers)

    def post_form(self, path: str, fields: Any = (), headers: Headers = _NONE) -> Reply:
        """Send a form; `fields` is a mapping (lists are repeated fields) or pairs."""
        body = urlencode(fields, doseq=True).encode()
        return self.request("POST", path, body, {"content-type": _FORM, **headers})

    def post_json(
        self, path: str, value: Any, headers: Headers = _NONE, *, verb: str = "POST"
    ) -> Reply:
        kind = {"content-type": "application/json", "accept": "application/json"}
        return self.request(verb, path, json.dumps(value).encode(), {**kind, **headers})

    def request(self, verb: str, path: str, body: bytes = b"", headers: Headers = _NONE) -> Reply:
        """Send any request. Cookies that the answer sets are kept, as a browser does."""
        reply: Reply = self.loop.run(self._ask(self._scope(verb, path, headers), body))
        for name, value in reply.cookies.items():
            self.cookies[name] = value
            if not value:
                del self.cookies[name]
        return reply

    @contextlib.contextmanager
    def stream(self, path: str, headers: Headers = _NONE) -> Iterator[Stream]:
        """Follow a stream while inside. Raises `AssertionError` when it is refused."""
        scope = self._scope("GET", path, {"accept": "text/event-stream", **headers})
        stream = Stream()
        work = asyncio.run_coroutine_threadsafe(self._follow(scope, stream), self.loop.loop)
        try:
            status, given = stream.head.get(timeout=PATIENCE_S)
            assert status == 200, (status, stream.parts.get(timeout=PATIENCE_S))
            assert given["content-type"].startswith("text/event-stream")
            yield stream
        finally:
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError, TimeoutError):
                self.loop.run(asyncio.sleep(0))

    def _scope(self, verb: str, path: str, headers: Headers) -> dict[str, Any]:
        sent: MutableMapping[str, str | None] = {
            "host": HOST, "accept": _HTML, "user-agent": "a browser of the tests",
            "sec-fetch-site": "same-origin",
        }  # fmt: skip
        if verb not in ("GET", "HEAD"):
            sent["origin"] = f"http://{HOST}"
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if self.token:
            sent["authorization"] = f"Bearer {self.token}"
        sent |= self.headers | {name.lower(): value for name, value in headers.items()}
        pairs = [(k.encode(), v.encode("latin-1")) for k, v in sent.items() if v is not None]
        name, _, query = path.partition("#")[0].partition("?")
        return {
            "type": "http", "method": verb, "path": name, "query_string": query.encode(),
            "headers": pairs, "client": ("127.0.0.1", 50000), "http_version": "1.1",
            "scheme": "http", "raw_path": name.encode(), "server": ("127.0.0.1", PORT),
        }  # fmt: skip

    async def _ask(self, scope: dict[str, Any], body: bytes) -> Reply:
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        start, *parts = sent
        pairs = [(k.decode().lower(), v.decode("latin-1")) for k, v in start["headers"]]
        cookies = [v.partition(";")[0].partition("=") for k, v in pairs if k == "set-cookie"]
        return Reply(
            status=start["status"],
            headers=dict(pairs),
            body=b"".join(part.get("body", b"") for part in parts),
            cookies={name: value for name, _, value in cookies},
        )

    async def _follow(self, scope: dict[str, Any], stream: Stream) -> None:
        async def receive() -> dict[str, Any]:
            await asyncio.Event().wait()
            return {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                pairs = {k.decode().lower(): v.decode("latin-1") for k, v in message["headers"]}
                stream.head.put((message["status"], pairs))
                return
            stream.parts.put(message.get("body", b""))
            if not message.get("more_body"):
                stream.parts.put(None)

        await self.app(scope, receive, send)


@dataclass
class ConsoleScene:
    """A world, its console, and who visits it."""

    world: Wired
    app: App
    loop: _Loop

    def stranger(self) -> Client:
        """A browser that has not signed in."""
        return Client(self.app, self.loop)

    def client(self, role: Role = Role.ADMIN, **headers: str) -> Client:
        """A browser that has signed in as `role`."""
        word, _ = access.grant(self.world, GrantKind.LAUNCH, role, "test")
        client = Client(self.app, self.loop, headers=headers)
        reply = client.post_form("/sign-in", {"code": word})
        assert reply.status == 303, reply.text
        return client

    def program(self, role: Role = Role.ADMIN, *, card: str = "") -> Client:
        """A program with a personal token, which sends nothing that only browsers send."""
        secret, _ = access.grant(self.world, GrantKind.TOKEN, role, "test", card=card)
        return Client(self.app, self.loop, token=secret)


@contextlib.contextmanager
def console_scene(folder: Path, world: Wired | None = None) -> Iterator[ConsoleScene]:
    """Run the console of a world; without one, of a fresh `small_world` with the project `demo`."""
    it = world or small_world(folder / "home")
    health = health_app(it, lambda: False, Place(port=PORT), lambda: None)
    app, beside = front(it, health, Place(port=PORT), lambda: False)
    loop = _Loop(beside)
    try:
        yield ConsoleScene(it, app, loop)  # type: ignore[arg-type]
    finally:
        loop.close()
        if world is None:
            it.store.close()
