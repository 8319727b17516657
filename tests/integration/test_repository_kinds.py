"""Repositories as people have them: every kind lands a card, or is refused with what to do."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.bootstrap import Wired, open_world
from sps.daemon.tick import tick
from sps.model.card import Card, CardText
from sps.model.errors import Absent, Misuse
from sps.services.init_project import Initialised, InitOptions, init_project
from tests.integration.scene import PIPELINE, Scene, file, own_logging, scenes, sh
from tests.vault_place import naive

pytestmark = pytest.mark.needs("bwrap", "git")


class Desk:
    """A home and a repository `src` of three commits."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.world: Wired = open_world(root / "home", create=True)

    def source(self, *options: str) -> Path:
        src = self.root / "src"
        src.mkdir()
        naive("init", "-q", "-b", "main", *options, cwd=src)
        for number in range(3):
            (src / "app.txt").write_text(f"version {number}\n")
            (src / f"file{number}.txt").write_text(f"{number}\n")
            naive("add", "-A", cwd=src)
            naive("commit", "-qm", f"commit {number}", cwd=src)
        return src

    def clone(self, *options: str, of: Path) -> Path:
        copy = self.root / "copy"
        naive("config", "uploadpack.allowFilter", "true", cwd=of)
        naive("clone", "-q", *options, f"file://{of}", str(copy), cwd=self.root)
        return copy

    def init(self, repo: Path, branch: str | None = None, pipeline: str = PIPELINE) -> Initialised:
        path = self.root / "pipeline.yaml"
        path.write_text(pipeline)
        options = InitOptions(branch=branch)
        return init_project(
            self.world, "p", repo=str(repo), agent="scripted", pipeline=path, options=options
        )

    def tick(self) -> None:
        with own_logging():
            tick(self.world, ("p",))

    def land(self, body: str = file("new.txt", "new\n")) -> Card:
        self.world.card_files.create("p", 1, CardText(title="Card", body=body))
        self.tick()
        card = self.world.store.read(lambda tx: tx.card_by_seq("p", 1))
        assert card is not None
        return card


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    made = Desk(tmp_path)
    yield made
    made.world.store.close()


def landed(repo: Path, branch: str = "main") -> bool:
    subject = naive("log", "-1", "--format=%s", f"refs/heads/{branch}", cwd=repo)
    return subject == "Card (p#1)" and "new.txt" in naive(
        "ls-tree", "--name-only", f"refs/heads/{branch}", cwd=repo
    )


@pytest.mark.parametrize("depth", ["1", "2"])
def test_shallow_clone_lands_a_card_and_stays_shallow(desk: Desk, depth: str) -> None:
    repo = desk.clone("--depth", depth, of=desk.source())
    before = (repo / ".git" / "shallow").read_text()
    assert any("shallow" in warning for warning in desk.init(repo).warnings)
    assert desk.land(sh("git log --oneline > history; echo x > new.txt")).state.value == "done"
    assert landed(repo)
    assert len(naive("show", "main:history", cwd=repo).splitlines()) == int(depth)
    assert (repo / ".git" / "shallow").read_text() == before
    assert naive("fsck", "--no-dangling", cwd=repo) == ""


def test_shallow_clone_lands_on_its_complete_upstream(desk: Desk) -> None:
    source = desk.source()
    naive("checkout", "-q", "--detach", cwd=source)
    repo = desk.clone("--depth", "1", "--branch", "main", of=source)
    desk.init(repo, pipeline=PIPELINE + "land: {to: origin}\n")
    assert desk.land().state.value == "done"
    assert landed(source)
    assert len(naive("log", "--format=%H", "main", cwd=source).splitlines()) == 5


def test_partial_clone_that_misses_nothing_lands_a_card(desk: Desk) -> None:
    repo = desk.clone("--filter=tree:3", of=desk.source())
    assert any("partial" in warning for warning in desk.init(repo).warnings)
    assert desk.land().state.value == "done"
    assert landed(repo)


def test_partial_clone_that_misses_objects_is_refused_with_what_completes_it(desk: Desk) -> None:
    repo = desk.clone("--filter=blob:none", of=desk.source())
    with pytest.raises(Absent) as caught:
        desk.init(repo)
    assert caught.value.code == "partial-clone"
    subprocess.run(caught.value.hint, shell=True, check=True, capture_output=True, timeout=60)
    desk.init(repo)
    assert desk.land().state.value == "done"
    assert landed(repo)


def test_repository_that_borrows_its_objects_lands_a_card(desk: Desk) -> None:
    repo = desk.root / "borrower"
    naive("clone", "-q", "--shared", str(desk.source()), str(repo), cwd=desk.root)
    assert (repo / ".git" / "objects" / "info" / "alternates").exists()
    desk.init(repo)
    assert desk.land().state.value == "done"
    assert landed(repo)


def test_repository_with_sha256_ids_lands_a_card(desk: Desk) -> None:
    repo = desk.source("--object-format=sha256")
    desk.init(repo)
    assert desk.land().state.value == "done"
    assert landed(repo)
    assert len(naive("rev-parse", "main", cwd=repo)) == 64


@pytest.mark.parametrize(
    "branch",
    [
        "feature/" + "x" * 230,
        "a/" * 150 + "end",
        "ünï/$(id);'`|&\"é#1",
        "naïve-" + "é" * 60,
        "-".join(["release"] * 20),
    ],
    ids=["long-part", "many-parts", "shell", "accents", "words"],
)
def test_long_and_odd_branch_names_land(desk: Desk, branch: str) -> None:
    repo = desk.source()
    naive("checkout", "-qb", branch, cwd=repo)
    desk.init(repo)
    assert desk.land().state.value == "done"
    assert landed(repo, branch)


def test_branch_name_that_is_too_long_is_refused_with_the_limit(desk: Desk) -> None:
    repo = desk.source()
    branch = "/".join(["x" * 100] * 5)
    naive("checkout", "-qb", branch, cwd=repo)
    with pytest.raises(Misuse) as caught:
        desk.init(repo)
    assert "at most" in caught.value.message


def test_branch_that_two_work_trees_have_is_left_alone_until_one_has_it(desk: Desk) -> None:
    repo = desk.source()
    naive("checkout", "-q", "--detach", cwd=repo)
    for name in ("one", "two"):
        options = ("--force",) if name == "two" else ()
        place = str(desk.root / name)
        naive("worktree", "add", "-q", *options, place, "main", cwd=repo)
    desk.init(repo, "main")
    card = desk.land()
    assert (card.state.value, card.reason) == ("landing", "target-refused")
    assert "several work trees" in card.detail
    assert not landed(repo)
    for name in ("one", "two"):
        assert naive("status", "--porcelain", cwd=desk.root / name) == ""
    naive("checkout", "-q", "--detach", cwd=desk.root / "two")
    desk.tick()
    assert landed(repo)
    assert (desk.root / "one" / "new.txt").exists()


def test_bare_repository_with_a_work_tree_on_the_branch_updates_its_files(desk: Desk) -> None:
    bare = desk.root / "bare.git"
    naive("clone", "-q", "--bare", str(desk.source()), str(bare), cwd=desk.root)
    naive("worktree", "add", "-q", str(desk.root / "tree"), "main", cwd=bare)
    desk.init(bare)
    assert desk.land().state.value == "done"
    assert landed(bare)
    assert (desk.root / "tree" / "new.txt").exists()
    assert naive("status", "--porcelain", cwd=desk.root / "tree") == ""


def test_submodules_are_warned_of_once_and_moving_one_waits_for_a_person(desk: Desk) -> None:
    repo, other = desk.source(), desk.root / "other"
    other.mkdir()
    naive("init", "-q", "-b", "main", cwd=other)
    naive("commit", "-q", "--allow-empty", "-m", "first", cwd=other)
    naive("submodule", "--quiet", "add", str(other), "lib", cwd=repo)
    naive("commit", "-qm", "a submodule", cwd=repo)
    warnings = desk.init(repo).warnings
    assert sum("submodule" in warning for warning in warnings) == 1
    to = "0123456789012345678901234567890123456789"
    body = sh(f"ls lib | wc -l > new.txt; git update-index --cacheinfo 160000,{to},lib")
    card = desk.land(body + sh("git -c user.name=a -c user.email=a@b.c commit -qam moved"))
    assert (card.state.value, card.reason) == ("needs_human", "gitlink")
    assert naive("log", "-1", "--format=%s", cwd=repo) == "a submodule"


_PATHS = """\
version: 1
agent: scripted
stages: [{name: develop}]
gates:
  - {name: api, run: "false", paths: ["api/**"]}
  - {name: web, run: test -d web, paths: ["web/**"]}
"""


@pytest.fixture
def monorepo(tmp_path: Path) -> Iterator[Scene]:
    files = {"api/a.txt": "a\n", "web/w.txt": "w\n"}
    with scenes(tmp_path, _PATHS, files) as build:
        yield build()


def test_gates_of_a_monorepo_run_for_the_paths_they_name_and_are_seen_to_be_skipped(
    monorepo: Scene,
) -> None:
    monorepo.add(file("web/new.txt", "new\n"))
    assert monorepo.tick().finished
    assert monorepo.repo.trailers()["Gates"].startswith("web")
    (passed,) = [
        e
        for e in monorepo.events(1)
        if e.payload.get("verb") == "approved" and "gates" in e.payload
    ]
    assert (passed.payload["gates"], passed.payload["skipped"]) == (["web"], ["api"])


@pytest.mark.parametrize("where", ["lint", "init", "run"])
def test_pull_requests_are_refused_with_a_sentence(desk: Desk, where: str) -> None:
    from sps.ports.files import PipelineBroken
    from sps.services.pipelines import lint_text

    text = PIPELINE + "land: {mode: pull-request}\n"
    says = "pull-request comes together with the forges"
    if where == "lint":
        found = lint_text(desk.world, text, "pipeline.yaml")
        assert not found.ok
        assert says in found.mistakes[0].message
    elif where == "init":
        with pytest.raises(PipelineBroken) as caught:
            desk.init(desk.source(), pipeline=text)
        assert says in str(caught.value.mistakes)
        assert desk.world.store.read(lambda tx: tx.projects()) == []
    else:
        desk.init(desk.source())
        desk.world.home.pipeline("p").write_text(text)  # as with an editor, past every check
        card = desk.land()
        assert card.state.value in ("backlog", "ready")
        (project,) = desk.world.store.read(lambda tx: tx.projects())
        assert project.halted == "pipeline-broken"
        assert says in project.halt_detail


def _lfs(desk: Desk) -> tuple[Path, bytes]:
    """A repository in which `data.bin` is a pointer and its content lies in the owner's store."""
    repo, content = desk.source(), os.urandom(5000)
    oid = hashlib.sha256(content).hexdigest()
    store = repo / ".git" / "lfs" / "objects" / oid[:2] / oid[2:4]
    store.mkdir(parents=True)
    (store / oid).write_bytes(content)
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 5000\n"
    (repo / "data.bin").write_text(pointer)
    (repo / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
    naive("add", "-A", cwd=repo)
    naive("commit", "-qm", "with LFS", cwd=repo)
    return repo, content


def test_gates_see_what_git_lfs_has_here_and_agents_and_the_target_keep_pointers(
    desk: Desk,
) -> None:
    repo, content = _lfs(desk)
    digest = hashlib.sha256(content).hexdigest()
    gate = f"echo '{digest}  data.bin' | sha256sum -c"
    pipeline = PIPELINE + f'  - {{name: real, run: "{gate}"}}\n'
    assert any("LFS" in warning for warning in desk.init(repo, pipeline=pipeline).warnings)
    assert desk.land(sh("head -c 20 data.bin > new.txt")).state.value == "done"
    assert naive("show", "main:new.txt", cwd=repo) == "version https://git-"
    assert naive("show", "main:data.bin", cwd=repo).startswith("version https://git-lfs")
    store = [path for path in (repo / ".git" / "lfs" / "objects").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in store] == [content]


def test_link_beside_a_pointer_leads_no_content_out_of_the_checkout(
    desk: Desk, tmp_path: Path
) -> None:
    repo, content = _lfs(desk)
    outside = tmp_path / "outside"
    (repo / f"data.bin.{os.getpid()}.tmp").symlink_to(outside)
    naive("add", "-A", cwd=repo)
    naive("commit", "-qm", "and a link", cwd=repo)
    digest = hashlib.sha256(content).hexdigest()
    gate = f"echo '{digest}  data.bin' | sha256sum -c"
    desk.init(repo, pipeline=PIPELINE + f'  - {{name: real, run: "{gate}"}}\n')
    assert desk.land(sh("echo x > new.txt")).state.value == "done"
    assert not outside.exists()


@pytest.mark.parametrize("name", ["more.bin", "sub/more.bin", "data.bin"])
def test_content_in_the_place_of_a_pointer_does_not_land(desk: Desk, name: str) -> None:
    repo, _ = _lfs(desk)
    desk.init(repo, pipeline=PIPELINE.replace("attempts: 3", "attempts: 1"))
    card = desk.land(sh(f"mkdir -p sub; head -c 3000 /dev/urandom > {name}"))
    assert (card.state.value, card.reason) == ("needs_human", "lfs-content")
    assert name in card.detail
    assert naive("log", "-1", "--format=%s", cwd=repo) == "with LFS"


def test_attributes_of_a_folder_count_as_those_of_the_top_do(desk: Desk) -> None:
    repo, _ = _lfs(desk)
    (repo / "deep" / "er").mkdir(parents=True)
    naive("mv", ".gitattributes", "deep/.gitattributes", cwd=repo)
    naive("commit", "-qm", "for a folder", cwd=repo)
    desk.init(repo, pipeline=PIPELINE.replace("attempts: 3", "attempts: 1"))
    card = desk.land(sh("mkdir -p deep/er; head -c 3000 /dev/urandom > deep/er/more.bin"))
    assert (card.state.value, card.reason) == ("needs_human", "lfs-content")
    assert "deep/er/more.bin" in card.detail


def test_pointer_that_a_card_writes_lands(desk: Desk) -> None:
    repo, _ = _lfs(desk)
    desk.init(repo)
    assert desk.land(sh("cp data.bin copy.bin; echo x > new.txt")).state.value == "done"
    assert landed(repo)
