"""What `skills.lock` promises: one text for one lock, and nothing believed that comes out of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sps.model.errors import Misuse, NewerData
from sps.model.skills.lock import LockedSkill, Placement, SkillsLock
from sps.model.skills.lock_text import LOCK_LIMIT, digest_of, files_of, parse, render
from sps.model.skills.tree import SkillFile, tree_of

TREE = tree_of(
    [
        SkillFile(path="SKILL.md", content=b"x"),
        SkillFile(path="scripts/run.sh", content=b"y", executable=True),
        SkillFile(path="références/ä.md", content=b"z"),
    ]
)


def one(**changes: Any) -> LockedSkill:
    fields: dict[str, Any] = {
        "source": "bundled", "path": "python", "digest": TREE.digest, "verdict": "clean",
        "files": files_of(TREE),
    }  # fmt: skip
    return LockedSkill(**(fields | changes))


def test_a_lock_comes_back_as_it_was() -> None:
    lock = SkillsLock(
        agents=("kiro",),
        skills={
            "zed": one(
                commit="a" * 40, checks="b" * 64, placement=Placement.FROZEN, edited="c" * 64
            ),
            "alpha": one(disabled=True, source="git+ssh://host/x.git@v1", path="."),
        },
    )
    assert parse(render(lock)) == lock
    assert render(parse(render(lock))) == render(lock)


def test_the_text_is_sorted_ascii_and_ends_with_a_newline() -> None:
    text = render(SkillsLock(skills={"b": one(), "a": one()}))
    assert text == render(SkillsLock(skills={"a": one(), "b": one()}))
    assert text.endswith(b"}\n")
    assert text.isascii()
    assert text.index(b'"a"') < text.index(b'"b"')


def test_the_digest_of_listed_files_is_that_of_the_tree() -> None:
    assert digest_of(files_of(TREE)) == TREE.digest
    assert digest_of({}) == tree_of([]).digest


def broken(change: Callable[[dict[str, Any]], None]) -> bytes:
    raw = json.loads(render(SkillsLock(skills={"python": one()})))
    change(raw)
    return json.dumps(raw).encode()


def skill(raw: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = raw["skills"]["python"]
    return found


@pytest.mark.parametrize(
    "name", ["../../src", "..", "Python", "pythоn", "a/b", "", "x" * 65, "a--b"]
)
def test_a_name_that_could_be_a_path_or_a_look_alike_is_refused(name: str) -> None:
    text = broken(lambda raw: raw["skills"].update({name: skill(raw)}))
    with pytest.raises(Misuse) as caught:
        parse(text)
    assert caught.value.code == "broken-lock"


@pytest.mark.parametrize(
    "path", ["../x", "/etc/passwd", "a//b", "a/../b", "a\\b", "", "a\0", "./a"]
)
def test_a_file_that_leaves_its_skill_is_refused(path: str) -> None:
    row = {"sha256": "0" * 64, "mode": "644"}
    with pytest.raises(Misuse, match="cannot be read"):
        parse(broken(lambda raw: skill(raw)["files"].update({path: row})))


@pytest.mark.parametrize(
    "field,value",
    [
        ("digest", "0" * 63), ("digest", "G" * 64), ("checks", "x"), ("edited", "1"),
        ("commit", "abc"), ("commit", "--upload-pack=x"), ("source", ""), ("path", "../x"),
        ("path", "/x"), ("source", "x\x1b[31m"), ("source", "a" * 5000), ("verdict", ""),
        ("placement", "hard"), ("disabled", "no"), ("files", []), ("more", 1), ("source", None),
    ],
)  # fmt: skip
def test_a_field_that_is_wrong_is_refused(field: str, value: object) -> None:
    with pytest.raises(Misuse) as caught:
        parse(broken(lambda raw: skill(raw).update({field: value})))
    assert caught.value.code == "broken-lock"


def test_a_mode_other_than_two_is_refused() -> None:
    row = {"sha256": "0" * 64, "mode": "4755"}
    with pytest.raises(Misuse):
        parse(broken(lambda raw: skill(raw)["files"].update({"x": row})))


def test_two_files_that_differ_only_in_case_are_refused() -> None:
    row = {"sha256": "0" * 64, "mode": "644"}
    with pytest.raises(Misuse, match="case"):
        parse(broken(lambda raw: skill(raw)["files"].update({"skill.MD": row})))


@pytest.mark.parametrize(
    "text",
    [b"", b"{}", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"version": 0}', b'{"version": "1"}',
     b'{"version": 1, "version": 1, "skills": {}}', b'{"version": 1, "agents": ["../x"]}'],
)  # fmt: skip
def test_what_is_no_lock_is_refused(text: bytes) -> None:
    with pytest.raises(Misuse) as caught:
        parse(text)
    assert caught.value.code == "broken-lock"


def test_a_lock_of_a_newer_program_is_left_alone() -> None:
    with pytest.raises(NewerData):
        parse(b'{"version": 2, "skills": {"x": {"new": "shape"}}}')


def test_a_lock_is_bounded() -> None:
    with pytest.raises(Misuse, match="larger"):
        parse(b" " * (LOCK_LIMIT + 1))
    many = SkillsLock(skills={f"s{number}": one(files={}) for number in range(5001)})
    with pytest.raises(Misuse, match="more than 5000"):
        parse(render(many))
