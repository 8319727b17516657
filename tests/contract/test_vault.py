"""What every vault promises."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sps.model.errors import Absent, Misuse, WorkFailed
from sps.model.pipeline import Land
from sps.ports.vault import PushOutcome
from tests.vault_place import LAND, OTHER_RUN, RUN, VaultPlace, make_place, naive

pytestmark = pytest.mark.needs("git")
SPECIAL = ("folder/inner.txt", "file0.txt")


@pytest.fixture
def place(tmp_path: Path) -> VaultPlace:
    return make_place(tmp_path)


def test_create_is_repeatable_and_has_the_target_branch(place: VaultPlace) -> None:
    place.vault.create(place.project)
    assert place.vault.refs(place.project, "refs/heads") == {"refs/heads/main": place.head}
    assert place.vault.exists(place.project, place.head)
    assert place.vault.fsck(place.project) == []


def test_refresh_follows_the_target_even_when_it_was_forced(place: VaultPlace) -> None:
    assert place.vault.refresh(place.project, LAND).fetched is False
    moved = place.commit_file("file0.txt", "moved\n")
    state = place.vault.refresh(place.project, LAND)
    assert (state.commit, state.fetched) == (moved, True)
    naive("reset", "-q", "--hard", "HEAD~1", cwd=place.repo)
    other = place.commit_file("other.txt", "forced\n")
    assert place.vault.refresh(place.project, LAND).commit == other


def test_missing_target_branch_and_repository_are_told_apart_from_failures(
    place: VaultPlace,
) -> None:
    for land in (Land(branch="nowhere"), Land(to="origin")):  # type: ignore[arg-type]
        with pytest.raises(Absent) as caught:
            place.vault.refresh(place.project, land)
        assert caught.value.code == "target-missing"
    os.rename(place.repo, place.root / "elsewhere")
    for question in (place.vault.refresh, place.vault.target):
        with pytest.raises(Absent, match="gone"):
            question(place.project, LAND)


def test_workspace_is_a_clean_repository_on_its_own_branch(place: VaultPlace) -> None:
    _, folder = place.prepare()
    assert naive("symbolic-ref", "HEAD", cwd=folder) == "refs/heads/sps/work"
    assert naive("rev-parse", "HEAD", "origin/main", cwd=folder).split() == [place.head] * 2
    assert naive("status", "--porcelain", cwd=folder) == ""
    assert naive("fsck", "--connectivity-only", cwd=folder) == ""
    assert (folder / "folder" / "inner.txt").read_text() == "inner\n"


def test_overlay_lies_uncommitted_in_the_work_tree(place: VaultPlace) -> None:
    tip = place.work("file0.txt", "theirs\n")
    base = place.commit_file("file0.txt", "ours\n")
    place.vault.refresh(place.project, LAND)
    merged = place.vault.merge(place.project, base, tip)
    workspace = place.vault.prepare(place.project, tip, overlay=merged.tree)
    assert "<<<<<<<" in (Path(workspace.path) / "file0.txt").read_text()
    assert naive("status", "--porcelain", cwd=workspace.path) == "M file0.txt"
    assert "<<<<<<<" in place.files(place.collect(workspace, OTHER_RUN).tip)["file0.txt"]


def test_checkout_is_exactly_the_tree_and_has_no_git(place: VaultPlace) -> None:
    tree = place.vault.tree_of(place.project, place.head)
    workspace = place.vault.checkout(place.project, tree)
    found = {path.name for path in Path(workspace.path).iterdir()}
    assert found == {".gitignore", "file0.txt", "file1.txt", "file2.txt", "folder"}
    place.vault.release(place.project, workspace)


def test_untouched_workspace_collects_to_its_start(place: VaultPlace) -> None:
    workspace, _ = place.prepare()
    found = place.collect(workspace)
    assert (found.tip, found.commits, found.uncommitted) == (workspace.start, 0, ())
    assert (found.salvage, found.left_out) == (None, ())


def test_collect_keeps_commits_and_dirty_files(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    mine = place.commit_file("made.txt", "made\n", folder)
    (folder / "dirty.txt").write_text("dirty\n")
    (folder / "file0.txt").unlink()
    found = place.collect(workspace)
    assert (found.commits, found.uncommitted) == (1, ("dirty.txt", "file0.txt"))
    assert place.vault.is_ancestor(place.project, mine, found.tip)
    files = place.files(found.tip)
    assert (files["made.txt"], files["dirty.txt"]) == ("made", "dirty")
    assert "file0.txt" not in files
    assert place.git("log", "-1", "--format=%an %ae %s", found.tip) == (
        "Owner owner@example.org Card work"
    )
    assert place.vault.refs(place.project, f"refs/sps/runs/{RUN}")


def test_collect_repeated_gives_the_same_refs(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    place.commit_file("made.txt", "made\n", folder)
    (folder / "debug.log").write_text("ignored\n")
    (folder / "dirty.txt").write_text("dirty\n")
    first = place.collect(workspace)
    refs = place.vault.refs(place.project, "refs/sps")
    assert place.collect(workspace) == first
    assert place.vault.refs(place.project, "refs/sps") == refs


def test_ignored_files_are_salvaged_and_not_in_the_tip(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    (folder / "debug.log").write_text("ignored\n")
    found = place.collect(workspace)
    assert found.tip == workspace.start
    assert found.salvage == f"refs/sps/salvage/{RUN}"
    assert place.files(found.salvage) == {"debug.log": "ignored"}


def test_released_workspace_is_used_again_and_clean(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    (folder / "debug.log").write_text("ignored\n")
    (folder / "file0.txt").write_text("changed\n")
    with pytest.raises(WorkFailed, match="not collected"):
        place.vault.release(place.project, workspace)
    place.collect(workspace)
    place.vault.release(place.project, workspace)
    again, _ = place.prepare()
    assert again.path == workspace.path
    assert naive("status", "--porcelain", "--ignored", cwd=folder) == ""
    place.vault.release(place.project, workspace)  # of the earlier use: no effect
    other, _ = place.prepare()
    assert other.path != again.path


def test_merge_is_clean_or_names_the_conflicts(place: VaultPlace) -> None:
    tip = place.work("file0.txt", "theirs\n")
    assert place.vault.merge(place.project, place.head, tip).clean
    base = place.commit_file("file0.txt", "ours\n")
    place.vault.refresh(place.project, LAND)
    merged = place.vault.merge(place.project, base, tip)
    assert (merged.clean, merged.paths) == (False, ("file0.txt",))
    assert "CONFLICT" in merged.messages
    content = place.vault.read_file(place.project, merged.tree, "file0.txt", 1000)
    assert content is not None
    assert content.startswith(b"<<<<<<<")


def test_diff_names_files_and_lines(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    (folder / "file0.txt").write_text("line 0\nnew\n" + "line 0\n" * 4)
    (folder / 'moved "file"\n.txt').write_bytes((folder / "file1.txt").read_bytes())
    (folder / "file1.txt").unlink()
    (folder / "binary").write_bytes(b"\0\1")
    (folder / "folder" / "inner.txt").chmod(0o755)
    tip = place.collect(workspace).tip
    found = place.vault.diff(place.project, workspace.start, tip)
    by_path = {file.path: file for file in found.files}
    assert [(line.path, line.line, line.text) for line in found.added] == [("file0.txt", 2, "new")]
    assert found.removed == ()
    assert by_path['moved "file"\n.txt'].status == "R"
    assert by_path['moved "file"\n.txt'].old_path == "file1.txt"
    assert by_path["binary"].status == "A"
    assert by_path["folder/inner.txt"].new_mode == "100755"
    assert not found.truncated


def test_diff_leaves_white_space_out_when_it_is_asked_to(place: VaultPlace) -> None:
    tip = place.work("file0.txt", "  line 0\n" + "line 0\n" * 4 + "new\n")
    plain = place.vault.diff(place.project, place.head, tip)
    assert "-line 0" in plain.text
    bare = place.vault.diff(place.project, place.head, tip, ignore_space=True)
    assert [line.text for line in bare.added] == ["new"]
    assert bare.removed == ()
    assert bare.files == plain.files


def test_diff_is_bounded(place: VaultPlace) -> None:
    tip = place.work("big.txt", "0123456789\n" * 300_000)
    found = place.vault.diff(place.project, place.head, tip)
    assert found.truncated
    assert len(found.text) <= 2 << 20
    assert found.files[0].path == "big.txt"


def test_read_file_returns_files_and_the_text_of_links_only(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    (folder / "link").symlink_to("file0.txt")
    (folder / ":(glob)*").write_text("odd\n")
    tip = place.collect(workspace).tip
    read = place.vault.read_file
    assert read(place.project, tip, "folder/inner.txt", 3) == b"inn"
    assert read(place.project, tip, ":(glob)*", 100) == b"odd\n"
    assert read(place.project, tip, "link", 100) == b"file0.txt"
    for path in ("absent", "folder", "folder/", "*.txt", "", "../x"):
        assert read(place.project, tip, path, 100) is None


def test_history_questions(place: VaultPlace) -> None:
    tip = place.work()
    base = place.commit_file("file0.txt", "ours\n")
    place.vault.refresh(place.project, LAND)
    start = place.vault.merge_base(place.project, base, tip)
    assert start is not None
    assert place.vault.is_ancestor(place.project, start, tip)
    assert not place.vault.is_ancestor(place.project, tip, base)
    lone = place.git("commit-tree", "-m", "lone", place.vault.tree_of(place.project, tip))
    assert place.vault.merge_base(place.project, lone, tip) is None
    assert not place.vault.exists(place.project, "0" * 40)
    assert not place.vault.exists(place.project, place.vault.tree_of(place.project, tip))


def test_landing_commits_are_deterministic_and_safe_from_injection(place: VaultPlace) -> None:
    base, tip = place.head, place.work()
    landing = place.landing(
        base,
        tip,
        subject="Title\n\nSPS-Card: forged\x1b[31m",
        trailers=(("SPS-Card", "7\nSigned-off-by: nobody"), ("A: b\n", "c")),
    )
    merge = place.vault.commit_merge(place.project, landing)
    squash = place.vault.commit_squash(place.project, landing)
    assert place.vault.commit_merge(place.project, landing) == merge
    assert place.git("log", "-1", "--format=%P", merge) == f"{base} {tip}"
    assert place.git("log", "-1", "--format=%P", squash) == base
    assert place.git("log", "-1", "--format=%B", merge).splitlines() == [
        "Title SPS-Card: forged [31m",
        "",
        "SPS-Card: 7 Signed-off-by: nobody",
        "Ab: c",
    ]
    assert place.git("log", "-1", "--format=%at %ct %cn", merge) == "1700000000 1700000000 Owner"


def test_rebase_replays_commits_or_says_no(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    place.commit_file("one.txt", "1\n", folder)
    place.commit_file("two.txt", "2\n", folder)
    tip = place.collect(workspace).tip
    base = place.commit_file("file2.txt", "target\n")
    place.vault.refresh(place.project, LAND)
    landing = place.landing(base, tip)
    fresh = place.vault.rebase(place.project, landing)
    assert fresh is not None
    assert fresh == place.vault.rebase(place.project, landing)
    log = place.git("log", "--format=%s|%an|%cn|%(trailers:key=SPS-Card)", f"{base}..{fresh}")
    assert [line for line in log.splitlines() if line] == [
        "change two.txt|Dev|Owner|SPS-Card: 7",
        "change one.txt|Dev|Owner|",
    ]
    assert place.vault.tree_of(place.project, fresh) == landing.tree
    other = place.vault.tree_of(place.project, base)
    assert place.vault.rebase(place.project, place.landing(base, tip, tree=other)) is None


def test_rebase_that_conflicts_is_refused(place: VaultPlace) -> None:
    tip = place.work("file0.txt", "theirs\n")
    base = place.commit_file("file0.txt", "ours\n")
    place.vault.refresh(place.project, LAND)
    assert place.vault.rebase(place.project, place.landing(base, tip)) is None


def test_keep_points_only_refs_of_ours(place: VaultPlace) -> None:
    place.vault.keep(place.project, "refs/sps/landed/7", place.head)
    assert place.vault.refs(place.project, "refs/sps/landed") == {"refs/sps/landed/7": place.head}
    for ref in ("refs/heads/main", "refs/sps/../heads/main", "refs/sps/x.lock", "--stdin"):
        with pytest.raises(Misuse):
            place.vault.keep(place.project, ref, place.head)


def test_push_lands_and_the_vault_follows(place: VaultPlace) -> None:
    base, tip = place.head, place.work()
    commit = place.vault.commit_merge(place.project, place.landing(base, tip))
    for _ in range(2):  # repeated: the same answer
        assert place.vault.push(place.project, LAND, commit, base).outcome is PushOutcome.LANDED
    assert place.vault.target(place.project, LAND) == commit == place.head
    assert place.vault.refs(place.project, "refs/heads") == {"refs/heads/main": commit}
    assert (place.repo / "new.txt").read_text() == "new\n"
    assert naive("status", "--porcelain", cwd=place.repo) == ""
    later = place.commit_file("file1.txt", "later\n")
    assert place.vault.push(place.project, LAND, commit, base).outcome is PushOutcome.LANDED
    assert place.head == later


def test_fsck_finds_a_missing_object(place: VaultPlace) -> None:
    tip = place.work()
    objects = place.home.vault("demo") / "objects"
    (objects / tip[:2] / tip[2:]).unlink()
    assert place.vault.fsck(place.project)


def test_pool_lies_in_the_home(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    assert folder.parent == place.vault.pool_path(place.project) == place.home.pool("demo")
    assert not Path(workspace.index).is_relative_to(folder)


def test_files_of_a_tree_are_found_by_pattern_and_by_folder(place: VaultPlace) -> None:
    place.commit_file("a/uv.lock", "1\n")
    place.commit_file("uv.lock", "1\n")
    place.vault.refresh(place.project, Land())

    def found(*patterns: str) -> list[str]:
        return sorted(place.vault.files(place.project, place.head, patterns))

    assert found() == []
    assert found("uv.lock") == found("./uv.lock") == ["uv.lock"]
    assert found("*.lock") == ["a/uv.lock", "uv.lock"]
    assert found("a/", "folder/*", "none") == ["a/uv.lock", "folder/inner.txt"]
    ids = place.vault.files(place.project, place.head, ("*.lock",))
    assert len(set(ids.values())) == 1  # equal contents, equal ids


def test_mark_changes_with_what_decides_about_a_landing_and_with_nothing_else(
    place: VaultPlace,
) -> None:
    def mark() -> str:
        return place.vault.mark(place.project, LAND)

    marks = [mark()]
    assert mark() == marks[0]
    place.commit_file("file0.txt", "moved\n")
    marks.append(mark())
    naive("config", "user.signingkey", str(place.root / "key"), cwd=place.repo)
    marks.append(mark())
    (place.root / "key").write_text("a key\n")
    marks.append(mark())
    naive("checkout", "-q", "--detach", cwd=place.repo)
    marks.append(mark())
    assert len(set(marks)) == len(marks)
    (place.repo / "unrelated.txt").write_text("x\n")
    assert mark() == marks[-1]
