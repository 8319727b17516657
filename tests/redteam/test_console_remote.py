"""A console that others can reach: TLS and a password or nothing, and what either is worth."""

from __future__ import annotations

import json
import logging
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from sps.bootstrap import Wired
from sps.cli.console import password as password_command
from sps.cli.console import tls as tls_command
from sps.cli.up import up
from sps.console.guard import cookie_name, peer
from sps.daemon import wire
from sps.model.access import GrantKind, Role
from sps.model.errors import Misuse, SpsError
from sps.services import access, remote
from sps.services.doctor import doctor
from tests.fakes.small_world import small_world
from tests.redteam.console_tls import (
    NAME,
    PASSWORD,
    Pem,
    Served,
    make_pem,
    remote_console,
    ticking_world,
)

pytestmark = pytest.mark.needs("openssl")


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Pem:
    return make_pem(tmp_path_factory.mktemp("pem"))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, pem: Pem) -> Iterator[Served]:
    with remote_console(tmp_path_factory.mktemp("served"), pem) as made:
        yield made


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of which commands know."""
    folder = tmp_path / "home"
    ticking_world(folder).store.close()
    monkeypatch.setenv("SPS_HOME", str(folder))
    return folder


def refusal(command: object, *words: str, typed: str = "") -> SpsError:
    ran = CliRunner().invoke(command, list(words), input=typed)  # type: ignore[arg-type]
    assert isinstance(ran.exception, SpsError), ran.output
    return ran.exception


def test_listening_for_others_needs_both_and_one_sentence_names_both_commands(
    home: Path, pem: Pem
) -> None:
    for host in ("0.0.0.0", "::", "192.0.2.7"):
        refused = refusal(up, "--host", host)
        assert (refused.code, refused.exit_code) == ("host-needs-tls", 2)
        assert remote.TLS_COMMAND in refused.message
        assert remote.PASSWORD_COMMAND in refused.message
    for host in ("", "no such host", "127.0.0.1 "):
        assert refusal(up, "--host", host).code == "bad-host"
    files = [str(pem.certificate), str(pem.key)]
    assert CliRunner().invoke(tls_command, files).exit_code == 0
    assert refusal(up, "--host", "0.0.0.0").message.count("a password is missing") == 1
    assert not (home / "daemon.json").exists()


@pytest.mark.parametrize(
    "spoil,code",
    [
        ("rm cert", "no-certificate"), ("rm key", "no-key"), ("dir key", "unreadable-key"),
        ("junk cert", "bad-certificate"), ("junk key", "bad-certificate"),
        ("chmod key", "exposed-key"), ("other key", "key-mismatch"),
        ("locked key", "encrypted-key"), ("key as cert", "bad-certificate"),
    ],
)  # fmt: skip
def test_a_certificate_that_is_of_no_use_is_refused_by_name(
    tmp_path: Path, pem: Pem, spoil: str, code: str
) -> None:
    world = ticking_world(tmp_path / "home")
    mine = Pem(tmp_path / "cert.pem", tmp_path / "key.pem")
    mine.certificate.write_bytes(pem.certificate.read_bytes())
    mine.key.write_bytes(pem.key.read_bytes())
    mine.key.chmod(0o600)
    remote.set_certificate(world, mine.certificate, mine.key)
    remote.set_password(world, PASSWORD)
    _spoil(tmp_path, mine, spoil)
    for act in (
        lambda: remote.set_certificate(world, mine.certificate, mine.key),
        lambda: remote.checked(world, "0.0.0.0"),
    ):
        with pytest.raises(Misuse) as refused:
            act()
        assert refused.value.code == code
        assert refused.value.hint
        assert str(tmp_path) in refused.value.message
    (found,) = [one for one in doctor(world, None) if one.name == "access from other machines"]
    assert (found.ok, bool(found.command)) == (False, True)
    world.store.close()


def _spoil(folder: Path, mine: Pem, how: str) -> None:
    match how:
        case "rm cert":
            mine.certificate.unlink()
        case "rm key":
            mine.key.unlink()
        case "dir key":
            mine.key.unlink()
            mine.key.mkdir()
        case "junk cert":
            mine.certificate.write_text("no certificate")
        case "junk key":
            mine.key.write_text("no key")
        case "chmod key":
            mine.key.chmod(0o604)
        case "other key":
            mine.key.write_bytes(make_pem(folder / "other").key.read_bytes())
        case "locked key":
            made = make_pem(folder / "locked", NAME, "-passout", "pass:a passphrase")
            mine.key.write_bytes(made.key.read_bytes())
            mine.certificate.write_bytes(made.certificate.read_bytes())
        case "key as cert":
            mine.certificate.write_bytes(mine.key.read_bytes())


@pytest.mark.parametrize("days,code", [(-2, "certificate-early"), (31, "certificate-expired")])
def test_a_certificate_holds_between_its_dates(
    tmp_path: Path, pem: Pem, days: int, code: str
) -> None:
    world = ticking_world(tmp_path / "home")
    remote.set_certificate(world, pem.certificate, pem.key)
    remote.set_password(world, PASSWORD)
    assert remote.checked(world, "0.0.0.0").names == (NAME, "::1")
    later(world, days)
    with pytest.raises(Misuse) as refused:
        remote.checked(world, "0.0.0.0")
    assert refused.value.code == code
    world.store.close()


def test_doctor_says_when_the_certificate_ends_soon(tmp_path: Path, pem: Pem) -> None:
    world = ticking_world(tmp_path / "home")
    assert not [one for one in doctor(world, None) if one.name == "access from other machines"]
    remote.set_certificate(world, pem.certificate, pem.key)
    remote.set_password(world, PASSWORD)
    (found,) = [one for one in doctor(world, None) if one.name == "access from other machines"]
    assert found.ok
    assert str(remote.prepared(world).expires_at) in found.cause
    later(world, 20)
    (found,) = [one for one in doctor(world, None) if one.name == "access from other machines"]
    assert (found.ok, found.command) == (False, remote.TLS_COMMAND)
    assert "ends soon" in found.cause
    world.store.close()


def later(world: Wired, days: int) -> None:
    """Let so many days have passed, for all that asks the clock what time it is."""
    now = world.clock.now()

    class Later:
        def now(self) -> int:
            return now + days * 24 * 3600 * 1000

    vars(world).update(clock=Later())


def test_only_names_that_the_certificate_is_for_are_taken(tmp_path: Path, pem: Pem) -> None:
    world = ticking_world(tmp_path / "home")
    for names, kept in (
        ((), (NAME, "::1")), ((NAME.upper(),), (NAME,)), (("a.wild.test",), ("a.wild.test",)),
        (("[::1]",), ("::1",)),
    ):  # fmt: skip
        assert remote.set_certificate(world, pem.certificate, pem.key, names).names == kept
    for name, code in (
        ("evil.example", "foreign-name"), ("a.b.wild.test", "foreign-name"),
        ("wild.test", "foreign-name"), ("127.0.0.1", "foreign-name"),
        (f"https://{NAME}", "bad-name"), (f"{NAME}:443", "bad-name"), ("*", "bad-name"),
        ("", "bad-name"),
    ):  # fmt: skip
        with pytest.raises(Misuse) as refused:
            remote.set_certificate(world, pem.certificate, pem.key, (name,))
        assert refused.value.code == code, name
    world.store.close()


def test_a_password_is_read_where_only_its_owner_can_have_put_it(
    home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{PASSWORD}\nnot this line\n")
    file.chmod(0o644)
    assert refusal(password_command, "--file", str(file)).code == "bad-password-file"
    file.chmod(0o600)
    link = tmp_path / "link"
    link.symlink_to(file)
    assert refusal(password_command, "--file", str(link)).code == "bad-password-file"
    assert refusal(password_command).code == "no-password"
    for weak in ("short", "a" * 12, "abababababab", "x" * 1025):
        assert refusal(password_command, typed=weak).code == "weak-password"
    assert CliRunner().invoke(password_command, ["--file", str(file), "--dry-run"]).exit_code == 0
    assert not (home / "remote.json").exists()
    assert CliRunner().invoke(password_command, ["--file", str(file)]).exit_code == 0
    kept = home / "remote.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert json.loads(kept.read_text())["password"].startswith("$argon2id$")
    assert PASSWORD not in kept.read_text()


def test_a_new_password_ends_every_session(tmp_path: Path) -> None:
    world = ticking_world(tmp_path / "home")
    remote.set_password(world, PASSWORD)
    secret, _ = remote.sign_in(world, PASSWORD, "b")
    token, _ = access.grant(world, GrantKind.TOKEN, Role.VIEWER, "t")
    remote.set_password(world, PASSWORD + "!")
    assert access.known(world, secret, GrantKind.SESSION) is None
    assert access.known(world, token, GrantKind.TOKEN) is not None
    with pytest.raises(Misuse, match="not the password"):
        remote.sign_in(world, PASSWORD, "b")
    remote.forget_password(world)
    for guess in (PASSWORD, ""):
        with pytest.raises(Misuse, match="not the password"):
            remote.sign_in(world, guess, "b")
    world.store.close()


def test_the_password_opens_a_session_in_a_cookie_that_only_this_host_can_set(
    served: Served,
) -> None:
    page = served.ask("GET", "/sign-in")
    assert 'name="password"' in page.body
    entered = served.enter(password=PASSWORD)
    assert entered.status == 303, entered.body
    (cookie,) = entered.all("set-cookie")
    name, _, rest = cookie.partition("=")
    assert name == cookie_name(served.world, tls=True)
    assert name.startswith("__Host-")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= set(rest.split("; "))
    assert "Domain" not in cookie
    pair = cookie.partition(";")[0]
    assert served.ask("GET", "/api/v1/needs", cookie=pair).status == 200
    plain = f"{cookie_name(served.world, tls=False)}={pair.partition('=')[2]}"
    assert served.ask("GET", "/api/v1/needs", cookie=plain).status == 401
    taste = served.ask("POST", "/taste", b"theme=dark", cookie=pair)
    assert "Secure" in taste.all("set-cookie")[0]


def test_every_answer_says_that_this_host_speaks_tls_only(served: Served) -> None:
    for path in ("/sign-in", "/", "/health/live", "/no/such/page", "/metrics"):
        assert served.ask("GET", path).all("strict-transport-security") == ["max-age=31536000"]


def test_a_page_without_a_session_asks_for_the_password(served: Served) -> None:
    page = served.ask("GET", "/")
    assert page.status == 401
    assert 'name="password"' in page.body


@pytest.mark.parametrize("host", ["127.0.0.1:{}", "localhost:{}", "evil.example:{}", NAME])
def test_only_the_names_of_the_owner_are_answered(served: Served, host: str) -> None:
    said = host.format(served.port)
    for path in ("/sign-in", "/health/live"):
        assert served.ask("GET", path, host=said).status == 421


def test_changes_come_from_the_page_behind_tls_alone(served: Served) -> None:
    good = {"sec_fetch_site": None}
    for origin in (f"http://{served.host}", f"https://{NAME}", "https://evil.example", "null"):
        said = served.ask("POST", "/sign-in", b"code=x", origin=origin, **good)
        assert said.status == 403
    said = served.ask("POST", "/sign-in", b"code=x", origin=f"https://{served.host}", **good)
    assert said.status == 422  # the way is open, the word is none


def test_a_password_is_no_way_in_without_tls(tmp_path: Path) -> None:
    from tests.integration.console_scene import console_scene

    with console_scene(tmp_path) as scene:
        remote.set_password(scene.world, PASSWORD)
        assert scene.stranger().post_form("/sign-in", {"password": PASSWORD}).status == 422
        assert 'name="password"' not in scene.stranger().get("/sign-in").text


def test_guesses_are_held_off_before_they_are_looked_at_and_the_owner_comes_in(
    tmp_path: Path, pem: Pem, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with remote_console(tmp_path, pem) as served:
        looked = []
        real = served.world.remote.matches

        def matches(hashed: str, given: str) -> bool:
            looked.append(given)
            return real(hashed, given)

        monkeypatch.setattr(served.world.remote, "matches", matches)
        # No guess comes back by waiting, however slow this machine is.
        monkeypatch.setattr(served.world.clock, "steady", lambda: 1000.0)
        guess = "canary of a guessed password"
        statuses = [served.enter(password=guess).status for _ in range(14)]
        assert statuses[:5] == [422] * 5
        assert statuses[-1] == 429
        assert len(looked) <= 11
        assert served.enter(password=PASSWORD).status == 429
        word, _ = access.grant(served.world, GrantKind.LAUNCH, Role.ADMIN, "owner")
        assert served.enter(code=word).status == 303
    told = " ".join(str(vars(record)) for record in caplog.records)
    assert "password refused" in told
    assert guess not in told


def test_a_network_of_addresses_has_the_guesses_of_one() -> None:
    assert peer("2001:db8::1") == peer("2001:db8::ffff:1")
    assert peer("2001:db8::1") != peer("2001:db8:0:1::1")
    assert peer("::ffff:192.0.2.1") == peer("192.0.2.1") == "192.0.2.1"


def test_without_a_password_a_guess_takes_as_long(tmp_path: Path) -> None:
    """Both do the whole work: a hash of the same parameters."""
    from sps.adapters.remote_file import password

    assert password._nobodys().rpartition("$p=")[0] == password.hashed("x").rpartition("$p=")[0]
    assert not password.matches("", "")
    assert not password.matches("no hash", "x")
    assert small_world(tmp_path / "home").remote.matches("", "") is False


def test_old_protocols_and_plain_text_get_nothing(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as line:
        line.sendall(f"GET / HTTP/1.1\r\nHost: {served.host}\r\n\r\n".encode())
        assert b"HTTP/1.1" not in line.recv(4096)
    context = served.world.remote.context(served.pem.certificate, served.pem.key)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_who_does_not_finish_the_handshake_is_not_waited_for(
    tmp_path: Path, pem: Pem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "HEAD_S", 0.4)
    with remote_console(tmp_path, pem) as served:
        with socket.create_connection(("127.0.0.1", served.port), timeout=10) as line:
            line.sendall(b"\x16\x03")  # the beginning of a greeting
            assert line.recv(4096) == b""
        assert served.ask("GET", "/sign-in").status == 200
