"""Newer versions of skills: shown before they come in, merged with edits, never a surprise."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sps.model.skills.lock import Placement
from sps.model.skills.state import SkillState
from sps.services.skills.add import Adding, add_skills
from sps.services.skills.ci import check_lock
from sps.services.skills.freeze import freeze_skills, unfreeze_skills
from sps.services.skills.outcome import Outcome
from sps.services.skills.trash import list_trash
from sps.services.skills.update import accept, offers
from tests.fakes.skill_bench import Bench, git, skill_text

pytestmark = pytest.mark.needs("git")
LINES = "".join(f"Line {number}.\n" for number in range(12))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def source(bench: Bench, *, copy: bool = False) -> Path:
    """Make a skill with two references, installed, trusted and added."""
    files = {"references/a.md": LINES, "references/b.md": "b\n"}
    folder = bench.skill("python", files=files)
    bench.install(folder)
    add_skills(bench.scope, ("python",), Adding(copy=copy))
    return folder


def update(bench: Bench, *, keep_mine: bool = False) -> Outcome:
    return accept(bench.scope, offers(bench.scope, ()).offers, keep_mine=keep_mine).skills[0]


def test_what_is_up_to_date_is_said(bench: Bench) -> None:
    source(bench)
    found = offers(bench.scope, ("python",))
    assert (found.offers, found.current, found.failed) == ([], ["python"], {})


def test_an_offer_shows_text_and_risks_and_changes_nothing(bench: Bench) -> None:
    folder = source(bench)
    before = bench.scope.repository.lock_path.read_bytes()
    held = os.readlink(bench.place("python"))
    (folder / "references/b.md").write_text("better\n")
    (folder / "scripts").mkdir()
    (folder / "scripts/run.py").write_text("import os\n")
    offer = offers(bench.scope, ()).offers[0]
    assert "+better" in offer.change.text
    assert offer.change.scripts == ("scripts/run.py",)
    assert offer.risky
    assert bench.scope.repository.lock_path.read_bytes() == before
    assert os.readlink(bench.place("python")) == held
    assert len(bench.world.skill_store.installed()) == 1


def test_an_accepted_offer_moves_the_link_and_the_lock(bench: Bench) -> None:
    folder = source(bench)
    (folder / "references/b.md").unlink()
    (folder / "references/a.md").write_text("new\n")
    done = update(bench)
    assert (done.did, done.state) == ("updated", SkillState.LINKED)
    assert not (bench.place("python") / "references/b.md").exists()
    assert (bench.place("python") / "references/a.md").read_text() == "new\n"
    assert check_lock(bench.scope).ok
    assert "references/b.md" not in bench.scope.repository.lock().skills["python"].files


def test_a_copy_is_replaced_and_an_edited_copy_is_not(bench: Bench) -> None:
    folder = source(bench, copy=True)
    (folder / "references/b.md").write_text("better\n")
    assert update(bench).did == "updated"
    assert (bench.place("python") / "references/b.md").read_text() == "better\n"
    (bench.place("python") / "references/b.md").write_text("mine\n")
    (folder / "references/b.md").write_text("best\n")
    done = update(bench)
    assert (done.did, done.state) == ("left", SkillState.MODIFIED)
    assert (bench.place("python") / "references/b.md").read_text() == "mine\n"


def test_freeze_edit_update_unfreeze_loses_nothing(bench: Bench) -> None:
    folder = source(bench)
    freeze_skills(bench.scope, ("python",))
    mine = bench.place("python")
    (mine / "references/a.md").write_text(LINES.replace("Line 1.", "MINE 1."))
    (mine / "notes.md").write_text("only mine\n")
    (folder / "references/a.md").write_text(LINES.replace("Line 10.", "THEIRS 10."))
    (folder / "references/c.md").write_text("new\n")
    done = update(bench)
    assert (done.did, done.left) == ("updated", {})
    text = (mine / "references/a.md").read_text()
    assert "MINE 1." in text
    assert "THEIRS 10." in text
    assert (mine / "notes.md").read_text() == "only mine\n"
    assert (mine / "references/c.md").read_text() == "new\n"
    assert bench.scope.repository.lock().skills["python"].placement is Placement.FROZEN
    gone = unfreeze_skills(bench.scope, ("python",), discard=True).skills[0]
    trash = Path(gone.trash[0])
    assert (trash / "references/a.md").read_text() == text
    assert (trash / "notes.md").read_text() == "only mine\n"
    assert [one.name for one in list_trash(bench.scope).items] == ["python"]
    assert "THEIRS 10." in (mine / "references/a.md").read_text()
    assert check_lock(bench.scope).ok


def test_a_conflict_leaves_every_file_and_the_lock(bench: Bench) -> None:
    folder = source(bench)
    freeze_skills(bench.scope, ("python",))
    mine = bench.place("python")
    (mine / "references/a.md").write_text(LINES.replace("Line 1.", "MINE"))
    lock = bench.scope.repository.lock_path.read_bytes()
    (folder / "references/a.md").write_text(LINES.replace("Line 1.", "THEIRS"))
    (folder / "references/b.md").write_text("better\n")
    assert offers(bench.scope, ()).offers[0].conflicts == ("references/a.md",)
    done = update(bench)
    assert list(done.left) == [".agents/skills/python/references/a.md"]
    assert "MINE" in (mine / "references/a.md").read_text()
    assert (mine / "references/b.md").read_text() == "b\n"
    assert bench.scope.repository.lock_path.read_bytes() == lock
    assert update(bench, keep_mine=True).did == "updated"
    assert "MINE" in (mine / "references/a.md").read_text()
    assert (mine / "references/b.md").read_text() == "better\n"


def test_accepted_edits_stay_accepted_over_an_update(bench: Bench) -> None:
    folder = source(bench)
    freeze_skills(bench.scope, ("python",))
    (bench.place("python") / "notes.md").write_text("mine\n")
    freeze_skills(bench.scope, ("python",))
    assert check_lock(bench.scope).ok
    (folder / "references/b.md").write_text("better\n")
    update(bench)
    assert check_lock(bench.scope).ok


def test_a_skill_that_its_source_dropped_stays(bench: Bench) -> None:
    repo = bench.root / "upstream"
    bench.skill("python", under=repo / "skills")
    bench.skill("go", under=repo / "skills")
    git(repo, "init", "--quiet", "--initial-branch", "main")
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "skills")
    bench.install(f"git+{repo}", every=True)
    add_skills(bench.scope, ("python",), Adding())
    assert bench.scope.repository.lock().skills["python"].commit == git(repo, "rev-parse", "HEAD")
    git(repo, "rm", "-rq", "skills/python")
    git(repo, "commit", "-qm", "drop")
    found = offers(bench.scope, ())
    assert "gone-upstream" in found.failed["python"]
    assert bench.place("python").is_symlink()
    assert check_lock(bench.scope).ok


def test_a_rug_pull_is_refused_and_the_locked_version_stays(bench: Bench) -> None:
    folder = source(bench)
    (folder / "SKILL.md").write_text(skill_text("python", body="Hidden \U000e0041 words.\n"))
    found = offers(bench.scope, ())
    assert found.offers == []
    assert "skill-refused" in found.failed["python"]
    assert "Hidden" not in (bench.place("python") / "SKILL.md").read_text()


def test_commands_have_to_be_trusted_again_after_an_update(bench: Bench) -> None:
    from sps.services.skills.trust import to_trust, trust

    folder = source(bench)
    trust(bench.scope, to_trust(bench.scope, "python", None), commands=True)
    (folder / "references/b.md").write_text("better\n")
    update(bench)
    found = bench.world.skills.find("python")
    assert found is not None
    assert not found.commands


def test_another_repository_keeps_the_version_that_it_has_locked(bench: Bench) -> None:
    folder = source(bench)
    other = bench.root / "other"
    other.mkdir()
    scope = bench.scope_of(other)
    add_skills(scope, ("python",), Adding())
    (folder / "references/b.md").write_text("better\n")
    update(bench)
    assert check_lock(scope).ok
    assert (other / ".agents/skills/python/references/b.md").read_text() == "b\n"
