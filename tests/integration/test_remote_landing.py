"""A private upstream: fetched from and landed on with the owner's own means, nothing lost."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.adapters.git_vault import GitVault
from sps.lib import proctree
from sps.lib.reins import Reins
from sps.model.errors import Absent, SpsError, WorkFailed
from sps.model.event import EventKind
from sps.model.pipeline import Land, LandTarget
from sps.ports.store import Landing
from sps.ports.vault import Pushed, PushOutcome
from sps.services.doctor import Check, doctor
from tests.integration.scene import PIPELINE, Make, Scene, file, hold_on, scenes
from tests.redteam.console_tls import Pem, make_pem
from tests.remote_host import HttpHost, SshHost, http_host, keypair, ssh_host
from tests.vault_place import VaultPlace, make_place, naive

pytestmark = pytest.mark.needs("git")
ORIGIN = Land(to=LandTarget.ORIGIN)
_LAND = PIPELINE + "land: {to: origin}\n"


@pytest.fixture
def owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The owner's own git configuration; nothing of the machine's counts."""
    path = tmp_path / "gitconfig"
    path.write_text("[user]\n\tname = Owner\n\temail = owner@example.org\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in (
        "SSH_AUTH_SOCK", "GIT_SSH_COMMAND", "http_proxy", "all_proxy", "https_proxy",
        "GIT_SSL_CAINFO", "GIT_SSL_CAPATH",
    ):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    return path


@pytest.fixture(scope="module")
def ssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshHost]:
    with ssh_host(tmp_path_factory.mktemp("host") / "ssh") as host:
        yield host


@pytest.fixture
def http(tmp_path: Path) -> Iterator[HttpHost]:
    root = tmp_path / "served"
    root.mkdir()
    with http_host(root) as host:
        yield host


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with scenes(tmp_path / "scenes", _LAND) as build:
        yield build


def upstream(of: Path, at: Path) -> Path:
    naive("clone", "-q", "--bare", str(of), str(at), cwd=of)
    naive("config", "http.receivepack", "true", cwd=at)
    return at


def hook(repository: Path, name: str, script: str) -> Path:
    path = repository / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def over_ssh(place: VaultPlace, host: SshHost) -> Path:
    remote = upstream(place.repo, place.root / "upstream.git")
    naive("remote", "add", "origin", host.url(remote), cwd=place.repo)
    naive("config", "core.sshCommand", host.command(), cwd=place.repo)
    return remote


def over_http(repo: Path, host: HttpHost, owner: Path, *, login: bool = True) -> Path:
    remote = upstream(repo, host.root / "team.git")
    naive("remote", "add", "origin", host.url("team.git"), cwd=repo)
    if login:
        log_in(host, owner)
    return remote


def log_in(host: HttpHost, owner: Path) -> None:
    store = owner.with_name("logins")
    store.write_text(host.stored)
    store.chmod(0o600)
    with owner.open("a") as config:
        config.write(f"[credential]\n\thelper = store --file={store}\n")


def head(repository: Path) -> str:
    return naive("rev-parse", "main", cwd=repository)


def land(place: VaultPlace) -> tuple[str, Pushed]:
    base = place.vault.refresh(place.project, ORIGIN).commit
    tip = place.work()
    commit = place.vault.commit_merge(place.project, place.landing(base, tip))
    return commit, place.vault.push(place.project, ORIGIN, commit, base)


def refused(place: VaultPlace) -> SpsError:
    with pytest.raises(SpsError) as caught:
        place.vault.refresh(place.project, ORIGIN)
    return caught.value


@pytest.mark.needs("sshd")
def test_upstream_over_ssh_is_fetched_and_landed_on_with_the_repositorys_own_ssh_command(
    tmp_path: Path, owner: Path, ssh: SshHost
) -> None:
    place = make_place(tmp_path)
    remote = over_ssh(place, ssh)
    other = place.root / "colleague"
    naive("clone", "-q", str(remote), str(other), cwd=place.root)
    theirs = place.commit_file("theirs.txt", "theirs\n", other)
    naive("push", "-q", "origin", "main", cwd=other)
    commit, pushed = land(place)
    assert (pushed.outcome, head(remote)) == (PushOutcome.LANDED, commit)
    assert theirs in naive("log", "--format=%H", "main", cwd=remote)
    assert "theirs.txt" not in naive("ls-files", cwd=place.repo)


def test_upstream_over_http_is_opened_by_the_owners_credential_helper(
    tmp_path: Path, owner: Path, http: HttpHost
) -> None:
    place = make_place(tmp_path)
    remote = over_http(place.repo, http, owner)
    commit, pushed = land(place)
    assert (pushed.outcome, head(remote)) == (PushOutcome.LANDED, commit)
    assert http.users


@pytest.fixture
def https(tmp_path: Path) -> Iterator[tuple[HttpHost, Pem]]:
    """A host that no authority of this machine knows."""
    folder = tmp_path / "authority"
    folder.mkdir()
    pem = make_pem(folder, "127.0.0.1", "-nodes", "-addext", "subjectAltName=IP:127.0.0.1")
    root = tmp_path / "served"
    root.mkdir()
    with http_host(root, (pem.certificate, pem.key)) as host:
        yield host, pem


@pytest.mark.needs("openssl")
@pytest.mark.parametrize("where", ["global", "repository", "one-host", "environment"])
def test_upstream_over_https_is_trusted_by_the_owners_own_certificates_and_by_nothing_else(
    tmp_path: Path,
    owner: Path,
    https: tuple[HttpHost, Pem],
    monkeypatch: pytest.MonkeyPatch,
    where: str,
) -> None:
    host, pem = https
    place = make_place(tmp_path)
    remote = over_http(place.repo, host, owner)
    before = head(remote)
    stranger = refused(place)
    assert stranger.code == "remote-unreachable"
    assert "certificate" in stranger.message
    assert (host.users, host.asked, head(remote)) == ([], [], before)  # no password went out
    if where == "environment":
        monkeypatch.setenv("GIT_SSL_CAINFO", str(pem.certificate))
    key = f"http.{host.url('')}.sslCAInfo" if where == "one-host" else "http.sslCAInfo"
    to = ("-f", str(owner)) if where == "global" else ()
    if where != "environment":
        naive("config", *to, key, str(pem.certificate), cwd=place.repo)
    commit, pushed = land(place)
    assert (pushed.outcome, head(remote)) == (PushOutcome.LANDED, commit)
    assert host.users


@pytest.mark.needs("openssl", "bwrap")
def test_host_whose_certificate_nobody_knows_halts_the_project_until_its_owner_trusts_it(
    make: Make, owner: Path, https: tuple[HttpHost, Pem]
) -> None:
    host, pem = https
    scene = make()
    remote = served(scene, host, owner)
    scene.add(file("new.txt", "new\n"))
    scene.tick()
    assert scene.halted() == "remote-unreachable"
    assert scene.card(1).attempt <= 1
    scene.repo.git("config", "http.sslCAInfo", str(pem.certificate))
    assert scene.tick().finished
    assert naive("log", "-1", "--format=%s", "main", cwd=remote) == "Card 1 (p#1)"


def test_aliases_helpers_and_includes_of_the_owner_count(
    tmp_path: Path, owner: Path, http: HttpHost
) -> None:
    """insteadOf from the global file, the helper from a file that is included for this folder."""
    place = make_place(tmp_path)
    remote = upstream(place.repo, http.root / "team.git")
    naive("remote", "add", "origin", "work:team.git", cwd=place.repo)
    there = owner.with_name("only-there")
    there.touch()
    log_in(http, there)
    with owner.open("a") as config:
        config.write(
            f'[url "http://127.0.0.1:{http.port}/"]\n\tinsteadOf = work:\n'
            f'[includeIf "gitdir:{place.repo}/"]\n\tpath = {there}\n'
        )
    commit, pushed = land(place)
    assert (pushed.outcome, head(remote)) == (PushOutcome.LANDED, commit)


def test_proxy_of_the_owner_is_used(tmp_path: Path, owner: Path, http: HttpHost) -> None:
    place = make_place(tmp_path)
    remote = upstream(place.repo, http.root / "team.git")
    naive("remote", "add", "origin", "http://git.invalid/team.git", cwd=place.repo)
    naive("config", "http.proxy", f"http://127.0.0.1:{http.port}", cwd=place.repo)
    http.public = True
    place.vault.refresh(place.project, ORIGIN)
    assert all("http://git.invalid/team.git" in line for line in http.asked)
    assert head(remote) == place.head


def test_place_that_is_pushed_to_is_the_one_that_is_read_back(
    tmp_path: Path, owner: Path, http: HttpHost
) -> None:
    place = make_place(tmp_path)
    remote = over_http(place.repo, http, owner)
    mirror = upstream(place.repo, tmp_path / "mirror.git")
    naive("remote", "set-url", "origin", str(mirror), cwd=place.repo)
    naive("remote", "set-url", "--push", "origin", http.url("team.git"), cwd=place.repo)
    before = head(mirror)
    commit, pushed = land(place)
    assert (pushed.outcome, head(remote), head(mirror)) == (PushOutcome.LANDED, commit, before)


@pytest.mark.needs("sshd")
@pytest.mark.parametrize("way", ["other-key", "locked-key", "unknown-host"])
def test_ssh_that_would_ask_fails_at_once_as_a_login(
    tmp_path: Path, owner: Path, ssh: SshHost, way: str
) -> None:
    place = make_place(tmp_path)
    over_ssh(place, ssh)
    key, known = ssh.key, ssh.known
    if way == "unknown-host":
        known = tmp_path / "nobody"
    else:
        key = keypair(tmp_path / "key", "secret" if way == "locked-key" else "")
    command = ssh.command(key=key, known=known)
    naive("config", "core.sshCommand", command, cwd=place.repo)
    begun = time.monotonic()
    assert refused(place).code == "remote-login"
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("stored", [False, True], ids=["none", "wrong"])
def test_http_without_a_right_password_fails_at_once_as_a_login(
    tmp_path: Path, owner: Path, http: HttpHost, stored: bool
) -> None:
    place = make_place(tmp_path)
    over_http(place.repo, http, owner, login=False)
    if stored:
        log_in(http, owner)
        logins = owner.with_name("logins")
        logins.write_text(logins.read_text().replace("correct", "forgotten"))
    failed = refused(place)
    assert failed.code == "remote-login"
    assert "forgotten" not in failed.message
    assert failed.hint


def test_push_that_needs_a_login_is_no_refusal_and_knocking_says_so(
    tmp_path: Path, owner: Path, http: HttpHost
) -> None:
    """Reading is free there, so only a push, or a knock, finds out."""
    place = make_place(tmp_path)
    remote = over_http(place.repo, http, owner, login=False)
    http.public = True
    before = head(remote)
    _, pushed = land(place)
    assert (pushed.outcome, head(remote)) == (PushOutcome.LOGIN, before)
    with pytest.raises(WorkFailed) as caught:
        place.vault.knock(place.project, ORIGIN)
    assert caught.value.code == "remote-login"
    log_in(http, owner)
    place.vault.knock(place.project, ORIGIN)
    assert head(remote) == before


def test_silent_host_is_given_up_and_no_process_stays(tmp_path: Path, owner: Path) -> None:
    place = make_place(tmp_path)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(8)
        port = silent.getsockname()[1]
        naive("remote", "add", "origin", f"http://127.0.0.1:{port}/x.git", cwd=place.repo)
        reins = Reins()
        mark = f"{os.getpid()}-silent"
        reins.take({"SPS_TEST_MARK": mark})
        vault = GitVault(place.home, reins=reins, patience=1.0)
        with pytest.raises(WorkFailed) as caught:
            vault.refresh(place.project, ORIGIN)
    assert caught.value.code == "remote-unreachable"
    assert not proctree.tagged("SPS_TEST_MARK", mark)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9/x.git", "ssh://127.0.0.1:9/x.git", "https://nowhere.invalid/x.git"],
)
def test_host_that_is_not_there_is_out_of_reach(tmp_path: Path, owner: Path, url: str) -> None:
    place = make_place(tmp_path)
    naive("remote", "add", "origin", url, cwd=place.repo)
    assert refused(place).code == "remote-unreachable"


def test_repository_that_is_not_there_is_missing(
    tmp_path: Path, owner: Path, http: HttpHost
) -> None:
    place = make_place(tmp_path)
    over_http(place.repo, http, owner)
    naive("remote", "set-url", "origin", http.url("other.git"), cwd=place.repo)
    failed = refused(place)
    assert isinstance(failed, Absent)
    assert failed.code == "target-missing"


@pytest.mark.parametrize("guard", ["pre-receive", "update", "protected"])
def test_refused_push_is_quoted_and_loses_nothing(
    tmp_path: Path, owner: Path, http: HttpHost, guard: str
) -> None:
    place = make_place(tmp_path)
    remote = over_http(place.repo, http, owner)
    if guard == "protected":
        naive("config", "receive.denyUpdates", "true", cwd=remote)
        hook(remote, "update", "echo GH006: protected branch >&2; exit 1")
    else:
        hook(remote, guard, "echo not on a Friday >&2; exit 1")
    before = head(remote)
    commit, pushed = land(place)
    assert (pushed.outcome, head(remote)) == (PushOutcome.REFUSED, before)
    assert ("protected branch" if guard == "protected" else "not on a Friday") in pushed.detail
    assert place.vault.exists(place.project, commit)


@pytest.mark.parametrize("force", [False, True], ids=["moved", "force-pushed"])
def test_target_that_moves_is_not_overwritten(
    tmp_path: Path, owner: Path, http: HttpHost, force: bool
) -> None:
    place = make_place(tmp_path)
    place.commit_file("second.txt", "second\n")
    remote = over_http(place.repo, http, owner)
    base = place.vault.refresh(place.project, ORIGIN).commit
    tip = place.work()
    commit = place.vault.commit_merge(place.project, place.landing(base, tip))
    other = place.root / "colleague"
    naive("clone", "-q", str(remote), str(other), cwd=place.root)
    if force:
        naive("reset", "-q", "--hard", "HEAD~1", cwd=other)
    theirs = place.commit_file("theirs.txt", "theirs\n", other)
    naive("push", "-q", "--force", "origin", "main", cwd=other)
    assert place.vault.push(place.project, ORIGIN, commit, base).outcome is PushOutcome.MOVED
    assert head(remote) == theirs
    assert place.vault.refresh(place.project, ORIGIN).commit == theirs
    assert place.vault.exists(place.project, tip)


def test_deleted_target_is_missing_and_not_made_again(
    tmp_path: Path, owner: Path, http: HttpHost
) -> None:
    place = make_place(tmp_path)
    remote = over_http(place.repo, http, owner)
    base = place.vault.refresh(place.project, ORIGIN).commit
    commit = place.vault.commit_merge(place.project, place.landing(base, place.work()))
    naive("update-ref", "-d", "refs/heads/main", cwd=remote)
    with pytest.raises(Absent) as caught:
        place.vault.push(place.project, ORIGIN, commit, base)
    assert caught.value.code == "target-missing"
    assert naive("for-each-ref", cwd=remote) == ""
    assert place.vault.exists(place.project, commit)


def test_push_cut_off_before_the_ref_moved_is_unknown_and_the_same_commit_lands_later(
    tmp_path: Path, owner: Path, http: HttpHost
) -> None:
    place = make_place(tmp_path)
    remote = over_http(place.repo, http, owner)
    base = place.vault.refresh(place.project, ORIGIN).commit
    commit = place.vault.commit_merge(place.project, place.landing(base, place.work()))
    http.lose_pushes = "before"
    with pytest.raises(WorkFailed) as caught:
        place.vault.push(place.project, ORIGIN, commit, base)
    assert caught.value.code == "remote-unreachable"
    assert head(remote) == base
    http.lose_pushes = ""
    assert place.vault.push(place.project, ORIGIN, commit, base).outcome is PushOutcome.LANDED
    assert head(remote) == commit


def test_lost_answer_to_a_push_that_moved_the_ref_is_a_landing(
    tmp_path: Path, owner: Path, http: HttpHost
) -> None:
    place = make_place(tmp_path)
    remote = over_http(place.repo, http, owner)
    http.lose_pushes = "after"
    commit, pushed = land(place)
    assert (pushed.outcome, head(remote)) == (PushOutcome.LANDED, commit)


@pytest.mark.needs("sshd")
def test_connection_that_dies_after_the_ref_moved_is_a_landing_over_ssh_too(
    tmp_path: Path, owner: Path, ssh: SshHost
) -> None:
    place = make_place(tmp_path)
    remote = over_ssh(place, ssh)
    hook(remote, "post-receive", "kill -9 $PPID")
    commit, pushed = land(place)
    assert (pushed.outcome, head(remote)) == (PushOutcome.LANDED, commit)


# The same through the whole flow: cards, halts and going on.


def served(scene: Scene, http: HttpHost, owner: Path, *, login: bool = True) -> Path:
    return over_http(scene.repo.path, http, owner, login=login)


def landing_of(scene: Scene) -> Landing:
    card = scene.card(1)
    found = scene.world.store.read(lambda tx: tx.landing(card.id))
    assert found is not None
    return found


def kinds(scene: Scene, kind: EventKind) -> list[str]:
    return [str(e.payload.get("reason")) for e in scene.all_events() if e.kind is kind]


@pytest.mark.needs("bwrap")
def test_failed_login_stops_the_project_once_and_costs_no_card_anything(
    make: Make, owner: Path, http: HttpHost
) -> None:
    scene = make()
    remote = served(scene, http, owner, login=False)
    for number in (1, 2, 3):
        scene.add(file(f"new{number}.txt", "new\n"))
    board = scene.tick()
    assert (board.quiet, board.finished, scene.halted()) == (True, False, "remote-login")
    assert set(scene.states().values()) <= {"ready", "running"}
    assert kinds(scene, EventKind.PROJECT_HALTED) == ["remote-login"]
    log_in(http, owner)
    assert scene.tick().finished
    assert len(naive("log", "--first-parent", "--format=%s", "main", cwd=remote).splitlines()) == 4
    assert {scene.card(number).attempt for number in (1, 2, 3)} == {1}


@pytest.mark.needs("bwrap")
def test_login_that_ends_before_the_push_leaves_the_card_in_landing_and_free(
    make: Make, owner: Path, http: HttpHost
) -> None:
    scene = make()
    remote = served(scene, http, owner, login=False)
    http.public = True
    scene.add(file("new.txt", "new\n"))
    scene.tick()
    assert scene.standing(1) == ("landing", "remote-login")
    assert scene.halted() == "remote-login"
    assert not landing_of(scene).in_flight
    log_in(http, owner)
    assert scene.tick().finished
    assert naive("log", "-1", "--format=%s", "main", cwd=remote) == "Card 1 (p#1)"


@pytest.mark.needs("bwrap")
@pytest.mark.parametrize("when", ["before", "after"])
def test_network_that_dies_in_mid_push_ends_as_exactly_one_landing(
    make: Make, owner: Path, http: HttpHost, when: str
) -> None:
    """The whole host is gone while the answer is awaited: not even reading back is possible."""
    scene = make()
    remote = served(scene, http, owner)
    scene.add(file("new.txt", "new\n"))
    http.lose_pushes, http.dies = when, True
    scene.tick()
    assert scene.halted() == "remote-unreachable"
    assert scene.card(1).state.value == "landing"
    pushed = landing_of(scene)
    assert pushed.in_flight
    assert (head(remote) == pushed.commit) == (when == "after")
    http.lose_pushes, http.dies, http.dead = "", False, False
    assert scene.tick().finished
    subjects = naive("log", "--first-parent", "--format=%s", "main", cwd=remote).splitlines()
    assert subjects == ["Card 1 (p#1)", "start"]
    landed = scene.card(1).landed
    assert landed is not None
    assert landed.commit == pushed.commit == head(remote)


@pytest.mark.needs("bwrap")
def test_force_pushed_upstream_is_followed_and_the_card_lands_on_it(
    make: Make, owner: Path, http: HttpHost
) -> None:
    scene = make()
    scene.repo.commit({"second.txt": "second\n"}, "second")
    remote = served(scene, http, owner)
    scene.add(hold_on() + file("new.txt", "new\n"))
    other = scene.folder / "colleague"

    def rewrite() -> None:
        naive("clone", "-q", str(remote), str(other), cwd=scene.folder)
        naive("reset", "-q", "--hard", "HEAD~1", cwd=other)
        (other / "theirs.txt").write_text("theirs\n")
        naive("add", "-A", cwd=other)
        naive("commit", "-qm", "rewritten", cwd=other)
        naive("push", "-q", "--force", "origin", "main", cwd=other)
        scene.go_on(1)

    assert scene.tick(when=lambda: scene.working(1), do=rewrite).finished
    subjects = naive("log", "--first-parent", "--format=%s", "main", cwd=remote).splitlines()
    assert subjects == ["Card 1 (p#1)", "rewritten", "start"]
    assert "target-rewritten" in scene.reasons(1)


@pytest.mark.needs("bwrap")
def test_protected_branch_keeps_the_card_in_landing_with_the_hosts_words(
    make: Make, owner: Path, http: HttpHost
) -> None:
    scene = make()
    remote = served(scene, http, owner)
    guard = hook(remote, "pre-receive", "echo GH006: protected branch >&2; exit 1")
    scene.add(file("new.txt", "new\n"))
    scene.tick()
    assert scene.standing(1) == ("landing", "target-refused")
    assert "protected branch" in scene.card(1).detail
    assert scene.halted() is None
    guard.unlink()
    assert scene.tick().finished
    assert naive("log", "-1", "--format=%s", "main", cwd=remote) == "Card 1 (p#1)"


@pytest.mark.needs("bwrap")
def test_doctor_knocks_at_the_upstream_and_writes_nothing(
    make: Make, owner: Path, http: HttpHost
) -> None:
    scene = make()
    remote = served(scene, http, owner, login=False)
    http.public = True
    before = head(remote), scene.vault("for-each-ref")

    def asked() -> Check:
        return next(one for one in doctor(scene.world, "p") if one.name == "p: origin")

    found = asked()
    assert (found.ok, "ls-remote" in found.command) == (False, True)
    log_in(http, owner)
    assert asked().ok
    assert (head(remote), scene.vault("for-each-ref")) == before
