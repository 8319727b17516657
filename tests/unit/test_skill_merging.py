"""What a merge of three skill trees promises: no edit is lost, whatever the other side did."""

from __future__ import annotations

from pathlib import Path

import pytest

from sps.adapters.skill_merge_git import GitMerge
from sps.model.errors import WorkFailed
from sps.model.skills.tree import SkillFile, SkillTree, tree_of
from sps.services.skills.merging import merge_trees, rewrite

pytestmark = pytest.mark.needs("git")
LINES = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n"


def tree(**files: str | None) -> SkillTree:
    made = {path.replace("_", "/"): text for path, text in files.items() if text is not None}
    return tree_of([SkillFile(path=path, content=text.encode()) for path, text in made.items()])


def merged(base: SkillTree, mine: SkillTree, theirs: SkillTree) -> tuple[dict[str, str], list[str]]:
    done = merge_trees(GitMerge(), base, mine, theirs)
    return {path: one.content.decode() for path, one in done.tree.files.items()}, done.conflicts


def test_what_one_side_changed_is_taken_from_it() -> None:
    base = tree(a="1", b="1", c="1", d="1")
    mine = tree(a="2", b="1", c=None, d="1", e="mine")
    theirs = tree(a="1", b="2", c="1", d=None, f="theirs")
    assert merged(base, mine, theirs) == ({"a": "2", "b": "2", "e": "mine", "f": "theirs"}, [])


def test_two_edits_of_one_file_come_together() -> None:
    mine, theirs = LINES.replace("one", "ONE"), LINES.replace("seven", "SEVEN")
    text, conflicts = merged(tree(a=LINES), tree(a=mine), tree(a=theirs))
    assert (text["a"], conflicts) == (mine.replace("seven", "SEVEN"), [])


@pytest.mark.parametrize(
    "base,mine,theirs",
    [("1\n", "2\n", "3\n"), ("1\n", None, "2\n"), ("1\n", "2\n", None), (None, "1\n", "2\n"),
     ("\0a", "\0b", "\0c")],
)  # fmt: skip
def test_a_conflict_keeps_my_file(base: str | None, mine: str | None, theirs: str | None) -> None:
    text, conflicts = merged(tree(a=base), tree(a=mine), tree(a=theirs))
    assert text.get("a") == mine
    assert conflicts == ["a"]


def test_modes_are_merged_too() -> None:
    plain = SkillFile(path="a", content=b"1")
    runs = SkillFile(path="a", content=b"1", executable=True)
    other = SkillFile(path="a", content=b"2")
    done = merge_trees(GitMerge(), tree_of([plain]), tree_of([runs]), tree_of([other]))
    assert done.tree.files["a"] == SkillFile(path="a", content=b"2", executable=True)
    assert done.conflicts == []


def test_a_merged_text_merged_again_stays_as_it_is() -> None:
    base, theirs = LINES, LINES.replace("seven", "SEVEN")
    mine = theirs.replace("one", "ONE")
    assert merged(tree(a=base), tree(a=mine), tree(a=theirs)) == ({"a": mine}, [])


def test_a_folder_is_rewritten_and_left_without_empty_folders(tmp_path: Path) -> None:
    old, new = tree(x_y_z="1", keep="1"), tree(keep="2", n_m="3")
    for path, file in old.files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(file.content)
    rewrite(tmp_path, old, new)
    assert sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*")) == [
        "keep", "n", "n/m",
    ]  # fmt: skip
    assert (tmp_path / "keep").read_text() == "2"


def test_a_rewrite_follows_no_link(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "skill"
    outside.mkdir()
    folder.mkdir()
    (folder / "n").symlink_to(outside)
    with pytest.raises(WorkFailed) as caught:
        rewrite(folder, tree(), tree(n_m="3"))
    assert caught.value.code == "folder-changed"
    assert list(outside.iterdir()) == []
