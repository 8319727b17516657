"""Faults that skill managers have had, one test each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sps.model.errors import Misuse, NewerData, SpsError, WorkFailed
from sps.model.skills.state import Difference, SkillState
from sps.services.skills.add import Adding, add_skills
from sps.services.skills.choosing import chosen
from sps.services.skills.ci import check_lock
from sps.services.skills.enable import enable_skills
from sps.services.skills.freeze import freeze_skills, unfreeze_skills
from sps.services.skills.listing import list_skills
from sps.services.skills.remove import forget_skill, remove_skills
from sps.services.skills.showing import show_skill
from sps.services.skills.sync import Syncing, sync_repository
from sps.services.skills.trust import to_trust
from tests.fakes.skill_bench import Bench

pytestmark = pytest.mark.needs("git")
ADD = Adding()
HOSTILE = ["../../src", "..", ".", "", "/etc", "a/b", "a\\b", "Python", "pythоn", "x" * 65, "-x"]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def added(bench: Bench, name: str = "python", **how: object) -> Path:
    bench.bundled(name, files={"references/typing.md": "types\n"})
    add_skills(bench.scope, (name,), Adding(**how))  # type: ignore[arg-type]
    return bench.place(name)


def kinds(bench: Bench) -> set[Difference]:
    return {one.kind for one in check_lock(bench.scope).differences}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_never_a_path_for_any_verb(bench: Bench, name: str) -> None:
    kept = bench.repo / "src" / "main.py"
    kept.parent.mkdir()
    kept.write_text("x")
    (bench.repo / ".agents/skills").mkdir(parents=True)
    scope = bench.scope
    for verb in (
        lambda: remove_skills(scope, (name,)),
        lambda: add_skills(scope, (name,), ADD),
        lambda: freeze_skills(scope, (name,)),
        lambda: unfreeze_skills(scope, (name,), discard=True),
        lambda: enable_skills(scope, (name,), on=False),
        lambda: forget_skill(scope, name, None),
        lambda: show_skill(scope, name),
        lambda: to_trust(scope, name, None),
        lambda: chosen(scope.world, name, None),
    ):
        with pytest.raises(Misuse) as caught:
            verb()
        assert caught.value.code == "bad-name"
    assert kept.read_text() == "x"


def test_a_lock_with_a_hostile_name_is_refused_before_anything_is_touched(bench: Bench) -> None:
    (bench.repo / "src").mkdir()
    place = added(bench)
    raw = json.loads(bench.scope.repository.lock_path.read_text())
    raw["skills"]["../../src"] = raw["skills"]["python"]
    bench.scope.repository.lock_path.write_text(json.dumps(raw))
    for verb in (
        lambda: sync_repository(bench.scope, Syncing()),
        lambda: remove_skills(bench.scope, ("python",)),
        lambda: check_lock(bench.scope),
    ):
        with pytest.raises(Misuse) as caught:
            verb()
        assert caught.value.code == "broken-lock"
    assert (bench.repo / "src").is_dir()
    assert place.is_symlink()


def test_freezing_is_seen_at_once(bench: Bench) -> None:
    added(bench)
    assert freeze_skills(bench.scope, ("python",)).skills[0].state is SkillState.FROZEN
    rows = {one.name: one.state for one in list_skills(bench.world, bench.scope).skills}
    assert rows["python"] is SkillState.FROZEN


def test_a_folder_that_no_lock_knows_is_foreign_and_never_touched(bench: Bench) -> None:
    bench.bundled("python")
    mine = bench.skill("python", under=bench.repo / ".agents/skills", body="my own\n")
    rows = list_skills(bench.world, bench.scope).skills
    assert SkillState.FOREIGN in {one.state for one in rows if one.name == "python"}
    with pytest.raises(WorkFailed) as caught:
        add_skills(bench.scope, ("python",), ADD)
    assert caught.value.code == "place-taken"
    for verb in (remove_skills, unfreeze_skills):
        with pytest.raises(Misuse) as refused:
            verb(bench.scope, ("python",))
        assert refused.value.code == "foreign-skill"
    sync_repository(bench.scope, Syncing())
    assert "my own" in (mine / "SKILL.md").read_text()
    assert check_lock(bench.scope).foreign == [".agents/skills/python"]


def test_a_vendored_skill_that_is_a_link_is_listed_and_left(bench: Bench) -> None:
    vendored = bench.skill("vendored", under=bench.repo / "third-party")
    bench.place("vendored").parent.mkdir(parents=True)
    bench.place("vendored").symlink_to("../../third-party/vendored")
    rows = {one.name: one for one in list_skills(bench.world, bench.scope).skills}
    assert rows["vendored"].state is SkillState.FOREIGN
    assert rows["vendored"].description == "Use when it is tested."
    sync_repository(bench.scope, Syncing())
    assert bench.place("vendored").is_symlink()
    assert vendored.is_dir()


def test_only_folders_with_a_skill_file_are_listed(bench: Bench) -> None:
    bench.world.home.skills.mkdir()
    (bench.world.home.skills / "notes").mkdir()
    bench.skill("mine", under=bench.world.home.skills)
    assert [one.name for one in list_skills(bench.world).skills] == ["mine"]


def test_a_description_over_several_lines_is_shown_whole(bench: Bench) -> None:
    bench.bundled("python", description=">\n  Use when\n  Python is written.")
    assert list_skills(bench.world).skills[0].description == "Use when Python is written."


def test_nothing_but_the_repository_gets_what_a_repository_adds(bench: Bench) -> None:
    (bench.user / ".claude/skills").mkdir(parents=True)
    added(bench)
    assert list((bench.user / ".claude/skills").iterdir()) == []
    other = bench.root / "other"
    other.mkdir()
    assert check_lock(bench.scope_of(other)).skills == {}


def test_a_bundled_skill_does_not_replace_the_owners_own(bench: Bench) -> None:
    bench.bundled("python", body="bundled\n")
    bench.skill("python", under=bench.world.home.skills, body="own\n")
    found = bench.world.skills.find("python")
    assert found is not None
    assert (found.source, "own" in found.body) == ("own", True)
    add_skills(bench.scope, ("python",), ADD)
    assert "own" in (bench.place("python") / "SKILL.md").read_text()
    shown = {one.tier: one.shadowed for one in list_skills(bench.world).skills if one.name}
    assert shown["own"] is False
    assert shown["bundled"] is True


def test_what_a_card_names_is_found_with_its_text_and_its_hash(bench: Bench) -> None:
    bench.install(bench.skill("python", files={"references/a.md": "a"}, body="Never.\n"))
    found = bench.world.skills.find("python")
    assert found is not None
    assert "Never." in found.body
    assert found.files == ("references/a.md",)
    assert len(found.digest) == 64
    assert Path(found.path, "SKILL.md").is_file()
    assert bench.world.skills.find("missing") is None


def test_every_reader_of_the_home_looks_at_the_same_place(bench: Bench) -> None:
    """Two readers once looked for different keys in one configuration file."""
    bench.skill("house", under=bench.world.home.skills, body="Call it by its name.\n")
    listed = {one.name for one in list_skills(bench.world).skills}
    found = bench.world.skills.find("house")
    assert "house" in listed
    assert found is not None
    assert show_skill(bench.scope, "house").record.digest == found.digest


def test_a_skill_of_any_name_is_listed_like_the_bundled_ones(bench: Bench) -> None:
    """A category was once looked up in a fixed list of names: what was not in it had none."""
    bench.bundled("python")
    bench.skill("anything-else", under=bench.world.home.skills)
    rows = {one.name: one for one in list_skills(bench.world).skills}
    assert set(type(rows["python"]).__struct_fields__) == set(
        type(rows["anything-else"]).__struct_fields__
    )
    assert "category" not in type(rows["python"]).__struct_fields__


def test_a_link_to_a_secret_does_not_come_in(bench: Bench) -> None:
    secret = bench.root / "secret"
    secret.write_text("password")
    folder = bench.skill("python")
    (folder / "ref.md").symlink_to(secret)
    with pytest.raises(SpsError):
        bench.install(folder)
    assert bench.world.skill_store.installed() == []


@pytest.mark.parametrize("field", ["digest", "files", "verdict", "source"])
def test_a_lock_that_was_tampered_with_is_named_and_not_rewritten(bench: Bench, field: str) -> None:
    added(bench)
    path = bench.scope.repository.lock_path
    raw = json.loads(path.read_text())
    one = raw["skills"]["python"]
    if field == "digest":
        one["digest"] = "0" * 64
    elif field == "files":
        one["files"]["SKILL.md"]["sha256"] = "0" * 64
    else:
        one[field] = "path:/elsewhere" if field == "source" else "flagged"
    path.write_text(json.dumps(raw))
    text = path.read_bytes()
    assert Difference.TAMPERED_LOCK in kinds(bench)
    sync_repository(bench.scope, Syncing(offline=True))
    assert path.read_bytes() == text
    assert Difference.TAMPERED_LOCK in kinds(bench)


def test_a_restore_goes_to_the_agents_that_were_asked_for(bench: Bench) -> None:
    added(bench, agents=("kiro",))
    assert bench.place("python", ".kiro/skills").is_symlink()
    bench.place("python", ".kiro/skills").unlink()
    (bench.repo / ".kiro/skills").rmdir()
    (bench.repo / ".kiro").rmdir()
    assert kinds(bench) == {Difference.MISSING}
    sync_repository(bench.scope, Syncing())
    assert bench.place("python", ".kiro/skills").is_symlink()
    with pytest.raises(Misuse) as caught:
        add_skills(bench.scope, ("python",), Adding(agents=("kirro",)))
    assert caught.value.code == "unknown-agent"


@pytest.mark.parametrize("change", ["content", "mode", "extra", "missing", "link"])
def test_ci_names_what_differs_in_a_copy(bench: Bench, change: str) -> None:
    place = added(bench, copy=True)
    file = place / "references/typing.md"
    if change == "content":
        file.write_text("typed\n")
    elif change == "mode":
        file.chmod(0o755)
    elif change == "extra":
        (place / "evil.md").write_text("x")
    elif change == "missing":
        file.unlink()
    else:
        (place / "out").symlink_to("/etc/passwd")
    wanted = {
        "content": Difference.CHANGED_FILE, "mode": Difference.CHANGED_MODE,
        "extra": Difference.EXTRA_FILE, "missing": Difference.MISSING_FILE,
        "link": Difference.MODIFIED,
    }  # fmt: skip
    assert kinds(bench) == {wanted[change]}


def test_ci_sees_a_store_that_was_changed(bench: Bench) -> None:
    place = added(bench)
    file = place.resolve() / "SKILL.md"
    file.parent.chmod(0o755)
    file.chmod(0o644)
    file.write_text("evil")
    assert Difference.NOT_IN_STORE in kinds(bench)
    assert sync_repository(bench.scope, Syncing()).ok
    assert "evil" not in (place / "SKILL.md").read_text()


def test_two_sources_with_one_name_are_never_mixed_up(bench: Bench) -> None:
    for team in ("a", "b"):
        bench.install(bench.skill("python", under=bench.outside / team, body=f"{team}\n"))
    for verb in (
        lambda: add_skills(bench.scope, ("python",), ADD),
        lambda: bench.world.skills.find("python"),
        lambda: show_skill(bench.scope, "python"),
        lambda: to_trust(bench.scope, "python", None),
    ):
        with pytest.raises(
            Misuse, match=r"python \(path:.*a/python//\.\), python \(path:"
        ) as caught:
            verb()
        assert caught.value.code == "ambiguous-skill"
    source = f"path:{bench.outside}/b/python"
    add_skills(bench.scope, ("python",), Adding(source=source))
    assert (bench.place("python") / "SKILL.md").read_text().endswith("b\n")
    with pytest.raises(WorkFailed) as refused:
        add_skills(bench.scope, ("python",), Adding(source=source.replace("/b/", "/a/")))
    assert refused.value.code == "other-source"


def test_one_source_with_two_skills_of_one_name_asks_for_the_folder(bench: Bench) -> None:
    for team in ("a", "b"):
        bench.skill("python", under=bench.outside / team)
    with pytest.raises(Misuse, match=r"a/python.*b/python") as caught:
        bench.install(bench.outside, name="python")
    assert caught.value.code == "ambiguous-skill"
    assert bench.install(bench.outside, name="b/python").skills[0].record.path == "b/python"


def test_folders_that_lead_out_of_the_repository_are_not_written_to(bench: Bench) -> None:
    elsewhere = bench.root / "elsewhere"
    elsewhere.mkdir()
    bench.bundled("python")
    (bench.repo / ".agents").symlink_to(elsewhere)
    with pytest.raises(Misuse) as caught:
        add_skills(bench.scope, ("python",), ADD)
    assert caught.value.code == "folder-leaves"
    assert list(elsewhere.iterdir()) == []


def test_a_lock_that_is_a_link_or_newer_is_left_alone(bench: Bench) -> None:
    added(bench)
    path = bench.scope.repository.lock_path
    path.write_text('{"version": 7}')
    with pytest.raises(NewerData):
        sync_repository(bench.scope, Syncing())
    path.unlink()
    path.symlink_to(bench.root / "elsewhere")
    with pytest.raises(Misuse):
        add_skills(bench.scope, ("python",), ADD)


def test_a_dry_run_changes_nothing(bench: Bench) -> None:
    from sps.services.rehearsal import Rehearsal
    from sps.services.skills.scope import Scope

    bench.bundled("python")
    dry = bench.scope_of(bench.repo, dry=True)
    scope = Scope(world=Rehearsal(bench.world), repository=dry.repository, user=dry.user,
                  environment={})  # fmt: skip
    assert add_skills(scope, ("python",), ADD).skills[0].did == "added"
    assert bench.status() == []
    assert bench.world.skill_store.installed() == []
    assert not bench.world.home.skill_store.exists()
    added(bench)
    before = bench.scope.repository.lock_path.read_bytes()
    for verb in (remove_skills, freeze_skills):
        verb(scope, ("python",))
    assert bench.place("python").is_symlink()
    assert bench.scope.repository.lock_path.read_bytes() == before


KILLED = """\
import os, signal, sys
from pathlib import Path
from sps.services.skills.repository import Repository
from tests.fakes import skill_bench
after = Repository.write
def write(self, lock):
    after(self, lock)
    os.kill(os.getpid(), signal.SIGKILL)
Repository.write = write
from sps.adapters.skill_sources import OutsideSources
from sps.bootstrap import open_world
from sps.services.skills.scope import Scope
from sps.services.skills.{module} import {verb}
root = Path(sys.argv[1])
world = open_world(root / "home")
vars(world)["skill_sources"] = OutsideSources(
    library=root / "library", cache=world.home.skill_cache, environment={{}})
repository = Repository(root / "repo")
scope = Scope(world=world, repository=repository, user=root / "user", environment={{}})
{verb}(scope, ("python",){more})
"""


@pytest.mark.parametrize(
    "module,verb,more",
    [
        (
            "add",
            "add_skills",
            ", __import__('sps.services.skills.add').services.skills.add.Adding()",
        ),
        ("freeze", "freeze_skills", ""),
        ("freeze", "unfreeze_skills", ", discard=True"),
        ("enable", "enable_skills", ", on=False"),
        ("remove", "remove_skills", ""),
    ],
)
def test_a_kill_after_the_lock_was_written_is_mended_by_sync(
    bench: Bench, module: str, verb: str, more: str
) -> None:
    bench.bundled("python")
    if verb != "add_skills":
        add_skills(bench.scope, ("python",), ADD)
    if verb == "unfreeze_skills":
        freeze_skills(bench.scope, ("python",))
        (bench.place("python") / "SKILL.md").write_text("mine")
    script = KILLED.format(module=module, verb=verb, more=more)
    done = subprocess.run(
        [sys.executable, "-c", script, str(bench.root)],
        cwd=Path(__file__).parents[2], env={"PATH": os.environ["PATH"]},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == -9, done.stderr
    assert sync_repository(bench.scope, Syncing()).ok
    found = check_lock(bench.scope)
    assert found.ok, found.differences
    assert found.foreign == []
