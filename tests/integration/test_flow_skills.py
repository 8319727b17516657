"""What a card's skills do in a flow: lent to the agent, pinned, checked, and accounted for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.model.event import EventKind
from sps.services.skill_ledger import SkillAccount, ledger
from tests.integration.scene import Make, Scene, file, scenes, sh

pytestmark = pytest.mark.needs("bwrap", "git")

PIPELINE = """\
version: 1
agent: scripted
stages:
  - {name: develop, timeout: 1m, idle_timeout: 20s, attempts: 3}
gates:
  - {name: sound, run: test ! -e broken}
"""
COMMIT = "git -c user.name=a -c user.email=a@example.com commit -qm"
TEXT = "---\nname: house\ndescription: Use when writing here.\n---\nCall it by its name.\n"


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with scenes(tmp_path, PIPELINE) as maker:
        yield maker


def write(scene: Scene, text: str = TEXT, name: str = "house") -> Path:
    """Put a skill of the owner's own into the home."""
    folder = scene.world.home.skills / name
    (folder / "references").mkdir(parents=True, exist_ok=True)
    (folder / "SKILL.md").write_text(text)
    (folder / "references" / "names.md").write_text("# Names\n\nShort ones.\n")
    return folder


def account(scene: Scene, name: str = "house") -> SkillAccount:
    return next(one for one in ledger(scene.world, "p").skills if one.name == name)


def test_agent_finds_its_skill_in_the_workspace_and_none_of_it_lands(make: Make) -> None:
    scene = make()
    write(scene)
    body = sh(f"cp .agents/skills/house/references/names.md seen.md; git add -A; {COMMIT} x")
    scene.add(body, skills=("house",))
    scene.tick()
    assert scene.states() == {1: "done"}
    assert scene.repo.at("seen.md") == "# Names\n\nShort ones.".strip()
    assert scene.repo.git("ls-tree", "-r", "--name-only", "main").splitlines() == [
        "README.md", "app.txt", "seen.md",
    ]  # fmt: skip
    assert "salvage" not in scene.vault("for-each-ref", "--format=%(refname)")


def test_prompt_holds_the_body_and_the_index_of_its_files(make: Make) -> None:
    scene = make()
    write(scene)
    scene.add(file("a.txt", "a\n"), skills=("house",))
    scene.tick()
    prompt = scene.prompt(scene.runs(1)[0])
    assert "Call it by its name." in prompt
    assert "`.agents/skills/house`" in prompt
    assert "`references/names.md`" in prompt


def test_skill_that_an_agent_commits_by_force_comes_back_to_it(make: Make) -> None:
    scene = make()
    write(scene)
    forced = f"git add -f .agents; {COMMIT} skills"
    scene.add(
        file("a.txt", "a\n") + sh(forced, "attempt=1")
        + sh(f"git rm -rqf .agents; {COMMIT} out", "attempt=2"),
        skills=("house",),
    )  # fmt: skip
    scene.tick()
    assert scene.states() == {1: "done"}
    assert scene.reasons(1) == ["skill-committed"]
    assert ".agents/skills/house/SKILL.md" in scene.prompt(scene.runs(1)[1])
    assert scene.repo.at("a.txt") == "a"
    assert scene.repo.at(".agents/skills/house/SKILL.md") is None


def test_skill_folder_of_the_repository_itself_stays_what_it_is(make: Make) -> None:
    scene = make()
    write(scene)
    scene.repo.commit({".agents/skills/house/SKILL.md": "the repository's own\n"})
    scene.add(sh("cat .agents/skills/house/SKILL.md > seen.md"), skills=("house",))
    scene.tick()
    assert scene.repo.at("seen.md") == "the repository's own"


def test_link_in_the_way_of_a_skill_is_not_followed(make: Make, tmp_path: Path) -> None:
    scene = make()
    write(scene)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    os.symlink(elsewhere, scene.repo.path / ".agents")
    scene.repo.git("add", "-A")
    scene.repo.git("commit", "-qm", "a trap")
    scene.add(file("a.txt", "a\n"), skills=("house",))
    scene.tick()
    assert scene.states() == {1: "done"}
    assert list(elsewhere.iterdir()) == []


def test_commit_names_the_skill_as_the_agent_had_it(make: Make) -> None:
    scene = make()
    folder = write(scene)
    before = scene.world.skills.find("house")
    assert before is not None

    def change() -> None:
        (folder / "SKILL.md").write_text(TEXT + "One more rule.\n")

    scene.add(sh("sleep 0.5") + file("a.txt", "a\n"), skills=("house",))
    scene.tick(when=lambda: scene.working(1), do=change)
    assert scene.repo.trailers()["Skills"] == f"house@{before.digest[:12]}"


def test_held_out_card_works_without_the_text_and_is_counted_apart(make: Make) -> None:
    scene = make(PIPELINE + "skills: {holdout: 1}\n")
    write(scene)
    scene.add(file("a.txt", "a\n") + sh("test ! -e .agents"), skills=("house",))
    scene.tick()
    assert scene.states() == {1: "done"}
    assert "Call it by its name." not in scene.prompt(scene.runs(1)[0])
    started = scene.events(1, EventKind.RUN_STARTED)[0].payload
    assert started["skills"] == []
    assert started["held_out"][0].startswith("house@")
    assert "Skills" not in scene.repo.trailers()
    found = account(scene)
    assert found.cards == 0
    assert found.held_out is not None
    assert (found.held_out.good, found.held_out.of) == (1, 1)


def test_ledger_tells_first_pass_rework_and_landing_of_each_skill(make: Make) -> None:
    scene = make()
    write(scene)
    scene.add(file("a.txt", "a\n"), skills=("house",))
    scene.add(file("broken", "x\n", "attempt=1") + sh("rm -f broken; echo > b", "attempt=2"),
              skills=("house",))  # fmt: skip
    scene.add(file("c.txt", "c\n"))
    scene.tick()
    found = account(scene)
    assert (found.cards, found.landed, found.rework) == (2, 2, 1)
    assert (found.first_pass.good, found.first_pass.of) == (1, 2)
    assert 0 < found.first_pass.low < 0.5 < found.first_pass.high < 1
    assert found.injected > 0
    assert found.effect is None


CHECKED = PIPELINE + "  - {skills: block}\n"
BAD = """\
import requests


def find(db, url, name):
    answer = requests.get(url)
    return db.execute("select id from users where name = '" + name + "'"), answer
"""
GOOD = """\
import requests


def find(db, url, name):
    answer = requests.get(url, timeout=5)
    return db.execute("select id from users where name = ?", (name,)), answer
"""


def test_checks_of_the_cards_skills_send_each_broken_sentence_back_and_the_repair_lands(
    make: Make,
) -> None:
    scene = make(CHECKED)
    body = file("src/find.py", BAD, "attempt=1") + file("src/find.py", GOOD, "attempt=2")
    scene.add(body, skills=("backend", "python"))
    scene.tick()
    assert scene.states() == {1: "done"}
    assert scene.reasons(1) == ["gate-failed"]
    first, second = scene.events(1, EventKind.SKILLS_CHECKED)
    told = {(one["check"], one["path"], one["line"]) for one in first.payload["findings"]}
    assert ("backend-timeout", "src/find.py", 5) in told
    assert ("backend-sql-concat", "src/find.py", 6) in told
    assert second.payload["ok"]
    prompt = scene.prompt(scene.runs(1)[1])
    for one in first.payload["findings"]:
        assert f"{one['path']}:{one['line']}: {one['severity']}: {one['says']}" in prompt
    trailer = scene.repo.trailers()["Skills"]
    for name in ("backend", "python"):
        skill = scene.world.skills.find(name)
        assert skill is not None
        assert f"{name}@{skill.digest[:12]}" in trailer
    logs = scene.world.home.gate_logs("p", scene.card(1).id)
    assert len(list(logs.glob("*.sarif"))) == 2
    assert account(scene, "backend").findings >= 2


def test_old_violations_of_the_target_are_nobodys_finding(make: Make) -> None:
    scene = make(CHECKED)
    scene.repo.commit({"src/find.py": BAD})
    scene.add(sh("echo 'VERSION = 1' >> src/find.py"), skills=("backend",))
    scene.tick()
    assert scene.states() == {1: "done"}
    assert scene.events(1, EventKind.SKILLS_CHECKED)[0].payload["findings"] == []


def test_gate_that_only_warns_lets_the_change_land_and_keeps_what_it_found(make: Make) -> None:
    scene = make(PIPELINE + "  - {skills: warn}\n")
    scene.add(file("src/find.py", BAD), skills=("backend",))
    scene.tick()
    assert scene.states() == {1: "done"}
    found = scene.events(1, EventKind.SKILLS_CHECKED)[0].payload["findings"]
    assert "backend-timeout" in {one["check"] for one in found}


def test_waiver_with_a_reason_lets_a_line_pass_and_is_counted(make: Make) -> None:
    scene = make(CHECKED)
    waived = GOOD.replace(
        "    answer = requests.get(url, timeout=5)",
        "    # skill-ok: backend-timeout the caller bounds the whole call\n"
        "    answer = requests.get(url)",
    )
    scene.add(file("src/find.py", waived), skills=("backend",))
    scene.tick()
    assert scene.states() == {1: "done"}
    waivers = scene.events(1, EventKind.SKILLS_CHECKED)[0].payload["waivers"]
    assert [one["reason"] for one in waivers] == ["the caller bounds the whole call"]
    assert account(scene, "backend").waivers == 1


def test_reviewer_gets_the_sentences_that_only_a_reader_can_judge(make: Make) -> None:
    review = "  - {name: review, approve: agent, agent: scripted}\n"
    scene = make(CHECKED.replace("gates:", review + "gates:"))
    scene.add(file("src/find.py", GOOD), skills=("backend",))
    scene.tick()
    assert scene.states() == {1: "done"}
    judge = scene.events(1, EventKind.SKILLS_CHECKED)[0].payload["judge"]
    assert judge
    assert f"- {judge[0]['says']}" in scene.prompt(scene.runs(1)[1])


def test_crashing_checks_are_no_verdict(make: Make) -> None:
    scene = make(CHECKED)
    folder = write(scene)
    (folder / "checks").mkdir()
    (folder / "checks" / "checks.yaml").write_text("version: 1\nchecks: [oops]\n")
    scene.add(file("a.txt", "a\n"), skills=("house",))
    scene.tick()
    state, reason = scene.standing(1)
    assert (state, reason) != ("done", None)
    assert scene.repo.at("a.txt") is None
