"""A forged event of a forge: nobody listens to one, and what has landed is read from git."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sps.console.front import registry
from tests.integration.console_scene import Client, ConsoleScene, console_scene
from tests.integration.scene import PIPELINE, Make, Scene, file, scenes
from tests.remote_host import HttpHost, http_host
from tests.vault_place import naive

pytestmark = pytest.mark.needs("git", "bwrap")

PATHS = (
    "/webhook", "/webhooks", "/hooks/github", "/api/webhook", "/api/v1/webhooks/github",
    "/api/v1/hooks", "/api/v1/projects/p/webhook", "/api/v1/projects/p/events", "/github",
    "/gitlab", "/events", "/payload",
)  # fmt: skip
SECRETS = ("", "secret", "changeme")


@dataclass
class Bed:
    """A card that its remote did not take, the console of its home, and what the forger says."""

    scene: Scene
    console: ConsoleScene
    host: HttpHost
    remote: Path

    @property
    def tip(self) -> str:
        return str(self.scene.card(1).tip)

    def standing(self) -> object:
        """Return all that an event could change, and whether the remote was asked."""
        vault = self.scene.vault("for-each-ref")
        return self.scene.all_events(), self.scene.card(1), vault, list(self.host.asked)

    def events(self) -> list[tuple[dict[str, str], bytes]]:
        """Return deliveries that say that the card's work is on the branch, as forges send them."""
        before = naive("rev-parse", "main", cwd=self.remote)
        push = {"ref": "refs/heads/main", "before": before, "after": self.tip, "forced": False}
        merged = {"action": "closed", "pull_request": {
            "merged": True, "merge_commit_sha": self.tip, "base": {"ref": "main"}}}  # fmt: skip
        return [
            _delivery(event, payload, secret)
            for event, payload in (("push", push), ("pull_request", merged))
            for secret in SECRETS
        ]


def _delivery(event: str, payload: object, secret: str) -> tuple[dict[str, str], bytes]:
    body = json.dumps(payload).encode()
    mark = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {
        "content-type": "application/json",
        "user-agent": "GitHub-Hookshot/1234567",
        "x-github-event": event,
        "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "x-hub-signature-256": f"sha256={mark}",
        "x-gitlab-event": "Push Hook",
        "x-gitlab-token": secret,
    }, body


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with scenes(tmp_path / "scenes", PIPELINE + "land: {to: origin}\n") as build:
        yield build


@pytest.fixture
def bed(tmp_path: Path, make: Make) -> Iterator[Bed]:
    root = tmp_path / "served"
    root.mkdir()
    with http_host(root) as host:
        scene, remote = make(), root / "team.git"
        naive("clone", "-q", "--bare", str(scene.repo.path), str(remote), cwd=root)
        naive("config", "http.receivepack", "true", cwd=remote)
        scene.repo.git("remote", "add", "origin", host.url("team.git"))
        scene.repo.git("config", "credential.helper", f"store --file={tmp_path / 'logins'}")
        (tmp_path / "logins").write_text(host.stored)
        hook = remote / "hooks" / "pre-receive"
        hook.write_text("#!/bin/sh\nexit 1\n")
        hook.chmod(0o755)
        scene.add(file("new.txt", "new\n"))
        scene.tick()
        assert scene.standing(1) == ("landing", "target-refused")
        with console_scene(tmp_path, scene.world) as console:
            yield Bed(scene, console, host, remote)


def _send(client: Client, bed: Bed) -> set[int]:
    """Deliver everything everywhere, each of them twice: the second is a replay."""
    return {
        client.request("POST", path, body, headers).status
        for path in PATHS
        for headers, body in bed.events()
        for _ in range(2)
    }


def test_a38_no_forged_or_replayed_event_is_taken_from_a_stranger(bed: Bed) -> None:
    before = bed.standing()
    assert _send(bed.console.stranger(), bed) <= {401, 403, 404, 405, 415, 429}
    assert bed.standing() == before


def test_a38_not_even_a_program_of_the_owners_can_say_that_something_has_landed(bed: Bed) -> None:
    before = bed.standing()
    assert _send(bed.console.program(), bed) <= {403, 404, 405, 415, 429}
    assert bed.standing() == before


def test_a38_no_route_is_made_for_events_of_others() -> None:
    words = ("hook", "forge", "github", "gitlab", "gitea", "payload")
    found = [one.path for one in registry().routes if any(word in one.path for word in words)]
    assert found == []


def test_a38_control_whoever_believes_the_event_takes_the_card_for_landed(bed: Bed) -> None:
    """What a receiver of events does with a push: its copy of the branch is what the event says."""
    truth = naive("rev-parse", "main", cwd=bed.remote)
    _, body = bed.events()[0]
    told = json.loads(body)
    bed.scene.vault("update-ref", told["ref"], told["after"])
    card = bed.scene.card(1)
    target = bed.scene.vault("rev-parse", "main")
    project = bed.scene.world.store.read(lambda tx: tx.project("p"))
    assert project is not None
    assert bed.scene.world.vault.is_ancestor(project, str(card.tip), target)
    # The landing asks the remote itself, and nothing is done.
    bed.scene.tick()
    assert bed.scene.standing(1) == ("landing", "target-refused")
    assert bed.scene.vault("rev-parse", "main") == truth == naive("rev-parse", "main",
                                                                  cwd=bed.remote)  # fmt: skip
