"""Signed landings: by the owner's own key, never without, and the same object after a crash."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sps.model.event import EventKind
from sps.ports.store import Landing
from tests.integration.scene import PIPELINE, Make, Scene, file, scenes, sh
from tests.remote_host import keypair

pytestmark = pytest.mark.needs("bwrap", "git", "ssh-keygen")
_SSH = PIPELINE + "land: {sign: ssh}\n"
_TWO = sh(
    "for n in 1 2; do echo $n > n$n.txt; git add -A;"
    " git -c user.name=a -c user.email=a@example.com commit -qm step-$n; done"
)


@pytest.fixture(autouse=True)
def own_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine's configuration and agents counts."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("SSH_AUTH_SOCK", "SPS_KILL_AT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with scenes(tmp_path / "scenes", _SSH) as build:
        yield build


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An ssh agent that ends with the test."""
    place = Path(tempfile.mkdtemp(prefix="sps-agent-"))
    socket = place / "socket"
    server = subprocess.Popen(
        ["timeout", "240", "ssh-agent", "-D", "-a", str(socket)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
    try:
        for _ in range(200):
            if subprocess.run(["ssh-add", "-l"], capture_output=True, check=False).returncode < 2:
                break
        yield
    finally:
        server.terminate()
        server.wait(10)
        shutil.rmtree(place)


def configure(scene: Scene, **settings: str) -> None:
    for key, value in settings.items():
        scene.repo.git("config", key.replace("_", "."), value)


def trust(scene: Scene, key: Path) -> None:
    """Let git's own verification know the key."""
    public = key.with_name(key.name + ".pub").read_text()
    allowed = scene.folder / "allowed"
    allowed.write_text(f"owner@example.com {public}")
    scene.repo.git("config", "gpg.ssh.allowedSignersFile", str(allowed))


def with_key(scene: Scene, passphrase: str = "") -> Path:
    key = keypair(scene.folder / "key", passphrase)
    configure(scene, user_signingkey=str(key))
    trust(scene, key)
    return key


def landing_of(scene: Scene) -> Landing:
    card = scene.card(1)
    found = scene.world.store.read(lambda tx: tx.landing(card.id))
    assert found is not None
    return found


@pytest.mark.parametrize("mode", ["merge", "squash", "rebase"])
def test_every_commit_that_sps_makes_on_the_target_verifies(make: Make, mode: str) -> None:
    scene = make(PIPELINE + f"land: {{mode: {mode}, sign: ssh}}\n")
    with_key(scene)
    scene.add(_TWO)
    assert scene.tick().finished
    made = scene.repo.git("log", "--first-parent", "--format=%H", "main").splitlines()[:-1]
    assert len(made) == (2 if mode == "rebase" else 1)
    for commit in made:
        scene.repo.git("verify-commit", commit)
    assert scene.repo.trailers()["Card-Number"] == "p#1"
    assert scene.repo.git("fsck", "--strict", "--no-dangling") == ""


def test_signature_of_another_key_does_not_verify(make: Make) -> None:
    """The control: verification can fail at all."""
    scene = make()
    with_key(scene)
    scene.add(file("new.txt", "new\n"))
    assert scene.tick().finished
    trust(scene, keypair(scene.folder / "other"))
    with pytest.raises(subprocess.CalledProcessError):
        scene.repo.git("verify-commit", "main")


@pytest.mark.parametrize("point", ["land-after-record", "land-before-push", "land-after-push"])
def test_crash_around_the_push_lands_the_very_object_that_was_recorded(
    make: Make, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    scene = make()
    # Two signatures of this kind are never the same: made anew, the commit would be another.
    key = keypair(scene.folder / "key", kind="ecdsa")
    configure(scene, user_signingkey=str(key))
    trust(scene, key)
    scene.add(file("new.txt", "new\n"))
    with monkeypatch.context() as patch:
        patch.setenv("SPS_KILL_AT", point)
        assert scene.process().wait(60) == -9
    recorded = landing_of(scene)
    assert recorded.in_flight
    assert scene.tick().finished
    assert scene.repo.git("rev-parse", "main") == recorded.commit
    assert scene.repo.landed() == ["start", "Card 1 (p#1)"]
    scene.repo.git("verify-commit", "main")


@pytest.mark.needs("ssh-agent", "ssh-add")
def test_key_that_only_an_agent_holds_signs(make: Make, agent: None) -> None:
    scene = make()
    key = with_key(scene)
    subprocess.run(["ssh-add", "-q", str(key)], check=True, capture_output=True)
    public = key.with_name("key.pub").read_text().strip()
    key.unlink()
    configure(scene, user_signingkey=f"key::{public}")
    scene.add(file("new.txt", "new\n"))
    assert scene.tick().finished
    scene.repo.git("verify-commit", "main")


@pytest.mark.needs("ssh-agent", "ssh-add")
def test_key_that_an_agent_learns_is_something_that_has_changed(make: Make, agent: None) -> None:
    scene = make()
    key = with_key(scene)
    project = scene.world.store.read(lambda tx: tx.project("p"))
    assert project is not None
    land = scene.world.pipeline_files.load("p").land
    before = scene.world.vault.mark(project, land)
    assert scene.world.vault.mark(project, land) == before
    subprocess.run(["ssh-add", "-q", str(key)], check=True, capture_output=True)
    assert scene.world.vault.mark(project, land) != before


@dataclass(frozen=True)
class Trouble:
    """What is wrong with the owner's key, and what the card says then."""

    code: str
    says: str


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble("sign-no-key", "user.signingkey"),
        Trouble("sign-no-key", "gone"),
        Trouble("sign-locked", "passphrase"),
        Trouble("sign-failed", "no-such-program"),
    ],
    ids=lambda trouble: trouble.says,
)
def test_without_a_signature_nothing_lands_and_the_card_says_why_once(
    make: Make, trouble: Trouble
) -> None:
    scene = make()
    if trouble.says == "gone":
        configure(scene, user_signingkey=str(scene.folder / "gone"))
    elif trouble.says == "passphrase":
        with_key(scene, "secret")
    elif trouble.says == "no-such-program":
        with_key(scene)
        configure(scene, gpg_ssh_program=str(scene.folder / "no-such-program"))
    scene.add(file("new.txt", "new\n"))
    board = scene.tick()
    assert (board.quiet, board.finished) == (True, False)
    assert scene.standing(1) == ("landing", trouble.code)
    assert trouble.says in scene.card(1).detail
    assert scene.repo.landed() == ["start"]
    scene.tick()
    assert len(scene.events(1, EventKind.LAND_WAITING)) == 1
    configure(scene, gpg_ssh_program="ssh-keygen")
    for old in scene.folder.glob("key*"):
        old.unlink()
    with_key(scene)
    assert scene.tick().finished
    assert scene.card(1).attempt == 1
    scene.repo.git("verify-commit", "main")


@pytest.fixture
def gnupg(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="sps-gpg-"))  # sockets want a short path
    monkeypatch.setenv("GNUPGHOME", str(home))
    try:
        yield home
    finally:
        subprocess.run(["gpgconf", "--kill", "all"], check=False, capture_output=True)
        shutil.rmtree(home, ignore_errors=True)


def gpg(*words: str, stdin: bytes = b"") -> bytes:
    options = ("--batch", "--pinentry-mode", "loopback", "--passphrase")
    return subprocess.run(
        ["gpg", *options, *words], input=stdin, check=True, capture_output=True, timeout=120
    ).stdout


@pytest.mark.needs("gpg")
def test_gpg_signs_as_the_committer_and_verifies(make: Make, gnupg: Path) -> None:
    gpg("", "--quick-gen-key", "owner <owner@example.com>", "ed25519", "sign", "never")
    scene = make(PIPELINE + "land: {sign: gpg}\n")
    scene.add(file("new.txt", "new\n"))
    assert scene.tick().finished
    scene.repo.git("verify-commit", "main")


@pytest.mark.needs("gpg")
def test_gpg_that_would_ask_for_a_passphrase_is_locked_until_its_agent_knows_it(
    make: Make, gnupg: Path
) -> None:
    gpg("secret", "--quick-gen-key", "owner <owner@example.com>", "ed25519", "sign", "never")
    subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=True, capture_output=True)
    scene = make(PIPELINE + "land: {sign: gpg}\n")
    scene.add(file("new.txt", "new\n"))
    scene.tick()
    assert scene.standing(1) == ("landing", "sign-locked")
    assert scene.repo.landed() == ["start"]
    gpg("secret", "-bsa", stdin=b"warm")
    assert scene.tick().finished
    scene.repo.git("verify-commit", "main")


@pytest.mark.needs("gpg")
def test_gpg_without_a_key_of_that_name_has_its_own_code(make: Make, gnupg: Path) -> None:
    scene = make(PIPELINE + "land: {sign: gpg}\n")
    scene.add(file("new.txt", "new\n"))
    scene.tick()
    assert scene.standing(1) == ("landing", "sign-no-key")
