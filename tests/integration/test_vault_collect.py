"""Whatever an agent did to its repository, nothing it made is lost."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sps.model.errors import WorkFailed
from sps.ports.vault import Kept
from tests.vault_place import LAND, OTHER_RUN, RUN, VaultPlace, make_place, naive

pytestmark = pytest.mark.needs("git")


@pytest.fixture
def place(tmp_path: Path) -> VaultPlace:
    return make_place(tmp_path)


def reachable(place: VaultPlace, commit: str) -> bool:
    """Tell whether one of our refs leads to a commit."""
    refs = place.vault.refs(place.project, "refs/sps").values()
    return any(place.vault.is_ancestor(place.project, commit, ref) for ref in refs)


def test_commits_on_another_branch_and_a_detached_head_are_kept(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    naive("checkout", "-qb", "odd/$(touch${IFS}x)", cwd=folder)
    other = place.commit_file("other.txt", "other\n", folder)
    naive("checkout", "-q", "--detach", workspace.start, cwd=folder)
    detached = place.commit_file("detached.txt", "detached\n", folder)
    found = place.collect(workspace)
    assert found.tip == detached
    assert reachable(place, other)


def test_rewritten_history_is_kept(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    amended = place.commit_file("one.txt", "1\n", folder)
    naive("commit", "-q", "--amend", "-m", "again", cwd=folder)
    reset = place.commit_file("two.txt", "2\n", folder)
    naive("reset", "-q", "--hard", workspace.start, cwd=folder)
    naive("branch", "gone", reset, cwd=folder)
    naive("branch", "-q", "-D", "gone", cwd=folder)
    (folder / "file0.txt").write_text("stashed\n")
    naive("stash", cwd=folder)
    stash = naive("rev-parse", "stash", cwd=folder)
    naive("stash", "drop", cwd=folder)
    found = place.collect(workspace)
    assert found.tip == workspace.start
    assert found.salvage == f"refs/sps/salvage/{RUN}"
    assert all(reachable(place, commit) for commit in (amended, reset, stash))


def test_history_without_the_start_is_kept_and_its_files_are_the_tip(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    naive("checkout", "-q", "--orphan", "alone", cwd=folder)
    orphan = place.commit_file("alone.txt", "alone\n", folder)
    found = place.collect(workspace)
    assert place.git("log", "-1", "--format=%P", found.tip) == workspace.start
    assert place.files(found.tip)["alone.txt"] == "alone"
    assert reachable(place, orphan)


def test_collected_garbage_in_a_pack_is_kept(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    place.commit_file("one.txt", "1\n", folder)
    dropped = place.commit_file("two.txt", "2\n", folder)
    naive("repack", "-q", "-a", "-d", cwd=folder)
    naive("reset", "-q", "--hard", "HEAD~1", cwd=folder)
    naive("gc", "-q", cwd=folder)
    found = place.collect(workspace)
    assert found.commits == 1
    assert reachable(place, dropped)


@pytest.mark.parametrize("steps", ["rm -rf .git", "rm -rf .git/objects", "git gc --prune=now -q"])
def test_files_survive_a_destroyed_repository(place: VaultPlace, steps: str) -> None:
    workspace, folder = place.prepare()
    place.commit_file("made.txt", "made\n", folder)
    (folder / "dirty.txt").write_text("dirty\n")
    subprocess.run(["bash", "-c", steps], cwd=folder, check=True, timeout=60)
    files = place.files(place.collect(workspace).tip)
    assert (files["made.txt"], files["dirty.txt"]) == ("made", "dirty")
    assert place.vault.fsck(place.project) == []


def test_broken_object_costs_only_the_commits_that_need_it(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    naive("checkout", "-qb", "broken", cwd=folder)
    broken = place.commit_file("broken.txt", "broken\n", folder)
    blob = naive("rev-parse", "HEAD:broken.txt", cwd=folder)
    naive("checkout", "-q", "sps/work", cwd=folder)
    good = place.commit_file("good.txt", "good\n", folder)
    (folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    found = place.collect(workspace)
    assert found.tip == good
    assert len([line for line in found.left_out if broken in line]) == 1
    assert place.vault.fsck(place.project) == []


def test_nested_repository_is_salvaged_whole_and_never_a_link(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    for name, commit in (("nested", True), ("unborn", False)):
        (folder / name).mkdir()
        naive("init", "-q", cwd=folder / name)
        if commit:
            place.commit_file("deep.txt", "deep\n", folder / name)
        else:
            (folder / name / "deep.txt").write_text("deep\n")
    naive("init", "-q", cwd=folder / "folder")
    (folder / "folder" / "inner.txt").write_text("changed\n")
    naive("add", "nested", cwd=folder)
    naive("commit", "-qm", "link", cwd=folder)
    found = place.collect(workspace)
    assert "160000" not in place.git("ls-tree", "-r", found.tip)
    assert place.files(found.tip)["folder/inner.txt"] == "changed"
    salvaged = place.git("ls-tree", "-r", "--name-only", str(found.salvage)).splitlines()
    assert {"nested/deep.txt", "nested/%2Egit/HEAD", "unborn/deep.txt"} <= set(salvaged)
    place.vault.release(place.project, workspace)
    place.prepare()
    assert not (folder / "folder" / ".git").exists()
    assert not (folder / "nested").exists()


def test_salvage_cap_leaves_out_the_largest_and_says_so(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    with open(folder / "huge.log", "wb") as file:
        file.truncate(65 << 20)
    (folder / "small.log").write_text("small\n")
    found = place.collect(workspace)
    assert found.left_out == (f"huge.log ({65 << 20} bytes)",)
    assert place.files(str(found.salvage)) == {"small.log": "small"}


def test_many_left_out_files_are_summed_by_folder(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    (folder / "cache").mkdir()
    for number in range(300):
        with open(folder / "cache" / f"{number}.bin", "wb") as file:
            file.truncate(65 << 20)
    found = place.collect(workspace)
    assert found.left_out == (f"cache/ ({300 * (65 << 20)} bytes)",)


def test_environment_files_are_neither_work_nor_salvage(place: VaultPlace) -> None:
    kept = (Kept(path="modules"), Kept(path="a/cache"))
    workspace = place.vault.prepare(place.project, place.head, kept=kept)
    folder = Path(workspace.path)
    for path in ("modules/big.js", "a/cache/x"):
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_text("x\n")
    assert naive("status", "--porcelain", cwd=folder) == ""
    found = place.vault.collect(place.project, workspace, RUN, "m")
    assert (found.tip, found.salvage) == (workspace.start, None)


def test_force_added_ignored_file_stays_in_the_tip(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    place.commit_file("wanted.log", "wanted\n", folder)
    (folder / "dirty.txt").write_text("dirty\n")
    assert place.files(place.collect(workspace).tip)["wanted.log"] == "wanted"


def test_lost_workspace_is_said(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    shutil.rmtree(folder)
    with pytest.raises(WorkFailed) as caught:
        place.collect(workspace)
    assert caught.value.code == "workspace-lost"
    other, _ = place.prepare()
    assert other.path != workspace.path


KILL = """
import sys
import time
from collections.abc import Callable
from pathlib import Path
import msgspec
from sps.adapters.git_vault import GitVault
from sps.model.project import Project
from sps.ports.home import Home
from sps.ports.vault import Workspace
root, project, workspace, run = sys.argv[1:]
GitVault(Home(Path(root))).collect(
    msgspec.json.decode(project, type=Project), msgspec.json.decode(workspace, type=Workspace),
    run, "Card work")
"""


@pytest.mark.parametrize(
    "point", ["before-fetch", "after-fetch", "after-add", "after-commit", "after-refs"]
)
def test_collect_killed_anywhere_is_repeated_with_the_same_result(
    place: VaultPlace, point: str
) -> None:
    import msgspec

    workspace, folder = place.prepare()
    place.commit_file("made.txt", "made\n", folder)
    (folder / "dirty.txt").write_text("dirty\n")
    (folder / "debug.log").write_text("ignored\n")
    documents = [msgspec.json.encode(value).decode() for value in (place.project, workspace)]
    killed = subprocess.run(
        [sys.executable, "-c", KILL, str(place.home.root), *documents, RUN],
        env={**os.environ, "SPS_KILL_AT": f"collect-{point}"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    found = place.collect(workspace)
    assert place.files(found.tip).keys() >= {"made.txt", "dirty.txt"}
    assert place.files(str(found.salvage)) == {"debug.log": "ignored"}
    assert place.vault.refs(place.project, f"refs/sps/runs/{RUN}/tip").popitem()[1] == found.tip
    assert place.vault.fsck(place.project) == []


def test_tidying_keeps_every_object(place: VaultPlace) -> None:
    tips = []
    for number in range(42):
        workspace, folder = place.prepare()
        tips.append(place.commit_file(f"made{number}.txt", "made\n", folder))
        place.collect(workspace, f"run{number}")
        place.vault.release(place.project, workspace)
    packs = list((place.home.vault("demo") / "objects" / "pack").glob("*.pack"))
    assert len(packs) < 10
    assert all(place.vault.exists(place.project, tip) for tip in tips)
    assert place.vault.fsck(place.project) == []


def test_run_id_that_is_no_ulid_dates_the_work_by_its_start(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    (folder / "dirty.txt").write_text("dirty\n")
    tip = place.collect(workspace, "run-7").tip
    start, made = (
        int(place.git("log", "-1", "--format=%ct", commit)) for commit in (workspace.start, tip)
    )
    assert made == start + 1
    assert place.collect(workspace, "run-7").tip == tip
    assert place.collect(workspace, OTHER_RUN).tip != tip


def test_change_of_the_same_length_in_the_second_of_the_checkout_is_collected(
    place: VaultPlace,
) -> None:
    """Git compares times by the second, and trusts them once its index is from a later one."""
    place.commit_file("lock.txt", "0\n")
    place.vault.refresh(place.project, LAND)
    for _ in range(5):
        wait_until(lambda: time.time() % 1 < 0.3)
        workspace, folder = place.prepare()
        checked_out = (folder / "lock.txt").stat()
        with (folder / "lock.txt").open("r+") as file:
            file.write("x")
        written = (folder / "lock.txt").stat()
        if int(written.st_mtime) == int(checked_out.st_mtime):
            break
        place.vault.release(place.project, workspace)
    else:
        pytest.fail("no checkout and change within a second")
    wait_until(lambda: int(time.time()) > int(written.st_mtime))
    collected = place.collect(workspace)
    assert collected.uncommitted == ("lock.txt",)
    assert place.files(collected.tip)["lock.txt"] == "x"


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)
