"""What somebody meets who uses skills for the first time, one test each."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
from pathlib import Path

import msgspec
import pytest

from sps.model.card import CardText
from sps.model.errors import Absent, Misuse, WorkFailed
from sps.model.skills.lock import Placement
from sps.model.skills.state import Difference, SkillState
from sps.ports.skill_store import Installed
from sps.services.add_card import check_references
from sps.services.check_skills import prove_skills
from sps.services.skills.add import Adding, add_skills
from sps.services.skills.ci import check_lock, check_strictly
from sps.services.skills.evaluating import evaluate
from sps.services.skills.freeze import freeze_skills, unfreeze_skills
from sps.services.skills.health import skill_health
from sps.services.skills.listing import list_skills
from sps.services.skills.new import new_skill
from sps.services.skills.remove import forget_skill
from sps.services.skills.showing import show_skill
from sps.services.skills.sync import Syncing, sync_repository
from sps.services.skills.update import offers
from sps.services.skills.user_sync import sync_user
from tests.fakes.skill_bench import Bench

pytestmark = pytest.mark.needs("git")
ADD = Adding()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def two_of_one_name(bench: Bench) -> None:
    for team in ("a", "b"):
        folder = bench.outside / team
        bench.install(bench.skill("greeting", under=folder, body=f"{team}\n"))


def tamper(place: Path) -> None:
    file = place.resolve() / "SKILL.md"
    file.parent.chmod(0o755)
    file.chmod(0o644)
    file.write_text("evil")


def ci(bench: Bench, *, empty: bool = False, foreign: bool = False) -> set[tuple[str, str]]:
    found = check_strictly(bench.scope, allow_empty=empty, allow_foreign=foreign)
    assert found.ok is (not found.differences)
    return {(one.kind.value, one.path) for one in found.differences}


def test_ci_refuses_a_repository_whose_lock_is_missing(bench: Bench) -> None:
    for empty in (False, True):
        bench.bundled("python")
        add_skills(bench.scope, ("python",), ADD)
        bench.scope.repository.lock_path.unlink()
        with pytest.raises(Absent) as caught:
            ci(bench, empty=empty)
        assert (caught.value.code, caught.value.exit_code) == ("no-lock", 3)


def test_ci_takes_an_empty_repository_only_when_it_is_allowed(bench: Bench) -> None:
    with pytest.raises(Absent) as caught:
        ci(bench)
    assert caught.value.hint == "sps skill add NAME"
    assert ci(bench, empty=True) == set()


@pytest.mark.parametrize("folder", [".agents/skills", ".claude/skills"])
def test_ci_refuses_a_skill_that_no_lock_knows_unless_it_is_allowed(
    bench: Bench, folder: str
) -> None:
    bench.bundled("python")
    add_skills(bench.scope, ("python",), ADD)
    (bench.repo / ".agents/skills/README.md").write_text("no skill")
    bench.skill("backend", under=bench.repo / folder)
    sync_repository(bench.scope, Syncing())
    assert ci(bench) == {("foreign", f"{folder}/backend")}
    assert ci(bench, foreign=True) == set()


def test_a_new_skill_of_the_repository_is_shown_proved_and_locked(bench: Bench) -> None:
    new_skill(bench.scope, "backend", own=False, description="Use when it is the backend.")
    found = show_skill(bench.scope, "backend")
    assert (found.state, found.next) == (SkillState.FOREIGN, "sps skill freeze backend")
    proofs = prove_skills(bench.world, str(bench.repo), names=("backend",))
    assert [one.skill for one in proofs.skills] == ["backend"]
    with pytest.raises(WorkFailed, match="in no lock") as taken:
        bench.bundled("backend")
        add_skills(bench.scope, ("backend",), ADD)
    assert "sps skill freeze backend" in taken.value.hint
    assert [one.did for one in freeze_skills(bench.scope, ("backend",)).skills] == ["adopted"]
    locked = bench.scope.repository.lock().skills["backend"]
    assert (locked.source, locked.path) == ("path:.agents/skills/backend", ".")
    assert locked.placement is Placement.FROZEN
    assert ci(bench) == set()
    assert show_skill(bench.scope, "backend").state is SkillState.FROZEN
    assert sync_repository(bench.scope, Syncing()).ok
    assert offers(bench.scope, ()).current == ["backend"]
    with pytest.raises(WorkFailed) as refused:
        unfreeze_skills(bench.scope, ("backend",))
    assert refused.value.code == "repository-own"


def test_an_evaluation_finds_the_skill_of_the_repository(bench: Bench) -> None:
    new_skill(bench.scope, "backend", own=False)
    with pytest.raises(Misuse) as caught:
        asyncio.run(evaluate(bench.world, "backend", agent="claude", repository=bench.repo))
    assert caught.value.code == "no-evals"


def test_a_deleted_own_skill_no_longer_hides_the_bundled_one(bench: Bench) -> None:
    bench.bundled("python", body="bundled\n")
    own = bench.skill("python", under=bench.world.home.skills, body="mine\n")
    add_skills(bench.scope, ("python",), ADD)
    shutil.rmtree(own)
    other = bench.root / "other"
    other.mkdir()
    added = add_skills(bench.scope_of(other), ("python",), ADD)
    assert added.skills[0].source == "bundled"
    assert show_skill(bench.scope, "python").record.source == "bundled"
    skill = bench.world.skills.find("python")
    assert skill is not None
    assert skill.source == "bundled"
    (line,) = [one for one in skill_health(bench.scope).checks if one.name == "own skill"]
    assert f"{own} is gone" in line.cause
    rows = [one.source for one in list_skills(bench.world, digests=False).skills]
    assert rows == ["bundled"]


def test_an_ambiguous_name_is_refused_alike_with_a_command_that_works(bench: Bench) -> None:
    two_of_one_name(bench)
    for verb in (
        lambda: add_skills(bench.scope, ("greeting",), ADD),
        lambda: show_skill(bench.scope, "greeting"),
        lambda: bench.world.skills.find("greeting"),
        lambda: check_references(
            bench.world, "demo", CardText(title="A card", skills=("greeting",))
        ),
        lambda: prove_skills(bench.world, str(bench.repo), names=("greeting",)),
    ):
        with pytest.raises(Misuse) as caught:
            verb()
        assert caught.value.code == "ambiguous-skill"
        source = shlex.split(caught.value.hint)[-1]
        assert source == f"path:{bench.outside}/a/greeting//."
    rows = list_skills(bench.world, digests=False).skills
    assert [(one.ambiguous, one.shadowed) for one in rows] == [(True, False)] * 2
    add_skills(bench.scope, ("greeting",), Adding(source=f"{bench.outside}/b/greeting"))
    assert (bench.place("greeting") / "SKILL.md").read_text().endswith("b\n")


def test_one_content_from_two_sources_is_not_ambiguous(bench: Bench) -> None:
    for team in ("a", "b"):
        bench.install(bench.skill("greeting", under=bench.outside / team))
    assert add_skills(bench.scope, ("greeting",), ADD).ok
    assert show_skill(bench.scope, "greeting").intact
    assert bench.world.skills.find("greeting") is not None
    assert not any(one.ambiguous for one in list_skills(bench.world).skills)


def test_user_sync_says_what_is_ambiguous_and_links_the_rest(bench: Bench) -> None:
    two_of_one_name(bench)
    bench.install(bench.skill("python"))
    (bench.user / ".claude").mkdir()
    found = sync_user(bench.scope, (), ())
    assert {(one.name, one.did) for one in found.skills} == {
        ("greeting", "skipped"), ("python", "linked"),
    }  # fmt: skip
    assert not found.ok


def test_a_card_with_a_skill_in_quarantine_says_what_to_type(bench: Bench) -> None:
    arrived = bench.install(bench.skill("greeting"), trust=False).skills[0]
    with pytest.raises(Misuse, match="quarantine") as caught:
        check_references(bench.world, "demo", CardText(title="A card", skills=("greeting",)))
    assert caught.value.code == "skill-quarantined"
    assert caught.value.hint == f"sps skill trust greeting@{arrived.record.digest[:12]}"


def test_add_with_one_wrong_name_changes_nothing(bench: Bench) -> None:
    bench.bundled("python")
    with pytest.raises(Misuse):
        add_skills(bench.scope, ("python", "pythn"), ADD)
    assert not bench.scope.repository.lock_path.exists()
    assert not os.path.lexists(bench.place("python"))
    assert bench.world.skill_store.installed() == []


def test_add_with_one_taken_place_changes_nothing(bench: Bench) -> None:
    bench.bundled("python")
    bench.bundled("rust")
    bench.skill("rust", under=bench.repo / ".agents/skills", body="mine\n")
    with pytest.raises(WorkFailed) as caught:
        add_skills(bench.scope, ("python", "rust"), ADD)
    assert caught.value.code == "place-taken"
    assert not bench.scope.repository.lock_path.exists()


def test_a_source_that_a_repository_locked_stays_and_its_twin_goes_without_trash(
    bench: Bench,
) -> None:
    for team in ("a", "b"):
        bench.install(bench.skill("greeting", under=bench.outside / team))
    one, other = (f"path:{bench.outside}/{team}/greeting" for team in ("a", "b"))
    add_skills(bench.scope, ("greeting",), Adding(source=one))
    with pytest.raises(WorkFailed) as caught:
        forget_skill(bench.scope, "greeting", one)
    assert caught.value.code == "skill-in-use"
    assert forget_skill(bench.scope, "greeting", other).trash == []
    assert check_lock(bench.scope).ok
    with pytest.raises(WorkFailed):
        forget_skill(bench.scope, "greeting", None)


def test_an_edit_through_a_link_is_named_and_lies_in_the_trash_under_its_name(
    bench: Bench,
) -> None:
    bench.bundled("python")
    add_skills(bench.scope, ("python",), ADD)
    tamper(bench.place("python"))
    found = check_lock(bench.scope).differences
    assert (Difference.CHANGED_FILE, ".agents/skills/python/SKILL.md") in {
        (one.kind, one.path) for one in found
    }
    assert Difference.WRONG_LINK not in {one.kind for one in found}
    (done,) = sync_repository(bench.scope, Syncing()).skills
    assert done.did == "repaired"
    (lying,) = bench.world.skill_store.trash()
    assert (lying.name, done.trash) == ("python", [lying.folder])
    assert (Path(lying.folder) / "SKILL.md").read_text() == "evil"
    assert check_lock(bench.scope).ok


def test_a_folder_of_the_users_in_an_agents_place_is_told_before_anything_is_locked(
    bench: Bench,
) -> None:
    bench.bundled("backend")
    mine = bench.skill("backend", under=bench.repo / ".claude/skills", body="mine\n")
    with pytest.raises(WorkFailed) as caught:
        add_skills(bench.scope, ("backend",), Adding(agents=("claude",)))
    assert caught.value.code == "foreign-folder"
    assert ".claude/skills/backend" in caught.value.hint
    assert not bench.scope.repository.lock_path.exists()
    assert (mine / "SKILL.md").read_text().endswith("mine\n")


def test_a_list_opens_no_file_of_the_library_but_its_skill_texts(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.bundled("python", files={"references/a.md": "a\n"})  # type: ignore[arg-type]

    def refuse(folder: Path) -> None:
        raise AssertionError(folder)

    monkeypatch.setattr(bench.world.skill_folders, "read", refuse)
    (row,) = list_skills(bench.world, bench.scope, digests=False).skills
    assert row.description


def test_many_skills_are_installed_with_one_write_of_the_list(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        bench.skill(f"skill-{number}")
    bench.install(bench.skill("first", under=bench.root / "first"))
    written: list[Path] = []
    from sps.lib import atomic

    write = atomic.write

    def counted(path: Path, content: bytes, **how: int) -> None:
        written.append(path)
        write(path, content, **how)

    monkeypatch.setattr(atomic, "write", counted)
    found = bench.install(bench.outside, every=True).skills
    assert len(written) == 1
    assert {(one.did, one.record.trusted) for one in found} == {("installed", True)}
    records: list[Installed] = bench.world.skill_store.installed()
    assert len(records) == 21
    assert msgspec.json.decode(written[0].read_bytes())["version"] == 1
