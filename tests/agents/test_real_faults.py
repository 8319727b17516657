"""What keeps a real agent from its work is told with its cause, before an attempt is used."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest

from sps.model.card import CardState
from sps.services.why import Why, why
from tests.agents.model import ModelServer
from tests.agents.place import PROJECT, Place
from tests.agents.subjects import SUBJECTS, Subject

pytestmark = pytest.mark.needs("bwrap", "git")

ZED_CODEX = SUBJECTS[0]
_KEY = "sk-not-a-secret-0123456789"
_PATIENCE = 60.0  # seconds
_CONFIG = ".codex/config.toml"


class _No(BaseHTTPRequestHandler):
    """A vendor that takes no key."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        body = b'{"error": {"message": "Incorrect API key provided", "type": "invalid_request"}}'
        self.send_response(401)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Nothing on stderr."""


@contextmanager
def _unwilling() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _No) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=lambda: server.serve_forever(0.05), daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join(10)


def _keyed(place: Place, address: str, **fields: object) -> None:
    """Let the agent take a key, and ask for its model there."""
    registry = place.world.registry
    built_in, kind = registry.kind(ZED_CODEX.entry), registry.kind(ZED_CODEX.name)
    config = f'model = "m"\nopenai_base_url = "{address}"\n{built_in.files[_CONFIG]}'
    entry = {
        "keys": built_in.keys,
        "login_files": built_in.login_files,
        "files": {_CONFIG: config},
        **fields,
    }
    kind = msgspec.structs.replace(kind, **entry)
    registry.add(kind)
    place.world.logins.keep_key(kind, built_in.keys[0], _KEY)


def _stopped(place: Place) -> Why:
    seq = place.add("Greet", "[[scenario:write-and-run]]")
    place.work(code=1)
    card = place.card(seq)
    assert card.state is CardState.NEEDS_HUMAN
    return why(place.world, PROJECT, seq)


@pytest.fixture
def subject() -> Subject:
    return ZED_CODEX


def test_key_that_the_vendor_refuses_is_said_to_be_refused(agent: Place) -> None:
    with _unwilling() as port:
        address = f"http://127.0.0.1:{port}/v1"
        _keyed(agent, address, hosts=(f"127.0.0.1:{port}",))
        found = _stopped(agent)
    name = ZED_CODEX.name
    assert found.card.reason == "login-refused"
    assert "the vendor refused the key or login (401)" in (found.detail or "")
    assert found.next == f"sps agent logout {name} && sps agent login {name} --key < key.txt"
    assert found.then == f"sps card retry {PROJECT} 1"
    assert _KEY not in found.detail


def _elsewhere(place: Place, model: ModelServer, *hosts: str) -> None:
    """Let the agent ask for its model where none is, and ask once only."""
    kind = place.world.registry.kind(ZED_CODEX.name)
    config = kind.files[_CONFIG].replace(model.address, "https://gateway.invalid")
    impatient = f"{config}request_max_retries = 0\nstream_max_retries = 0\n"
    entry = msgspec.structs.replace(kind, hosts=hosts or kind.hosts, files={_CONFIG: impatient})
    place.world.registry.add(entry)


def test_host_that_the_entry_leaves_out_is_named(agent: Place, model: ModelServer) -> None:
    _elsewhere(agent, model)
    found = _stopped(agent)
    assert found.card.reason == "agent-misconfigured"
    assert "asked for gateway.invalid:443, which `hosts` of zed-codex-under-test" in found.detail


def test_vendor_that_cannot_be_reached_is_waited_for(agent: Place, model: ModelServer) -> None:
    _elsewhere(agent, model, "gateway.invalid:443")
    seq = agent.add("Greet", "[[scenario:write-and-run]]")
    with agent.working():
        deadline = time.monotonic() + _PATIENCE
        while not agent.card(seq).setbacks and time.monotonic() < deadline:
            time.sleep(0.05)
        card = agent.card(seq)
    assert (card.reason, card.attempt) == ("vendor-unreachable", 1)
    assert card.detail.startswith("could not reach gateway.invalid:443 (")


def test_way_to_take_a_key_that_the_adapter_does_not_have_is_told_with_those_it_has(
    agent: Place, model: ModelServer
) -> None:
    _keyed(agent, f"{model.address}/v1", auth_methods=("api-key",))
    found = _stopped(agent)
    assert found.card.reason == "agent-misconfigured"
    assert "it offers" in found.detail
    assert "openai-api-key" in found.detail
    assert model.requests() == []


def test_mode_that_the_adapter_does_not_have_stops_the_card_before_it_is_asked_anything(
    agent: Place, model: ModelServer
) -> None:
    _keyed(agent, f"{model.address}/v1", mode=agent.world.registry.kind("codex").mode)
    found = _stopped(agent)
    assert found.card.reason == "agent-misconfigured"
    assert "has no mode permission-profile:box" in found.detail
    assert [request for request in model.requests() if "call" in request] == []
