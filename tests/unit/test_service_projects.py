"""Registering, removing, exporting and importing projects, with real repositories."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from pathlib import Path

import pytest

from sps.bootstrap import Wired, open_world
from sps.model.card import CardState, CardText
from sps.model.errors import Absent, Held, Misuse, NewerData, WorkFailed
from sps.model.pipeline import SandboxMode
from sps.ports.agent import AgentKind
from sps.services.add_card import add_card
from sps.services.change_project import (
    ProjectChanges,
    changes_of,
    remove_project,
    set_project,
)
from sps.services.export_project import export_project
from sps.services.import_project import import_project, look_into
from sps.services.init_project import InitOptions, init_project
from sps.services.list_cards import list_cards
from sps.services.move_card import drop_card
from sps.services.pipelines import lint_pipeline, list_pipelines, use_pipeline
from sps.services.project_view import list_projects, show_project
from sps.services.rehearsal import Rehearsal
from sps.services.status import status
from sps.services.trust_pipeline import offered_pipeline, trust_pipeline

pytestmark = pytest.mark.needs("git")


def git(repo: Path, *words: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=T", "-c", "user.email=t@localhost", "-C", str(repo), *words],
        check=True, capture_output=True, timeout=30,
    )  # fmt: skip


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    path = tmp_path / "repo"
    path.mkdir()
    (path / "Makefile").write_text("test:\n\ttrue\n")
    git(path, "init", "-q", "-b", "main")
    git(path, "add", "-A")
    git(path, "commit", "-qm", "one")
    return path


@pytest.fixture
def world(tmp_path: Path) -> Wired:
    return open_world(tmp_path / "home", create=True)


def test_init_registers_and_says_that_nothing_is_tested(world: Wired, repo: Path) -> None:
    done = init_project(world, "demo", repo=str(repo), agent="scripted")
    assert (done.branch, done.no_gate, done.gates) == ("main", True, [])
    assert [gate.run for gate in done.proposed] == ["make test"]
    (one,) = status(world).projects
    assert one.no_gate
    assert one.counts["done"] == 0


def test_detected_gates_can_be_put_in_force(world: Wired, repo: Path) -> None:
    options = InitOptions(gates_on=True)
    done = init_project(world, "demo", repo=str(repo), agent="scripted", options=options)
    assert (done.no_gate, done.proposed, len(done.gates)) == (False, [], 1)


def test_init_that_fails_late_leaves_nothing(world: Wired, repo: Path) -> None:
    def fail(_: object) -> None:
        raise WorkFailed("git-failed", "the disk is full")

    vars(world)["vault"] = type("Full", (), {"create": staticmethod(fail)})()
    with pytest.raises(WorkFailed):
        init_project(world, "demo", repo=str(repo), agent="scripted")
    assert list_projects(world).projects == []
    assert not world.home.project("demo").exists()
    assert world.repositories.inspect(str(repo), None).claimed_by is None


def test_second_project_on_a_repository_needs_force(world: Wired, repo: Path) -> None:
    init_project(world, "demo", repo=str(repo), agent="scripted")
    with pytest.raises(Held) as refused:
        init_project(world, "other", repo=str(repo), agent="scripted")
    assert refused.value.code == "repository-claimed"
    assert refused.value.hint == "sps project show demo"
    options = InitOptions(force=True)
    init_project(world, "other", repo=str(repo), agent="scripted", options=options)
    assert [one.name for one in list_projects(world).projects] == ["demo", "other"]


@pytest.mark.parametrize("name", ["", "Demo", "../x", "-x", "a" * 64, "a b", "a\n"])
def test_names_that_could_be_anything_else_are_refused(world: Wired, repo: Path, name: str) -> None:
    with pytest.raises(Misuse) as refused:
        init_project(world, name, repo=str(repo), agent="scripted")
    assert refused.value.code == "bad-name"


def test_rehearsed_init_changes_nothing(world: Wired, repo: Path) -> None:
    done = init_project(Rehearsal(world), "demo", repo=str(repo), agent="scripted")
    assert done.name == "demo"
    assert list_projects(world).projects == []
    assert not world.home.project("demo").exists()
    assert world.repositories.inspect(str(repo), None).claimed_by is None


def test_rehearsed_verbs_refuse_what_the_real_ones_refuse(world: Wired, repo: Path) -> None:
    init_project(world, "demo", repo=str(repo), agent="scripted")
    rehearsal = Rehearsal(world)
    assert add_card(rehearsal, "demo", CardText(title="x")).seq == 1
    with pytest.raises(Misuse):
        add_card(rehearsal, "demo", CardText(title="x" * 201))
    assert list_cards(world, "demo").cards == []
    card = add_card(world, "demo", CardText(title="x"))
    assert drop_card(rehearsal, "demo", card.seq).state is CardState.DROPPED
    assert list_cards(world, "demo").cards[0].state == "backlog"


def test_set_changes_and_resumes(world: Wired, repo: Path) -> None:
    init_project(world, "demo", repo=str(repo), agent="scripted")
    git(repo, "branch", "next")
    changes = ProjectChanges(branch="next", sandbox=SandboxMode.NONE, resume=True)
    done = set_project(world, "demo", changes)
    assert (done.branch, done.sandbox, done.halted) == ("next", "none", None)
    with pytest.raises(Misuse):
        set_project(world, "demo", ProjectChanges(branch="nxt"))


def test_removed_project_is_kept_in_the_trash_and_can_come_again(world: Wired, repo: Path) -> None:
    init_project(world, "demo", repo=str(repo), agent="scripted")
    add_card(world, "demo", CardText(title="Mine"))
    kept = Path(remove_project(world, "demo").kept)
    assert (kept / "cards" / "1-mine.md").is_file()
    assert json.loads((kept / "rows.json").read_text())["cards"][0]["seq"] == 1
    init_project(world, "demo", repo=str(repo), agent="scripted")
    assert show_project(world, "demo").counts["backlog"] == 0


def test_export_comes_back_with_open_cards_and_their_numbers(
    world: Wired, repo: Path, tmp_path: Path
) -> None:
    init_project(world, "demo", repo=str(repo), agent="scripted")
    for text in (CardText(title="Gone"), CardText(title="Held", hold=True),
                 CardText(title="Open", body="Body\n", after=(2,))):  # fmt: skip
        add_card(world, "demo", text)
    drop_card(world, "demo", 1)
    archive = tmp_path / "demo.tar.gz"
    assert export_project(world, "demo", archive).cards == 3
    with pytest.raises(Misuse) as refused:
        export_project(world, "demo", archive)
    assert refused.value.code == "file-exists"
    remove_project(world, "demo")
    assert look_into(archive).finished == 1
    done = import_project(world, archive, repo=str(repo), name="again")
    assert (done.open, done.finished) == (2, 1)
    found = list_cards(world, "again").cards
    assert [(card.seq, card.state) for card in found] == [(2, "planning"), (3, "backlog")]
    assert add_card(world, "again", CardText(title="New")).seq == 4


def packed(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"no archive",
        packed(**{"../../evil": b"x"}),
        packed(**{"cards/../../evil.md": b"x"}),
        packed(**{"export.json": b"{", "pipeline.yaml": b""}),
        packed(**{"export.json": b"{}"}),
    ],
)
def test_archive_that_is_no_export_is_refused(world: Wired, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.tar.gz").write_bytes(content)
    with pytest.raises(Misuse) as refused:
        import_project(world, tmp_path / "x.tar.gz", repo=str(tmp_path))
    assert refused.value.code == "bad-archive"


def test_export_of_a_newer_program_is_left_alone(world: Wired, tmp_path: Path) -> None:
    content = packed(**{"export.json": b'{"format": 99}', "pipeline.yaml": b""})
    (tmp_path / "x.tar.gz").write_bytes(content)
    with pytest.raises(NewerData):
        import_project(world, tmp_path / "x.tar.gz", repo=str(tmp_path))


def test_trust_puts_the_committed_pipeline_in_force(world: Wired, repo: Path) -> None:
    init_project(world, "demo", repo=str(repo), agent="scripted")
    with pytest.raises(Absent):
        offered_pipeline(world, "demo")
    (repo / ".sps").mkdir()
    (repo / ".sps" / "pipeline.yaml").write_text("version: 1\nworkers: 7\n")
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "two")
    (repo / ".sps" / "pipeline.yaml").write_text("version: 1\nworkers: 9\n")
    offer = offered_pipeline(world, "demo")
    assert not offer.trusted
    assert trust_pipeline(world, offer).trusted
    assert world.pipeline_files.load("demo").workers == 7
    assert offered_pipeline(world, "demo").trusted


def test_repository_may_not_switch_the_sandbox_off(world: Wired, repo: Path) -> None:
    init_project(world, "demo", repo=str(repo), agent="scripted")
    (repo / ".sps").mkdir()
    (repo / ".sps" / "pipeline.yaml").write_text("version: 1\nsandbox: none\n")
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "two")
    with pytest.raises(Misuse) as refused:
        offered_pipeline(world, "demo")
    assert refused.value.code == "sandbox-from-repository"


def test_lint_tells_mistakes_and_what_will_be_in_the_way(
    world: Wired, repo: Path, tmp_path: Path
) -> None:
    init_project(world, "demo", repo=str(repo), agent="scripted")
    file = tmp_path / "p.yaml"
    file.write_text("version: 1\nworkrs: 2\nagent: [\n")
    assert not lint_pipeline(world, str(file)).ok
    file.write_text("version: 1\nagent: cluade\n")
    found = lint_pipeline(world, str(file))
    text = "\n".join(found.warnings)
    assert found.ok
    for word in ("cluade", "no gate"):
        assert word in text
    use_pipeline(world, "demo", file)
    assert lint_pipeline(world, "demo").warnings == found.warnings
    assert list_pipelines(world).pipelines[0].land == "merge"


def test_a_second_home_on_a_repository_is_told_the_first_one(
    world: Wired, repo: Path, tmp_path: Path
) -> None:
    init_project(world, "demo", repo=str(repo), agent="scripted")
    second = open_world(tmp_path / "second", create=True)
    try:
        with pytest.raises(Held) as refused:
            init_project(second, "mine", repo=str(repo), agent="scripted")
        assert 'project "demo"' in refused.value.message
        assert str(world.home.root) in refused.value.message
        force = InitOptions(force=True)
        init_project(second, "mine", repo=str(repo), agent="scripted", options=force)
    finally:
        second.store.close()


def test_settings_of_sps_cli_name_repository_and_branch_and_run_nothing(
    world: Wired, repo: Path, tmp_path: Path
) -> None:
    conf = tmp_path / "conf"
    conf.write_text(
        f'export PROJECT_DIR="{repo}"\nGITLAB_MERGE_BRANCH="main"\n'
        f"GITLAB_TOKEN=$(touch {tmp_path}/ran)\nMAX_CONCURRENT_WORKERS=2\ntouch {tmp_path}/ran\n"
    )
    done = init_project(
        world, "old", repo=None, agent="scripted", options=InitOptions(conf=conf)
    )  # fmt: skip
    assert (done.repo, done.branch) == (str(repo), "main")
    told = "\n".join(done.warnings)
    assert "line 3: GITLAB_TOKEN: no effect" in told
    assert "write workers: 2 into the pipeline" in told
    assert "line 5: this line: it is no setting, and is not run" in told
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "pairs, code, says",
    [
        (["agnet=x"], "unknown-setting", 'did you mean "agent"?'),
        (["workers=3"], "unknown-setting", "belongs to the pipeline"),
        (["branch"], "not-a-setting", "KEY=VALUE"),
        (["branch="], "not-a-setting", "KEY=VALUE"),
        (["sandbox=nome"], "bad-setting", 'did you mean "none"?'),
        (["agent=a", "agent=b"], "twice", "agent is given twice"),
        (["resume=maybe"], "bad-setting", "resume=true"),
    ],
)
def test_wrong_settings_are_named_with_what_was_meant(
    pairs: list[str], code: str, says: str
) -> None:
    with pytest.raises(Misuse) as refused:
        changes_of(pairs)
    assert refused.value.code == code
    assert says in refused.value.message


def test_settings_are_written_as_key_and_value(world: Wired, repo: Path) -> None:
    init_project(world, "demo", repo=str(repo), agent="scripted")
    changes = changes_of(["sandbox=none", "branch=main"])
    assert set_project(Rehearsal(world), "demo", changes).sandbox == "none"
    assert show_project(world, "demo").sandbox == "auto"  # a rehearsal changes nothing
    assert set_project(world, "demo", changes).sandbox == "none"
    with pytest.raises(Misuse):
        set_project(world, "demo", changes_of(["branch=nowhere"]))


def agents(world: Wired, *names: str, logged_in: tuple[str, ...] = ()) -> None:
    """Make exactly these agents be found on this machine, beside the embedded one."""
    known = {kind.name: kind for kind in world.registry.kinds()}
    for name in known.keys() - {"scripted"} | set(names):
        kind = known.get(name) or AgentKind(name=name, command=())
        command = ("true",) if name in names else ("sps-no-such-program",)
        secret = () if name in logged_in else ("SPS_TEST_NO_SUCH_KEY",)
        world.registry.add(
            AgentKind(name=name, title=kind.title, command=command, keys=secret)
        )  # fmt: skip


@pytest.mark.parametrize(
    "here,logged_in,chosen,why",
    [
        (("codex", "zed-codex"), ("zed-codex",), "zed-codex", "logged in"),
        (("codex", "gemini"), ("codex", "gemini"), "codex", "logged in"),
        (("gemini", "mine"), (), "gemini", "sps agent login gemini"),
        (("mine",), (), "scripted", "mine is here, not logged in: --agent mine"),
        ((), (), "scripted", "no other agent was found"),
    ],
)
def test_agent_of_a_project_is_one_that_is_here_and_logged_in(
    world: Wired, repo: Path, here: tuple[str, ...], logged_in: tuple[str, ...], chosen: str,
    why: str,
) -> None:  # fmt: skip
    agents(world, *here, logged_in=logged_in)
    done = init_project(world, "demo", repo=str(repo))
    assert done.agent == chosen
    assert why in " ".join([done.agent_why, *done.warnings])


def test_no_command_found_is_said_with_the_file_to_change(world: Wired, repo: Path) -> None:
    git(repo, "rm", "-q", "Makefile")
    git(repo, "commit", "-qm", "two")
    on = InitOptions(gates_on=True)
    done = init_project(world, "demo", repo=str(repo), agent="scripted", options=on)
    (said,) = [one for one in done.warnings if "changes land untested" in one]
    assert said.endswith(done.pipeline)
