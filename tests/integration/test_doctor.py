"""`doctor` on a real home: each fault has a name, a cause and a command; `fix` does little."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from pathlib import Path

import msgspec
import pytest

from sps.bootstrap import open_world
from sps.lib.lock import FileLock
from sps.model.errors import Misuse
from sps.model.pipeline import SandboxMode
from sps.ports.agent import AgentKind
from sps.ports.world import World
from sps.services.doctor import Check, doctor
from sps.services.ingest import ingest
from sps.services.init_project import InitOptions, init_project

pytestmark = pytest.mark.needs("git")

PIPELINE = "version: 1\nagent: scripted\nstages:\n  - name: develop\ngates:\n{gates}"
GATE = "  - {name: there, run: test -e a.txt}\n"


def git(folder: Path, *words: str) -> None:
    env = {
        "PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "o", "GIT_AUTHOR_EMAIL": "o@example.org",
        "GIT_COMMITTER_NAME": "o", "GIT_COMMITTER_EMAIL": "o@example.org",
    }  # fmt: skip
    subprocess.run(
        ["git", "-C", str(folder), *words], env=env, check=True, capture_output=True, timeout=60
    )


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "a.txt").write_text("a\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "start")
    return folder


@pytest.fixture
def world(tmp_path: Path, repo: Path) -> World:
    made = open_world(tmp_path / "home", create=True)
    pipeline = tmp_path / "pipeline.yaml"
    pipeline.write_text(PIPELINE.format(gates=GATE))
    init_project(
        made,
        "demo",
        repo=str(repo),
        agent="scripted",
        pipeline=pipeline,
        options=InitOptions(sandbox=SandboxMode.NONE),
    )
    return made


def wrong(world: World, project: str | None = None) -> dict[str, Check]:
    return {check.name: check for check in doctor(world, project) if not check.ok}


def test_sound_home_has_nothing_wrong_and_says_what_it_looked_at(world: World) -> None:
    found = doctor(world, None)
    assert [check for check in found if not check.ok] == []
    names = {check.name for check in found}
    assert names >= {"home", "git", "database", "disk", "sandbox", "daemon", "agent scripted"}
    assert "demo: sandbox" in names, "the owner's word is said aloud"


def test_unknown_project_is_misuse(world: World) -> None:
    with pytest.raises(Misuse) as caught:
        doctor(world, "nothing")
    assert caught.value.code == "unknown-project"


def test_home_that_others_can_read_is_named_and_mended_by_fix(world: World) -> None:
    world.home.root.chmod(0o755)
    assert wrong(world)["home"].command == "sps doctor --fix"
    assert all(check.ok for check in doctor(world, None, fix=True))
    assert world.home.root.stat().st_mode & 0o777 == 0o700


def test_stale_socket_is_removed_by_fix_but_never_under_a_living_daemon(world: World) -> None:
    world.home.socket.write_text("")
    assert "daemon" in wrong(world)
    lock = FileLock(world.home.lock)
    assert lock.take("daemon pid 1")
    try:
        doctor(world, None, fix=True)
        assert world.home.socket.exists()
    finally:
        lock.release()
    doctor(world, None, fix=True)
    assert not world.home.socket.exists()


def test_fix_leaves_the_repository_alone(world: World, repo: Path) -> None:
    (repo / "a.txt").write_text("the owner works here\n")
    doctor(world, None, fix=True)
    assert (repo / "a.txt").read_text() == "the owner works here\n"


def test_uncommitted_change_on_the_target_is_named(world: World, repo: Path) -> None:
    (repo / "a.txt").write_text("changed\n")
    found = wrong(world)["demo: target"]
    assert "a.txt" in found.cause
    assert "landings wait while there are any, in whichever files" in found.cause
    assert found.command == f"git -C {repo} status"


def test_untracked_file_does_not_make_the_target_dirty(world: World, repo: Path) -> None:
    (repo / "new.txt").write_text("new\n")
    assert wrong(world) == {}


def test_lost_repository_and_lost_branch_are_named(world: World, repo: Path) -> None:
    git(repo, "branch", "-m", "main", "trunk")
    assert "main" in wrong(world)["demo: repository"].cause
    repo.rename(repo.with_name("elsewhere"))
    assert str(repo) in wrong(world)["demo: repository"].cause


def test_project_without_a_gate_says_that_nothing_is_tested(world: World) -> None:
    text = PIPELINE.format(gates="").replace("gates:\n", "")
    world.pipeline_files.install("demo", text)
    said = [check.cause for check in doctor(world, "demo") if check.name == "demo: gates"]
    assert said
    assert said[0].startswith("no gate: nothing was tested")


def test_broken_pipeline_is_named_with_its_place(world: World) -> None:
    world.home.pipeline("demo").write_text("version: 1\nstagess: []\n")
    found = wrong(world)["demo: pipeline"]
    assert ":2:" in found.cause
    assert found.command


def test_broken_card_file_is_named_with_line_and_column(world: World) -> None:
    cards = world.home.cards("demo")
    cards.mkdir(parents=True, exist_ok=True)
    (cards / "1-x.md").write_text("---\ntitle: [\n---\n")
    ingest(world, "demo")
    assert "1-x.md:" in wrong(world)["demo: card files"].cause


def test_halted_project_says_why(world: World) -> None:
    project = world.store.read(lambda tx: tx.projects())[0]
    halted = msgspec.structs.replace(project, halted="base-red", halt_detail="tests fail")
    world.store.write(lambda tx: tx.save_project(halted))
    assert wrong(world)["demo: work"].cause == "halted: base-red. tests fail"


def test_unknown_agent_is_named(world: World) -> None:
    text = PIPELINE.format(gates=GATE).replace("scripted", "nobody")
    world.pipeline_files.install("demo", text)
    assert wrong(world)["agent nobody"].command == "sps agent list"


@pytest.mark.parametrize("text", ["agents: [\n", "agents: 3\n"])
def test_a_broken_file_of_agents_leads_to_the_file(world: World, text: str) -> None:
    world.home.agents.write_text(text)
    found = wrong(world)["agent scripted"]
    assert f"{world.home.agents}:" in found.cause
    assert found.command == f"${{EDITOR:-vi}} {world.home.agents}"


def test_damaged_database_is_named_and_nothing_else_stops(world: World, tmp_path: Path) -> None:
    world.store.close()
    database = tmp_path / "home" / "sps.db"
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    database.write_bytes(b"SQLite format 3\0" + b"\xff" * 8000)
    found = wrong(open_world(tmp_path / "home"))
    assert found["database"].cause
    assert "home" not in found


def test_gates_are_tried_on_the_target_when_asked_and_only_then(world: World, repo: Path) -> None:
    gates = GATE + "  - {name: red, run: 'echo it is red; test -e b.txt'}\n"
    gates += "  - {name: slow, run: sleep 30, timeout: 1s}\n"
    world.pipeline_files.install("demo", PIPELINE.format(gates=gates))
    assert wrong(world) == {}
    found = {check.name: check for check in doctor(world, "demo", gates=True)}
    assert found["demo: gate there"].cause.startswith("passes on the target")
    red = found["demo: gate red"]
    assert red.cause.endswith("fails on the target itself (exit 1): it is red")
    assert red.command == "sps help base-red"
    assert "takes longer on the target than the 1 s it has" in found["demo: gate slow"].cause
    (repo / "b.txt").write_text("the owner's, not committed\n")
    assert not {c.name: c for c in doctor(world, "demo", gates=True)}["demo: gate red"].ok
    git(repo, "add", "b.txt")
    git(repo, "commit", "-qm", "b")
    assert {c.name: c for c in doctor(world, "demo", gates=True)}["demo: gate red"].ok


def test_gates_are_not_tried_before_the_setup_that_they_need(world: World) -> None:
    text = PIPELINE.format(gates=GATE) + "environment: {setup: [{run: 'true'}], keep: [deps]}\n"
    world.pipeline_files.install("demo", text)
    found = {check.name: check for check in doctor(world, "demo", gates=True)}
    assert "was not set up yet" in found["demo: gates"].cause
    assert "demo: gate there" not in found


def test_home_without_projects_is_led_to_the_login_of_the_agents_that_are_here(
    tmp_path: Path,
) -> None:
    made = open_world(tmp_path / "empty", create=True)
    made.registry.add(AgentKind(name="keeper", command=("{python}",), keys=("KEEPER_KEY",)))
    made.registry.add(AgentKind(name="absent", command=("no-such-agent",), keys=("KEEPER_KEY",)))
    checks = {check.name: check for check in doctor(made, None)}
    assert checks["agent keeper"].ok
    login = checks["agent keeper: login"]
    assert (login.ok, login.command) == (True, "sps agent login keeper")
    assert login.cause == "not logged in; log it in: sps agent login keeper"
    assert "agent absent" not in checks
    made.store.close()
