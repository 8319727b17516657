"""What the sources of skills promise."""

from __future__ import annotations

import os
import shutil
import stat
import tarfile
from pathlib import Path

import pytest

from sps.adapters.skill_sources import Limits, OutsideSources
from sps.adapters.skill_sources.address import Address, Kind, parse
from sps.model.errors import Absent, Misuse
from sps.model.skills.tree import MAIN
from tests.skill_makers import (
    GIT,
    commit,
    git,
    put,
    repository,
    skill,
    tar_entry,
    tarred,
    text,
    tree,
    zip_entry,
    zipped,
)

needs_git = pytest.mark.needs("git")


def sources_at(root: Path, **limits: int) -> OutsideSources:
    return OutsideSources(
        library=root / "library",
        cache=root / "cache",
        environment=GIT,
        base=root,
        limits=Limits(**limits),
    )


@pytest.fixture
def sources(tmp_path: Path) -> OutsideSources:
    return sources_at(tmp_path)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = repository(tmp_path / "repo")
    skill(folder / "skills" / "python")
    put(folder / "README.md", "hello")
    commit(folder)
    return folder


def test_the_bundled_library_is_read_by_name(sources: OutsideSources, tmp_path: Path) -> None:
    assert sources.bundled() == {}
    skill(tmp_path / "library" / "python")
    skill(tmp_path / "library" / "go", "go")
    put(tmp_path / "library" / "index.json")
    (tmp_path / "library" / "empty").mkdir()
    put(tmp_path / "library" / "go" / "checks" / "cases" / "x" / "bad" / "SKILL.md", "no skill")
    assert sources.bundled() == {name: tmp_path / "library" / name for name in ("go", "python")}
    got = sources.fetch("bundled")
    assert (got.source, got.commit) == ("bundled", None)
    assert sorted(got.skills) == ["go", "python"]
    assert got.skills["python"] == tree()
    assert list(sources.fetch("bundled//python").skills) == ["python"]


def test_a_folder_that_is_a_skill_has_the_path_dot(sources: OutsideSources, tmp_path: Path) -> None:
    skill(tmp_path / "python")
    for said in ("python", "./python", str(tmp_path / "python"), "path:python"):
        got = sources.fetch(said)
        assert got.source == f"path:{tmp_path / 'python'}"
        assert got.skills == {".": tree()}
        assert sources.fetch(got.source) == got


def test_every_folder_with_a_skill_file_is_found(sources: OutsideSources, tmp_path: Path) -> None:
    root = tmp_path / "many"
    for path in ("python", "a/python", ".claude/skills/x", "1/2/3/4/5/6", "1/2/3/4/5/6b/7"):
        skill(root / path)
    for path in ("node_modules/x", ".git/x", "a/node_modules/x", "python/references/x"):
        skill(root / path)
    (root / "b" / "SKILL.md").mkdir(parents=True)
    (root / "link").symlink_to("python")
    got = sources.fetch("many")
    assert sorted(got.skills) == [".claude/skills/x", "1/2/3/4/5/6", "a/python", "python"]
    assert sorted(sources.fetch("many//a").skills) == ["a/python"]
    assert sorted(sources.fetch("many//link").skills) == ["python"]


def test_a_folder_is_not_searched_without_end(sources: OutsideSources, tmp_path: Path) -> None:
    for number in range(2001):
        (tmp_path / "wide" / str(number)).mkdir(parents=True)
    skill(tmp_path / "wide" / "7" / "python")
    with pytest.raises(Misuse, match="more than 2000 folders; name one") as caught:
        sources.fetch("wide")
    assert caught.value.code == "source-refused"
    assert sorted(sources.fetch("wide//7").skills) == ["7/python"]


def test_a_bad_skill_does_not_hide_the_good_ones(sources: OutsideSources, tmp_path: Path) -> None:
    skill(tmp_path / "all" / "good")
    os.mkfifo(skill(tmp_path / "all" / "bad") / "pipe")
    got = sources.fetch("all")
    assert list(got.skills) == ["good"]
    assert got.refused == {"bad": "pipe: no regular file"}
    with pytest.raises(Misuse, match="bad is refused: pipe"):
        sources.fetch("all//bad")


def test_links_within_a_source_are_followed(sources: OutsideSources, tmp_path: Path) -> None:
    root = tmp_path / "all"
    skill(root / "python")
    put(root / "shared" / "rules.md", "rules")
    (root / "python" / "rules.md").symlink_to("../shared/rules.md")
    (root / "alias").mkdir()
    (root / "alias" / MAIN).symlink_to("../python/SKILL.md")
    got = sources.fetch("all")
    assert got.skills["python"].text("rules.md") == "rules"
    assert got.skills["alias"].text(MAIN) == text()


@pytest.mark.parametrize(
    "source,code",
    [
        ("missing", "unknown-source"),
        ("", "unknown-source"),
        ("empty", "unknown-source"),
        ("notes.txt", "unknown-source"),
        ("path:missing", "source-missing"),
        ("archive:missing", "source-missing"),
        ("python//missing", "source-missing"),
        ("python//SKILL.md", "source-missing"),
        ("https://example.org/skills.zip", "unknown-source"),
        ("https://example.org", "unknown-source"),
        ("http://example.org/x.git", "source-refused"),
        ("git://example.org/x.git", "source-refused"),
    ],
)
def test_what_is_no_source_says_so(
    sources: OutsideSources, tmp_path: Path, source: str, code: str
) -> None:
    skill(tmp_path / "python")
    (tmp_path / "empty").mkdir()
    put(tmp_path / "notes.txt", "notes")
    with pytest.raises((Misuse, Absent)) as caught:
        sources.fetch(source)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "said,address",
    [
        ("https://h.org/a/x.git", ("https://h.org/a/x.git", None, "")),
        ("https://h.org/a/x", ("https://h.org/a/x", None, "")),
        ("https://h.org/a/x.git@v1.2", ("https://h.org/a/x.git", "v1.2", "")),
        ("https://h.org/a/x.git@a/b//s/t", ("https://h.org/a/x.git", "a/b", "s/t")),
        ("https://h.org/@scope/x", ("https://h.org/@scope/x", None, "")),
        ("https://h.org/@scope/x@main", ("https://h.org/@scope/x", "main", "")),
        ("https://h.org/a/x.git//s", ("https://h.org/a/x.git", None, "s")),
        ("https://me@h.org/x.git@v1", ("https://me@h.org/x.git", "v1", "")),
        ("ssh://git@h.org:22/x.git@v1//s", ("ssh://git@h.org:22/x.git", "v1", "s")),
        ("git@h.org:a/x.git", ("git@h.org:a/x.git", None, "")),
        ("git@h.org:a/x.git@v1//s", ("git@h.org:a/x.git", "v1", "s")),
        ("h.org:x.git", ("h.org:x.git", None, "")),
        ("file:///a/x.git@v1", ("file:///a/x.git", "v1", "")),
        ("git+file:///a/x.git", ("file:///a/x.git", None, "")),
        ("git+/a/x.git@v1//s", ("/a/x.git", "v1", "s")),
    ],
)
def test_git_addresses_are_taken_apart(
    tmp_path: Path, said: str, address: tuple[str, str | None, str]
) -> None:
    found = parse(said, base=tmp_path)
    assert found == Address(Kind.GIT, *address)
    assert parse(found.canonical, base=tmp_path) == found._replace(below="")


@needs_git
def test_a_repository_is_read_at_its_default_branch(sources: OutsideSources, repo: Path) -> None:
    head = git("rev-parse", "HEAD", cwd=repo)
    for said in (f"file://{repo}", "git+repo", f"git+file://{repo}"):
        got = sources.fetch(said)
        assert got.commit == head
        assert got.skills == {"skills/python": tree()}
        assert sources.fetch(got.source) == got
    assert sources.fetch(f"file://{repo}").source == f"git+file://{repo}"


@needs_git
def test_branches_tags_and_commits_are_found(sources: OutsideSources, repo: Path) -> None:
    first = git("rev-parse", "HEAD", cwd=repo)
    git("tag", "-a", "v1", "-m", "one", cwd=repo)
    put(repo / "skills" / "python" / "more.md", "2")
    second = commit(repo)
    git("branch", "feature/x", cwd=repo)
    put(repo / "skills" / "python" / "more.md", "3")
    third = commit(repo)
    url = f"file://{repo}"
    assert sources.fetch(f"{url}@v1").commit == first
    assert sources.fetch(url, ref="v1").source == f"git+{url}@v1"
    assert sources.fetch(f"{url}@main", ref="feature/x").commit == second
    assert sources.fetch(f"{url}@refs/heads/main").commit == third
    at = sources.fetch(f"{url}@main", ref=first)
    assert (at.commit, at.source) == (first, f"git+{url}@main")
    assert sources.fetch(f"{url}@{second}").source == f"git+{url}@{second}"
    for ref in ("missing", first[:10], "f" * 40):
        with pytest.raises(Absent) as caught:
            sources.fetch(url, ref=ref)
        assert caught.value.code == "source-missing"
        assert ref in caught.value.message


@needs_git
def test_a_moved_branch_is_seen_again(sources: OutsideSources, repo: Path) -> None:
    url = f"file://{repo}"
    sources.fetch(url)
    git("commit", "--quiet", "--amend", "-m", "rewritten", cwd=repo)
    assert sources.fetch(url).commit == git("rev-parse", "HEAD", cwd=repo)


@needs_git
def test_offline_only_the_cache_is_used(sources: OutsideSources, repo: Path) -> None:
    url = f"file://{repo}"
    with pytest.raises(Absent) as caught:
        sources.fetch(url, offline=True)
    assert caught.value.code == "offline"
    first = sources.fetch(url)
    put(repo / "skills" / "python" / "more.md")
    second = commit(repo)
    assert sources.fetch(url, offline=True) == first
    with pytest.raises(Absent):
        sources.fetch(url, ref=second, offline=True)
    assert sources.fetch(url).commit == second
    shutil.rmtree(repo)
    assert sources.fetch(url, ref=first.commit) == first  # a full id needs no one to ask
    assert sources.fetch(url, ref=first.commit, offline=True) == first
    with pytest.raises(Absent) as caught:
        sources.fetch(url)
    assert caught.value.code == "source-missing"


@needs_git
def test_a_repository_is_not_checked_out(sources: OutsideSources, repo: Path) -> None:
    put(repo / ".gitattributes", "* text eol=crlf ident filter=evil\n")
    put(repo / "skills" / "python" / "id.md", "$Id$\n")
    commit(repo)
    got = sources.fetch(f"file://{repo}")
    assert got.skills["skills/python"].text("id.md") == "$Id$\n"
    cached = [path.name for path in (repo.parent / "cache").rglob("*")]
    assert "SKILL.md" not in cached
    assert "index" not in cached


@needs_git
def test_links_and_modes_of_a_repository_are_kept(sources: OutsideSources, repo: Path) -> None:
    folder = repo / "skills" / "python"
    (folder / "readme.md").symlink_to("../../README.md")
    (folder / "refs").symlink_to("references")
    commit(repo)
    got = sources.fetch(f"file://{repo}").skills["skills/python"]
    assert got.text("readme.md") == "hello"
    assert got.text("refs/typing.md") == "types\n"
    assert got.files["scripts/run.sh"].executable
    assert not got.files["SKILL.md"].executable


@needs_git
def test_submodules_are_left_out_with_a_note(sources: OutsideSources, repo: Path) -> None:
    other = repository(repo.parent / "other")
    skill(other / "secret")
    commit(other)
    git("submodule", "add", "--quiet", f"file://{other}", "skills/python/sub", cwd=repo)
    commit(repo)
    got = sources.fetch(f"file://{repo}")
    assert got.skills == {"skills/python": tree()}
    assert got.notes == ("the submodule skills/python/sub is left out",)


@needs_git
def test_two_skills_of_one_name_come_under_their_paths(sources: OutsideSources, repo: Path) -> None:
    skill(repo / "other" / "python")
    commit(repo)
    assert sorted(sources.fetch(f"file://{repo}").skills) == ["other/python", "skills/python"]
    assert list(sources.fetch(f"file://{repo}//other").skills) == ["other/python"]


@needs_git
def test_a_bare_repository_is_no_folder_of_skills(sources: OutsideSources, repo: Path) -> None:
    git("clone", "--quiet", "--bare", str(repo), str(repo.parent / "bare.git"), cwd=repo)
    got = sources.fetch("bare.git")
    assert got.source == f"git+{repo.parent / 'bare.git'}"
    assert got.skills == {"skills/python": tree()}


@needs_git
def test_a_lock_that_a_killed_git_left_is_no_end(sources: OutsideSources, repo: Path) -> None:
    url = f"file://{repo}"
    sources.fetch(url)
    [gitdir] = (repo.parent / "cache").glob("*.git")
    put(gitdir / "shallow.lock")
    put(repo / "more")
    commit(repo)
    assert sources.fetch(url).commit == git("rev-parse", "HEAD", cwd=repo)


@needs_git
def test_the_environment_cannot_send_git_elsewhere(repo: Path, tmp_path: Path) -> None:
    other = repository(tmp_path / "other")
    skill(other / "evil")
    commit(other)
    environment = GIT | {"GIT_DIR": str(other / ".git"), "GIT_ALLOW_PROTOCOL": "ext"}
    environment |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"url.file://{other}.insteadOf"}
    environment |= {"GIT_CONFIG_VALUE_0": f"file://{repo}"}
    sources = OutsideSources(library=tmp_path, cache=tmp_path / "cache", environment=environment)
    assert list(sources.fetch(f"file://{repo}").skills) == ["skills/python"]


def entries_of(folder: str = "") -> list[tuple[str, str]]:
    return [(f"{folder}{path}", file.content.decode()) for path, file in tree().files.items()]


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz", "a.tgz", "a.tar.bz2", "a.tar.xz"])
@pytest.mark.parametrize("prefix", ["", "./"])
def test_archives_are_read_whatever_packs_them(
    sources: OutsideSources, tmp_path: Path, name: str, prefix: str
) -> None:
    make = zipped if name.endswith("zip") else tarred
    make(tmp_path / name, *entries_of(f"{prefix}python/"))
    (tmp_path / name).rename(tmp_path / "what.ever")
    got = sources.fetch("what.ever")
    assert got.source == f"archive:{tmp_path / 'what.ever'}"
    assert list(got.skills) == ["python"]
    assert got.skills["python"].text("references/typing.md") == "types\n"
    assert sources.fetch(got.source) == got
    make(tmp_path / "top", *entries_of(prefix))
    assert list(sources.fetch("top").skills) == ["."]


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_tars_of_every_form_give_the_tree(
    sources: OutsideSources, tmp_path: Path, form: int
) -> None:
    folder = skill(tmp_path / "in" / "python")
    long = "/".join(["n" * 60] * 3)
    put(folder / long / "f", "deep")
    (folder / "link").symlink_to("references/typing.md")
    os.link(folder / "SKILL.md", folder / "twin.md")
    if form != tarfile.USTAR_FORMAT:
        (tmp_path / "in" / "latest").symlink_to(f"python/{long}")
        put(folder / ("ü" * 80) / "g", "long")
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz", format=form) as file:
        file.add(tmp_path / "in", ".")
    got = sources.fetch("a.tar.gz").skills["python"]
    assert got.text(f"{long}/f") == "deep"
    assert got.text("link") == "types\n"
    assert got.text("twin.md") == text()
    assert got.files["scripts/run.sh"].executable
    assert got == sources.fetch("in").skills["python"]


def test_a_zip_keeps_links_and_modes(sources: OutsideSources, tmp_path: Path) -> None:
    zipped(
        tmp_path / "a.zip",
        *entries_of("x/python/"),
        zip_entry("x/", stat.S_IFDIR | 0o755),
        (zip_entry("x/python/link", stat.S_IFLNK | 0o777), "SKILL.md"),  # type: ignore[arg-type]
        (zip_entry("x/python/run", 0o100755), "#!"),  # type: ignore[arg-type]
    )
    got = sources.fetch("a.zip").skills["x/python"]
    assert got.text("link") == text()
    assert got.files["run"].executable


def test_a_folder_named_twice_is_no_clash(sources: OutsideSources, tmp_path: Path) -> None:
    folder = tar_entry("python/", tarfile.DIRTYPE)
    tarred(tmp_path / "a.tar", folder, folder, *entries_of("python/"))
    assert list(sources.fetch("a.tar").skills) == ["python"]


def test_sources_of_one_skill_agree(sources: OutsideSources, tmp_path: Path) -> None:
    folder = skill(tmp_path / "repo" / "python")
    with tarfile.open(tmp_path / "a.tar", "w") as file:
        file.add(folder, "python")
    digests = {sources.fetch(said).skills["python"].digest for said in ("repo", "a.tar")}
    assert digests == {tree().digest}


@needs_git
def test_a_clone_and_its_repository_agree(sources: OutsideSources, tmp_path: Path) -> None:
    commit(skill(repository(tmp_path / "repo")))
    cloned, fetched = sources.fetch("repo"), sources.fetch("git+repo")
    assert cloned.skills == fetched.skills == {".": tree()}


def test_all_skills_together_are_bounded(tmp_path: Path) -> None:
    for number in range(4):
        put(skill(tmp_path / "all" / f"s{number}") / "data", b"x" * 1000)
    with pytest.raises(Misuse, match="more than 3000 bytes; name one folder"):
        sources_at(tmp_path, size=3000).fetch("all")
    assert list(sources_at(tmp_path, size=3000).fetch("all//s1").skills) == ["s1"]


def test_only_git_has_refs(sources: OutsideSources, tmp_path: Path) -> None:
    skill(tmp_path / "python")
    with pytest.raises(Misuse, match="only a Git source"):
        sources.fetch("python", ref="main")
