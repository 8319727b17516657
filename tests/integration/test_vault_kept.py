"""What a setup made comes into every workspace as a copy of its own, and is made good again."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from sps.adapters.git_vault import kept
from sps.model.errors import WorkFailed
from sps.ports.vault import Kept, Workspace
from tests.vault_place import VaultPlace, make_place, naive

pytestmark = pytest.mark.needs("git")
ROOT = "/somewhere/work/7"


@pytest.fixture
def place(tmp_path: Path) -> VaultPlace:
    return make_place(tmp_path)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A shared copy: programs, a text that names where it was made, links."""
    folder = tmp_path / "shared" / ".venv"
    (folder / "bin").mkdir(parents=True)
    (folder / "lib").mkdir()
    (folder / "bin" / "tool").write_text(f"#!{ROOT}/.venv/bin/python\n{ROOT}1 {ROOT}\n")
    (folder / "bin" / "tool").chmod(0o555)
    (folder / "bin" / "python").symlink_to("/usr/bin/env")
    (folder / "bin" / "here").symlink_to(f"{ROOT}/.venv/lib")
    (folder / "lib" / "module.py").write_text("VALUE = 1\n")
    os.utime(folder / "lib" / "module.py", (1_000_000, 1_000_000))
    return folder


def wanted(source: Path, path: str = ".venv", stamp: str = "one") -> tuple[Kept, ...]:
    return (
        Kept(path=path, source=str(source), stamp=stamp, root=ROOT, mentions=("bin/tool",)),
    )  # fmt: skip


def checkout(place: VaultPlace, kept_: tuple[Kept, ...]) -> tuple[Workspace, Path]:
    workspace = place.vault.checkout(place.project, place.head, kept=kept_)
    return workspace, Path(workspace.path)


def again(
    place: VaultPlace, workspace: Workspace, kept_: tuple[Kept, ...]
) -> tuple[Workspace, Path]:
    """Give a checkout back and take the same folder once more."""
    place.vault.release(place.project, workspace)
    fresh, folder = checkout(place, kept_)
    assert fresh.path == workspace.path
    return fresh, folder


def test_copy_names_the_folder_it_lies_in(place: VaultPlace, source: Path) -> None:
    _, folder = checkout(place, wanted(source))
    made = folder / ".venv"
    assert (made / "bin" / "tool").read_text() == (
        f"#!{folder}/.venv/bin/python\n{ROOT}1 {folder}\n"
    )
    assert os.readlink(made / "bin" / "here") == f"{folder}/.venv/lib"
    assert os.readlink(made / "bin" / "python") == "/usr/bin/env"
    assert stat.S_IMODE((made / "bin" / "tool").stat().st_mode) & 0o700 == 0o700
    assert (made / "lib" / "module.py").stat().st_mtime == 1_000_000
    assert (made / "lib" / "module.py").stat().st_ino != (
        source / "lib" / "module.py"
    ).stat().st_ino


def test_untouched_copy_is_taken_up_again_as_it_is(place: VaultPlace, source: Path) -> None:
    workspace, folder = checkout(place, wanted(source))
    before = (folder / ".venv" / "lib" / "module.py").stat()
    workspace, folder = again(place, workspace, wanted(source))
    after = (folder / ".venv" / "lib" / "module.py").stat()
    assert (before.st_ino, before.st_ctime_ns) == (after.st_ino, after.st_ctime_ns)


def test_whatever_was_done_to_a_copy_is_undone(place: VaultPlace, source: Path) -> None:
    workspace, folder = checkout(place, wanted(source))
    made = folder / ".venv"
    module = made / "lib" / "module.py"
    module.write_text("VALUE = 2\n")  # as long as before, and no older
    os.utime(module, (1_000_000, 1_000_000))
    (made / "lib" / "added.py").write_text("x\n")
    (made / "extra").mkdir()
    (made / "extra" / "deep").write_text("x\n")
    (made / "bin" / "python").unlink()
    (made / "bin" / "python").symlink_to("/bin/false")
    (made / "bin" / "tool").chmod(0o000)
    (made / "lib").chmod(0o000)
    made = again(place, workspace, wanted(source))[1] / ".venv"
    assert (made / "lib" / "module.py").read_text() == "VALUE = 1\n"
    assert sorted(os.listdir(made)) == ["bin", "lib"]
    assert os.listdir(made / "lib") == ["module.py"]
    assert os.readlink(made / "bin" / "python") == "/usr/bin/env"
    assert os.access(made / "bin" / "tool", os.X_OK)
    assert (source / "lib" / "module.py").read_text() == "VALUE = 1\n"


def test_link_in_the_place_of_a_copy_is_not_followed(
    place: VaultPlace, source: Path, tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("x\n")
    workspace, folder = checkout(place, wanted(source))
    os.rename(folder / ".venv", folder / "moved")
    (folder / ".venv").symlink_to(precious)
    made = again(place, workspace, wanted(source))[1] / ".venv"
    assert not made.is_symlink()
    assert os.listdir(precious) == ["file"]


def test_other_setup_or_none_takes_the_copys_place(place: VaultPlace, source: Path) -> None:
    workspace, folder = checkout(place, wanted(source))
    before = (folder / ".venv" / "lib" / "module.py").stat()
    workspace, folder = again(place, workspace, wanted(source, stamp="two"))
    assert (folder / ".venv" / "lib" / "module.py").read_text() == "VALUE = 1\n"
    after = (folder / ".venv" / "lib" / "module.py").stat()
    # A file system may give the number of a file that is gone to the next one.
    assert (after.st_ino, after.st_ctime_ns) != (before.st_ino, before.st_ctime_ns)
    assert not (again(place, workspace, ())[1] / ".venv").exists()


def test_nested_path_and_single_file_can_be_kept(place: VaultPlace, source: Path) -> None:
    one = Kept(path="folder/made", source=str(source), stamp="s")
    two = Kept(path="new/file.bin", source=str(source / "lib" / "module.py"), stamp="s")
    workspace, folder = checkout(place, (one, two))
    assert (folder / "folder" / "made" / "lib" / "module.py").exists()
    assert (folder / "folder" / "inner.txt").exists()
    assert (folder / "new" / "file.bin").read_text() == "VALUE = 1\n"
    inode = (folder / "folder" / "made" / "lib" / "module.py").stat().st_ino
    _, folder = again(place, workspace, (one, two))
    assert (folder / "folder" / "made" / "lib" / "module.py").stat().st_ino == inode


def test_file_of_the_repository_in_the_way_is_said(place: VaultPlace, source: Path) -> None:
    with pytest.raises(WorkFailed) as caught:
        checkout(place, wanted(source, path="file0.txt/made"))
    assert caught.value.code == "keep-in-the-way"


def test_agents_clone_has_the_copy_and_git_does_not_see_it(place: VaultPlace, source: Path) -> None:
    workspace = place.vault.prepare(place.project, place.head, kept=wanted(source))
    folder = Path(workspace.path)
    (folder / ".venv" / "lib" / "module.py").write_text("VALUE = 3\n")
    (folder / "work.txt").write_text("work\n")
    assert naive("status", "--porcelain", cwd=folder) == "?? work.txt"
    naive("add", "-f", ".venv/lib/module.py", cwd=folder)
    found = place.collect(workspace)
    assert (found.uncommitted, found.salvage) == (("work.txt",), None)
    assert (source / "lib" / "module.py").read_text() == "VALUE = 1\n"


def test_death_between_two_copies_leaves_no_record_to_trust(
    place: VaultPlace, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, folder = checkout(place, wanted(source))
    place.vault.release(place.project, workspace)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(kept, "write", die)
        with pytest.raises(KeyboardInterrupt):
            checkout(place, wanted(source))
    assert list((folder.parent / ".slots").glob("*.copies")) == []
