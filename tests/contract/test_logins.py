"""What a home promises about the logins of agents."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import pytest

from sps.adapters.logins_home import HomeLogins
from sps.model.errors import Absent, Held, WorkFailed
from sps.ports.agent import AgentKind
from sps.ports.logins import LoginBy
from tests.contract.agent_room import Hurry
from tests.contract.boxes import until

KIND = AgentKind(
    name="keeper",
    command=("keeper",),
    keys=("KEEPER_KEY",),
    login_files=(".keeper/auth.json",),
    login_expiry=("until",),
    login=("keeper-login",),
    install="get keeper",
)
FILE = KIND.login_files[0]
NOW = Hurry().now() // 1000


@pytest.fixture
def clock() -> Hurry:
    return Hurry(100.0)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path / "owner"), "PATH": os.environ["PATH"]}


@pytest.fixture
def logins(tmp_path: Path, clock: Hurry, environment: dict[str, str]) -> HomeLogins:
    return HomeLogins(tmp_path / "agents", clock, environment)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def _text(token: str, until: int = 0) -> str:
    return json.dumps({"token": f"secret-token-{token}", "until": until})


def _keep(logins: HomeLogins, text: str) -> Path:
    path = logins.folder(KIND) / FILE
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_a_login_is_a_variable_a_kept_key_or_a_file_in_this_order(
    logins: HomeLogins, environment: dict[str, str]
) -> None:
    assert logins.state(AgentKind(name="free")).by is LoginBy.NOTHING_NEEDED
    assert (logins.state(KIND).by, logins.state(KIND).ready) == (LoginBy.MISSING, False)
    _keep(logins, _text("a", NOW))
    state = logins.state(KIND)
    assert (state.by, state.names, state.expires_at) == (LoginBy.FILE, (FILE,), NOW * 1000)
    logins.keep_key(KIND, "KEEPER_KEY", "kept-value-of-the-key")
    assert logins.state(KIND).by is LoginBy.KEY
    environment["KEEPER_KEY"] = "value-of-the-owner"
    assert logins.state(KIND).by is LoginBy.VARIABLE


@pytest.mark.parametrize("text", ["", "{", "[]", '"words"'])
def test_a_torn_file_is_no_login(logins: HomeLogins, text: str) -> None:
    _keep(logins, text)
    assert not logins.state(KIND).ready


def test_only_the_owner_may_look(logins: HomeLogins, tmp_path: Path) -> None:
    logins.keep_key(KIND, "KEEPER_KEY", "kept-value-of-the-key")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "agents").rglob("*")}
    assert modes <= {0o700, 0o600}


def test_owners_own_login_is_brought_and_left_where_it_is(
    logins: HomeLogins, tmp_path: Path
) -> None:
    with pytest.raises(WorkFailed) as caught:
        logins.bring(KIND)
    assert (caught.value.code, caught.value.hint) == ("no-login-found", "sps agent login keeper")
    own = tmp_path / "owner" / FILE
    own.parent.mkdir(parents=True)
    own.write_text(_text("mine"))
    assert logins.found(KIND) == [str(own)]
    assert logins.bring(KIND) == [FILE]
    assert (logins.folder(KIND) / FILE).read_text() == own.read_text() == _text("mine")


def test_logout_leaves_nothing(logins: HomeLogins, tmp_path: Path) -> None:
    _keep(logins, _text("a"))
    logins.keep_key(KIND, "KEEPER_KEY", "kept-value-of-the-key")
    assert logins.forget(KIND) == [FILE, "KEEPER_KEY"]
    assert logins.forget(KIND) == []
    texts = [path.read_text() for path in (tmp_path / "agents").rglob("*") if path.is_file()]
    assert "secret" not in "".join(texts) + str(logins.state(KIND))


def test_vendors_login_runs_with_the_kinds_own_home(
    logins: HomeLogins, tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Absent) as caught:
        logins.vendor(KIND)
    assert (caught.value.code, caught.value.hint) == ("agent-missing", "get keeper")
    assert "sps agent login keeper --key < key.txt" in caught.value.message
    with pytest.raises(Absent) as caught:
        logins.vendor(msgspec.structs.replace(KIND, login_install="get keeper-login"))
    assert caught.value.hint == "get keeper-login"
    program = tmp_path / "bin" / "keeper-login"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nmkdir -p ~/.keeper\necho '{_text('new')}' > ~/{FILE}\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{environment['PATH']}")
    assert logins.vendor(KIND) == 3
    assert logins.state(KIND).by is LoginBy.FILE
    assert not (tmp_path / "owner").exists()


def test_session_gets_the_named_files_and_they_are_gone_after_it(
    logins: HomeLogins, home: Path, tmp_path: Path
) -> None:
    _keep(logins, _text("a"))
    (logins.folder(KIND) / ".keeper" / "history").write_text("more than a login")

    async def session() -> list[str]:
        async with logins.lend(KIND, home, run_id="r", seconds=1) as lent:
            assert lent.secrets() == {"secret-token-a"}
            return [path.name for path in home.rglob("*") if path.is_file()]

    assert asyncio.run(session()) == ["auth.json"]
    assert [path for path in home.rglob("*") if path.is_file()] == []
    assert list((tmp_path / "agents/keeper/.sps/lent").iterdir()) == []


def test_renewed_login_comes_back_also_when_the_session_fails(
    logins: HomeLogins, home: Path
) -> None:
    kept = _keep(logins, _text("a"))

    async def session() -> None:
        async with logins.lend(KIND, home, run_id="r", seconds=1) as lent:
            (home / FILE).write_text(_text("b"))
            assert lent.secrets() == {"secret-token-a", "secret-token-b"}
            raise RuntimeError

    with pytest.raises(RuntimeError):
        asyncio.run(session())
    assert kept.read_text() == _text("b")


def test_a_file_that_an_agent_makes_out_of_its_key_is_no_login(
    logins: HomeLogins, home: Path, environment: dict[str, str]
) -> None:
    environment["KEEPER_KEY"] = "value-of-the-owner"

    async def session() -> None:
        async with logins.lend(KIND, home, run_id="r", seconds=1):
            (home / FILE).parent.mkdir()
            (home / FILE).write_text(_text("value-of-the-owner"))

    asyncio.run(session())
    assert list(home.rglob("auth.json")) == []
    assert not (logins.folder(KIND) / FILE).exists()


@pytest.mark.parametrize("text", ["", "{", None])
def test_an_agent_cannot_lose_the_login(logins: HomeLogins, home: Path, text: str | None) -> None:
    kept = _keep(logins, _text("a"))

    async def session() -> None:
        async with logins.lend(KIND, home, run_id="r", seconds=1):
            (home / FILE).unlink()
            if text is not None:
                (home / FILE).write_text(text)

    asyncio.run(session())
    assert kept.read_text() == _text("a")


def test_links_that_an_agent_plants_lead_nowhere(
    logins: HomeLogins, home: Path, tmp_path: Path
) -> None:
    kept = _keep(logins, _text("a"))
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "auth.json").write_text(_text("of-the-owner"))

    async def session(run_id: str) -> None:
        async with logins.lend(KIND, home, run_id=run_id, seconds=1):
            (home / FILE).unlink()
            (home / FILE).symlink_to(outside / "auth.json")

    asyncio.run(session("file"))
    (home / ".keeper").rename(home / "aside")
    (home / ".keeper").symlink_to(outside)
    with pytest.raises(OSError, match="keeper"):
        asyncio.run(session("folder"))
    assert kept.read_text() == _text("a")
    assert (outside / "auth.json").read_text() == _text("of-the-owner")


def test_of_two_renewed_logins_the_newer_one_stays(logins: HomeLogins, tmp_path: Path) -> None:
    kept = _keep(logins, _text("a", NOW))
    homes = [tmp_path / "one", tmp_path / "two"]

    async def both() -> None:
        async with AsyncExitStack() as stack:
            for home in homes:
                home.mkdir()
                lending = logins.lend(KIND, home, run_id=home.name, seconds=1)
                await stack.enter_async_context(lending)
            (homes[0] / FILE).write_text(_text("old", NOW + 10))
            (homes[1] / FILE).write_text(_text("new", NOW + 20))

    asyncio.run(both())
    assert kept.read_text() == _text("new", NOW + 20)


def test_what_one_session_renewed_reaches_the_other_while_both_run(
    logins: HomeLogins, tmp_path: Path
) -> None:
    _keep(logins, _text("a"))
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()

    async def both() -> None:
        async with (
            logins.lend(KIND, one, run_id="1", seconds=1),
            logins.lend(KIND, two, run_id="2", seconds=1),
        ):
            (one / FILE).write_text(_text("b"))
            assert await asyncio.to_thread(until, lambda: (two / FILE).read_text() == _text("b"))

    asyncio.run(both())


def _alone(logins: HomeLogins, tmp_path: Path, moment: int) -> bool:
    """Say whether a second session has to wait for the first one's login."""
    kind = AgentKind(
        name="keeper", login_files=(FILE,), login_expiry=("until",), login_shared=False
    )
    _keep(logins, _text("a", moment))
    homes = [tmp_path / "one", tmp_path / "two"]

    async def both() -> None:
        for home in homes:
            home.mkdir()
        async with (
            logins.lend(kind, homes[0], run_id="1", seconds=60),
            logins.lend(kind, homes[1], run_id="2", seconds=60),
        ):
            pass

    try:
        asyncio.run(both())
    except Held:
        return True
    return False


@pytest.mark.parametrize("moment, alone", [(0, True), (NOW + 60, True), (NOW + 3600, False)])
def test_login_that_cannot_be_shared_is_one_sessions_when_it_is_due(
    logins: HomeLogins, tmp_path: Path, moment: int, alone: bool
) -> None:
    assert _alone(logins, tmp_path, moment) == alone


def test_what_a_killed_process_had_lent_is_taken_back(
    logins: HomeLogins, home: Path, tmp_path: Path
) -> None:
    kept = _keep(logins, _text("a"))
    pid = os.fork()
    if pid == 0:

        async def killed() -> None:
            async with logins.lend(KIND, home, run_id="r", seconds=1):
                (home / FILE).write_text(_text("b"))
                os.kill(os.getpid(), 9)

        asyncio.run(killed())
        os._exit(1)
    os.waitpid(pid, 0)
    assert kept.read_text() == _text("a")
    assert "secret-token-a" in logins.secrets(KIND)
    logins.reclaim()
    logins.reclaim()
    assert kept.read_text() == _text("b")
    assert [path for path in home.rglob("*") if path.is_file()] == []
    assert list((tmp_path / "agents/keeper/.sps/lent").iterdir()) == []


def test_a_session_whose_login_cannot_be_kept_lets_go_of_it_all_the_same(
    logins: HomeLogins, tmp_path: Path, home: Path
) -> None:
    kind = AgentKind(
        name="keeper", login_files=(FILE,), login_expiry=("until",), login_shared=False
    )
    kept = _keep(logins, _text("a"))
    other = tmp_path / "other"
    other.mkdir()

    async def one_after_the_other() -> str:
        with pytest.raises(OSError):
            async with logins.lend(kind, home, run_id="1", seconds=60):
                (home / FILE).write_text(_text("b"))
                kept.parent.rename(tmp_path / "aside")
                kept.parent.write_text("no folder: nothing can be written below it")
        kept.parent.unlink()
        (tmp_path / "aside").rename(kept.parent)
        async with logins.lend(kind, other, run_id="2", seconds=60):
            return (other / FILE).read_text()

    assert asyncio.run(one_after_the_other()) == _text("b")
    assert [path for path in home.rglob("*") if path.is_file()] == []


def test_what_a_living_session_has_is_left_alone(logins: HomeLogins, home: Path) -> None:
    _keep(logins, _text("a"))

    async def session() -> bool:
        async with logins.lend(KIND, home, run_id="r", seconds=1):
            logins.reclaim()
            return (home / FILE).exists()

    assert asyncio.run(session())


def test_every_value_of_a_login_is_known_to_be_secret(
    logins: HomeLogins, environment: dict[str, str]
) -> None:
    environment["KEEPER_KEY"] = "value-of-the-owner"
    logins.keep_key(KIND, "KEEPER_KEY", "kept-value-of-the-key")
    _keep(
        logins, json.dumps({"a": [{"b": "deep-secret-value"}], "url": "https://x.example/abcdef"})
    )
    assert logins.secrets(KIND) == {
        *("value-of-the-owner", "kept-value-of-the-key", "deep-secret-value")
    }
