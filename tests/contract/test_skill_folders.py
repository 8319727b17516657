"""What reading and placing skill folders promises."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from sps.adapters.skill_folders import DiskSkillFolders
from sps.adapters.skills_dir import SkillsDir
from sps.model.errors import Absent, Misuse, WorkFailed
from sps.model.skills.tree import SkillFile, SkillTree, tree_of
from sps.ports.skill_store import Entry, SkillFolders
from tests.skill_makers import put, skill, tree


@pytest.fixture
def folders() -> SkillFolders:
    return DiskSkillFolders()


def why(folders: SkillFolders, folder: Path) -> str:
    with pytest.raises(Misuse) as caught:
        folders.read(folder)
    assert caught.value.code == "source-refused"
    assert str(folder) in caught.value.message
    return caught.value.message


def test_a_written_tree_reads_the_same(folders: SkillFolders, tmp_path: Path) -> None:
    whole = tree()
    for name, writable in (("a", True), ("b", False)):
        place = tmp_path / "deep" / "er" / name
        folders.write(place, whole, writable=writable)
        assert folders.read(place) == whole
        assert folders.read(place).digest == whole.digest
        for path in (place, *place.rglob("*")):
            assert bool(path.stat().st_mode & stat.S_IWUSR) == writable
    assert (tmp_path / "deep" / "er" / "a" / "scripts" / "run.sh").stat().st_mode & 0o777 == 0o755
    assert {path.name for path in (tmp_path / "deep" / "er").iterdir()} == {"a", "b"}


def test_a_folder_reads_as_its_maker_meant_it(folders: SkillFolders, tmp_path: Path) -> None:
    assert folders.read(skill(tmp_path / "python")) == tree()


def test_both_readers_of_folders_give_one_digest(folders: SkillFolders, tmp_path: Path) -> None:
    folder = skill(tmp_path / "python")
    put(folder / "a" / "b" / "ünïcode 漢字.md", "x")
    put(folder / "a.b", "sorts before a/b as bytes, and after it by parts")
    put(folder / "big", b"\0" * 3_000_000)
    found = SkillsDir((tmp_path,)).find("python")
    assert found is not None
    assert found.digest == folders.read(folder).digest


def test_links_that_stay_inside_are_what_they_lead_to(
    folders: SkillFolders, tmp_path: Path
) -> None:
    folder = skill(tmp_path / "python")
    (folder / "typing.md").symlink_to("references/typing.md")
    (folder / "refs").symlink_to("references")
    (folder / "references" / "back.md").symlink_to("../refs/../SKILL.md")
    whole = folders.read(folder)
    assert whole.files["typing.md"].content == b"types\n"
    assert whole.files["refs/typing.md"].content == b"types\n"
    assert whole.files["references/back.md"].content == whole.files["SKILL.md"].content
    folders.write(tmp_path / "copy", whole)
    assert not any(path.is_symlink() for path in (tmp_path / "copy").rglob("*"))
    assert folders.read(tmp_path / "copy").digest == whole.digest


@pytest.mark.parametrize(
    "target,reason",
    [
        ("../secret", "leads out of it"),
        ("/etc/passwd", "leads out of it"),
        ("references/../../secret", "leads out of it"),
        ("missing", "leads nowhere"),
        ("SKILL.md/x", "leads nowhere"),
        ("link", "leads in a circle"),
        (".", "leads in a circle"),
        ("references/..", "leads in a circle"),
        (".git/config", "a link into a .git"),
        ("refs", "leads in a circle"),
    ],
)
def test_other_links_are_refused(
    folders: SkillFolders, tmp_path: Path, target: str, reason: str
) -> None:
    put(tmp_path / "secret", "CANARY")
    folder = skill(tmp_path / "python")
    put(folder / ".git" / "config", "CANARY")
    (folder / "refs").symlink_to("link" if target == "refs" else "references")
    (folder / "link").symlink_to(target)
    said = why(folders, folder)
    assert reason in said
    assert "CANARY" not in said


def test_the_folder_itself_is_no_link(folders: SkillFolders, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(skill(tmp_path / "python"))
    assert "it is a link" in why(folders, tmp_path / "link")
    assert "no folder" in why(folders, put(tmp_path / "file"))
    with pytest.raises(Absent) as caught:
        folders.read(tmp_path / "missing")
    assert caught.value.code == "source-missing"


def test_what_is_no_file_is_refused_without_waiting(folders: SkillFolders, tmp_path: Path) -> None:
    folder = skill(tmp_path / "python")
    os.mkfifo(folder / "pipe")
    assert "pipe: no regular file" in why(folders, folder)


@pytest.mark.parametrize(
    "name,reason",
    [
        ("back\\slash", "backslash"),
        ("esc\x1b[31m", "control"),
        ("rtl\u202etxt", "U+202E"),
        ("tag\U000e0041", "U+E0041"),
        ("zero\u200bwidth", "U+200B"),
        ("nul.txt", "device"),
        ("COM1", "device"),
        ("c:x", "drive letter"),
        ("end.", "ends with a dot"),
        ("sub/.GIT", ".git inside"),
        ("sub/.g\u200cit", ".git inside"),
        ("skill.MD", "differ only in case"),
        ("bad\udcff", "no UTF-8"),
    ],
)
def test_names_that_mean_something_else_elsewhere_are_refused(
    folders: SkillFolders, tmp_path: Path, name: str, reason: str
) -> None:
    folder = skill(tmp_path / "python")
    put(folder / name, "x")
    said = why(folders, folder)
    assert reason in said
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_composed_and_decomposed_names_clash(folders: SkillFolders, tmp_path: Path) -> None:
    folder = skill(tmp_path / "python")
    put(folder / "caf\u00e9")
    put(folder / "cafe\u0301")
    assert "differ only in case" in why(folders, folder)


def test_a_folder_is_bounded(folders: SkillFolders, tmp_path: Path) -> None:
    wide = skill(tmp_path / "wide")
    for number in range(2000):
        put(wide / f"f{number}")
    assert "more than 2000 files" in why(folders, wide)
    large = skill(tmp_path / "large")
    with (large / "blob").open("wb") as file:
        file.truncate(10 * 1024 * 1024)
    assert "bytes" in why(folders, large)
    deep = skill(tmp_path / "deep")
    put(deep.joinpath(*"d" * 21) / "f")
    assert "21" not in why(folders, deep)
    assert "nested more than 20 deep" in why(folders, deep)
    put(tmp_path.joinpath("fit", *"d" * 20) / "f")
    assert folders.read(tmp_path / "fit").files


def test_links_cannot_multiply_a_folder(folders: SkillFolders, tmp_path: Path) -> None:
    folder = skill(tmp_path / "python")
    for level in range(12):
        (folder / f"l{level}").mkdir()
        for number in range(4):
            (folder / f"l{level}" / f"n{number}").symlink_to(f"../l{level + 1}")
    put(folder / "l12" / "f")
    assert "more than" in why(folders, folder)


def test_a_git_folder_at_the_top_is_left_out(folders: SkillFolders, tmp_path: Path) -> None:
    folder = skill(tmp_path / "python")
    put(folder / ".git" / "config", "x")
    assert folders.read(folder) == tree()


def test_nothing_is_written_over(folders: SkillFolders, tmp_path: Path) -> None:
    places = [put(tmp_path / "full" / "mine", "mine").parent, tmp_path / "empty", tmp_path / "file"]
    places += [tmp_path / "link", tmp_path / "dangling"]
    places[1].mkdir()
    put(places[2], "mine")
    places[3].symlink_to(places[0])
    places[4].symlink_to("nowhere")
    before = sorted(os.listdir(tmp_path))
    for place in places:
        with pytest.raises(FileExistsError):
            folders.write(place, tree())
        with pytest.raises(FileExistsError):
            folders.link(place, tmp_path)
    assert sorted(os.listdir(tmp_path)) == before
    assert os.listdir(places[0]) == ["mine"]


def test_a_tree_that_would_leave_its_folder_is_not_written(
    folders: SkillFolders, tmp_path: Path
) -> None:
    for path in ("../x", "/tmp/x", "a/../../x", "", "a//b", "C:x"):
        with pytest.raises(Misuse):
            folders.write(tmp_path / "p", tree_of([SkillFile(path=path, content=b"x")]))
    both = SkillTree(files={p: SkillFile(path=p, content=b"x") for p in ("a", "a/b")})
    with pytest.raises(Misuse, match="as well"):
        folders.write(tmp_path / "p", both)
    assert os.listdir(tmp_path) == []


def test_a_write_that_fails_leaves_nothing(folders: SkillFolders, tmp_path: Path) -> None:
    put(tmp_path / "file")
    with pytest.raises((WorkFailed, FileExistsError)):
        folders.write(tmp_path / "file" / "p", tree())
    long = tree_of([SkillFile(path="/".join(["x" * 200] * 25), content=b"")])
    with pytest.raises(WorkFailed):
        folders.write(tmp_path / "p", long)
    assert os.listdir(tmp_path) == ["file"]


def test_a_link_on_the_way_cannot_lead_out(folders: SkillFolders, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    repo = tmp_path / "repo"
    (repo / "real").mkdir(parents=True)
    (repo / ".agents").symlink_to(tmp_path / "outside")
    (repo / ".claude").symlink_to("real")
    place = repo / ".agents" / "skills" / "python"
    for verb in (
        lambda: folders.write(place, tree(), inside=repo),
        lambda: folders.link(place, tmp_path, inside=repo),
    ):
        with pytest.raises(Misuse, match="leads out"):
            verb()
    assert os.listdir(tmp_path / "outside") == []
    folders.write(repo / ".claude" / "skills" / "python", tree(), inside=repo)
    assert (repo / "real" / "skills" / "python" / "SKILL.md").exists()


def test_entries_are_what_lies_there(folders: SkillFolders, tmp_path: Path) -> None:
    place = tmp_path / "skills"
    assert list(folders.entries(place)) == []
    skill(place / "python")
    put(place / "notes.txt")
    assert folders.link(place / "linked", place / "python")
    (place / "loop").symlink_to("loop")
    (place / "gone").symlink_to("nowhere")
    assert list(folders.entries(place)) == [
        Entry(name="gone", folder=False, target="nowhere"),
        Entry(name="linked", folder=True, target=str(place / "python")),
        Entry(name="loop", folder=False, target="loop"),
        Entry(name="notes.txt", folder=False),
        Entry(name="python", folder=True),
    ]
    assert list(folders.entries(place / "notes.txt")) == []
