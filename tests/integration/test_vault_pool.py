"""The pool never gives out, and never removes, what is not its own or still holds work."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from sps.adapters.git_vault import GitVault
from sps.model.errors import Misuse
from sps.ports.vault import Workspace
from tests.vault_place import VaultPlace, make_place, naive

pytestmark = pytest.mark.needs("git")


@pytest.fixture
def place(tmp_path: Path) -> VaultPlace:
    return make_place(tmp_path)


def test_threads_get_folders_of_their_own(place: VaultPlace) -> None:
    taken: list[str] = []

    def take() -> None:
        taken.append(GitVault(place.home).prepare(place.project, place.head).path)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(set(taken)) == 8


def test_foreign_folder_or_link_in_the_pool_is_left_alone(place: VaultPlace) -> None:
    pool = place.vault.pool_path(place.project)
    pool.mkdir(parents=True, exist_ok=True)
    (pool / "1").mkdir()
    (pool / "1" / "precious").write_text("mine\n")
    (pool / "2").symlink_to(place.repo)
    workspace, _ = place.prepare()
    assert Path(workspace.path).name == "3"
    assert (pool / "1" / "precious").exists()
    assert naive("status", "--porcelain", cwd=place.repo) == ""


def test_free_folder_that_was_replaced_is_left_alone(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    place.collect(workspace)
    place.vault.release(place.project, workspace)
    folder.rename(folder.with_name("aside"))
    folder.symlink_to(place.repo)
    other, _ = place.prepare()
    assert other.path != workspace.path
    assert naive("status", "--porcelain", cwd=place.repo) == ""


def test_path_outside_the_pool_is_no_workspace(place: VaultPlace) -> None:
    strange = Workspace(path=str(place.repo), index="", start=place.head)
    with pytest.raises(Misuse):
        place.collect(strange)


def test_checkout_of_a_dead_process_is_taken_back_and_work_is_not(place: VaultPlace) -> None:
    tree = place.vault.tree_of(place.project, place.head)
    checkout = place.vault.checkout(place.project, tree)
    workspace, _ = place.prepare()
    (Path(checkout.path) / "leftover").write_text("x\n")
    registry = place.vault.pool_path(place.project) / ".slots"
    for record in registry.glob("*.json"):
        record.write_text(record.read_text().replace('"started":', '"started":9'))
    again = place.vault.checkout(place.project, tree)
    assert again.path == checkout.path != workspace.path
    assert not (Path(again.path) / "leftover").exists()


def test_deleted_index_of_a_folder_costs_only_time(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    (folder / "dirty").write_text("x\n")
    place.collect(workspace)
    place.vault.release(place.project, workspace)
    Path(workspace.index).unlink()
    again, _ = place.prepare()
    assert again.path == workspace.path
    assert naive("status", "--porcelain", cwd=folder) == ""


def test_everything_an_agent_left_is_gone_for_the_next(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    (folder / "folder" / "inner.txt").unlink()
    (folder / "folder").rmdir()
    (folder / "folder").symlink_to("/")
    (folder / "file0.txt").unlink()
    (folder / "file0.txt").mkdir()
    (folder / "file0.txt" / "below").write_text("x\n")
    (folder / "cache" / "empty").mkdir(parents=True)
    deep = folder / "deep"
    for _ in range(300):
        deep = deep / "d"
    deep.mkdir(parents=True)
    (folder / "locked").mkdir(mode=0o000)
    place.collect(workspace)
    place.vault.release(place.project, workspace)
    again, _ = place.prepare()
    assert again.path == workspace.path
    assert naive("status", "--porcelain", "--ignored", cwd=folder) == ""
    names = {path.name for path in folder.iterdir()}
    assert names == {".git", ".gitignore", "file0.txt", "file1.txt", "file2.txt", "folder"}
    assert list((folder.parent / ".trash").iterdir()) == []
