"""What folders of skills promise."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sps.adapters.skills_dir import SkillsDir
from sps.model.errors import Misuse

TEXT = "---\nname: python\ndescription: How we write Python.\n---\n# Rules\nBe kind.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "skills"
    put(made / "python" / "SKILL.md", TEXT)
    put(made / "python" / "references" / "typing.md", "types")
    return made


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def digest(folder: Path) -> str:
    skill = SkillsDir((folder,)).find("python")
    assert skill is not None
    return skill.digest


def test_a_skill_is_found_by_its_name(folder: Path) -> None:
    skill = SkillsDir((folder,)).find("python")
    assert skill is not None
    assert skill.name == "python"
    assert skill.description == "How we write Python."
    assert skill.body == "# Rules\nBe kind.\n"
    assert skill.path == str(folder / "python")
    assert len(skill.digest) == 64


def test_the_first_folder_wins(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    put(other / "python" / "SKILL.md", "mine")
    put(other / "go" / "SKILL.md", "go")
    skills = SkillsDir((other, folder, tmp_path / "missing"))
    found = skills.find("python")
    assert found is not None
    assert found.body == "mine"
    assert skills.names() == ["go", "python"]


@pytest.mark.parametrize(
    "name", ["", "..", "../skills/python", "Python", "a/b", "python/", "a\0b", "-x", "x" * 65]
)
def test_a_name_is_never_a_path(folder: Path, name: str) -> None:
    assert SkillsDir((folder,)).find(name) is None


def test_only_folders_with_a_skill_file_count(folder: Path) -> None:
    (folder / "empty").mkdir()
    put(folder / "plain", "x")
    put(folder / "Upper" / "SKILL.md", TEXT)
    (folder / "linked").symlink_to(folder / "python")
    assert SkillsDir((folder,)).names() == ["python"]
    assert SkillsDir((folder,)).find("linked") is None


def test_the_digest_changes_with_everything_that_counts(folder: Path) -> None:
    first = digest(folder)
    assert digest(folder) == first
    reference = folder / "python" / "references" / "typing.md"
    os.utime(reference, (1, 1))
    assert digest(folder) == first
    reference.chmod(0o755)
    executable = digest(folder)
    reference.write_text("other")
    content = digest(folder)
    reference.rename(reference.with_name("types.md"))
    name = digest(folder)
    put(folder / "python" / "extra", "")
    assert len({first, executable, content, name, digest(folder)}) == 5


def test_the_digest_does_not_confuse_names_with_content(tmp_path: Path) -> None:
    for root, files in (("one", {"a": "1", "b": "2"}), ("two", {"a": "2", "b": "1"})):
        for name, text in files.items():
            put(tmp_path / root / "python" / name, text)
        put(tmp_path / root / "python" / "SKILL.md", "x")
    assert digest(tmp_path / "one") != digest(tmp_path / "two")


def test_links_inside_are_not_followed(folder: Path, tmp_path: Path) -> None:
    first = digest(folder)
    (folder / "python" / "out").symlink_to(put(tmp_path / "secret", "secret"))
    (folder / "python" / "loop").symlink_to(folder / "python")
    assert digest(folder) == first


def test_what_cannot_be_read_is_said(folder: Path, tmp_path: Path) -> None:
    (folder / "link").mkdir()
    (folder / "link" / "SKILL.md").symlink_to(folder / "python" / "SKILL.md")
    put(folder / "large" / "SKILL.md", "x" * (256 * 1024 + 1))
    put(folder / "latin" / "SKILL.md", "").write_bytes(b"\xe9")
    (folder / "pipe").mkdir()
    os.mkfifo(folder / "pipe" / "SKILL.md")
    for name in ("link", "large", "latin", "pipe"):
        with pytest.raises(Misuse) as caught:
            SkillsDir((folder,)).find(name)
        assert caught.value.code == "broken-skill"


def test_a_skill_is_bounded(folder: Path) -> None:
    for index in range(2000):
        put(folder / "python" / f"f{index}", "")
    with pytest.raises(Misuse, match="files"):
        digest(folder)
    put(folder / "big" / "SKILL.md", "x")
    with (folder / "big" / "blob").open("wb") as file:
        file.truncate(10 * 1024 * 1024 + 1)
    with pytest.raises(Misuse, match="bytes") as caught:
        SkillsDir((folder,)).find("big")
    assert caught.value.code == "skill-too-large"


@pytest.mark.parametrize(
    "text,description,body",
    [
        ("no front matter", "", "no front matter"),
        ("---\ndescription: Use when: always\n---\nB", "Use when: always", "B"),
        ("---\ndescription: >\n  two\n  lines\n---\n", "two lines", ""),
        ("---\nname: x\n---\nB", "", "B"),
        ("---\ndescription: [a]\n---\nB", "", "B"),
        ("---\n---\nB", "", "B"),
        ("---\nx: &a [*a]\ndescription: d\n---\nB", "d", "B"),
    ],
)
def test_a_careless_front_matter_is_forgiven(
    folder: Path, text: str, description: str, body: str
) -> None:
    put(folder / "python" / "SKILL.md", text)
    skill = SkillsDir((folder,)).find("python")
    assert skill is not None
    assert (skill.description, skill.body) == (description, body)
