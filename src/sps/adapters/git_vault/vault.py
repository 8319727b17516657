"""The vault over git: one bare repository per project below the home, written by us alone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from pathlib import Path

from sps.adapters.git_vault import bundle as bundles
from sps.adapters.git_vault import commit as commits
from sps.adapters.git_vault import lfs
from sps.adapters.git_vault import target as targets
from sps.adapters.git_vault.collect import Collector, Job
from sps.adapters.git_vault.diff import diff
from sps.adapters.git_vault.git import Inner, Outer
from sps.adapters.git_vault.history import arrivals, target_log
from sps.adapters.git_vault.merge import merge
from sps.adapters.git_vault.names import TREES, branch_ref, is_id, kept_ref, object_id
from sps.adapters.git_vault.objects import Sign, files, read_loose, tree_of
from sps.adapters.git_vault.pool import Pool
from sps.adapters.git_vault.push import push
from sps.adapters.git_vault.signing import Signer, keys_at_hand
from sps.adapters.git_vault.trees import forget
from sps.adapters.git_vault.workspace import Maker, Start, config
from sps.lib import atomic
from sps.lib.reins import Reins
from sps.model.errors import Absent, WorkFailed
from sps.model.pipeline import Land
from sps.model.project import Project
from sps.ports.home import Home
from sps.ports.vault import (
    Arrival,
    Collected,
    Diff,
    Guest,
    Kept,
    LandingCommit,
    Merge,
    Pushed,
    TargetLog,
    TargetState,
    Workspace,
)

_LARGEST_FILE = 64 << 20
_FSCK_SECONDS = 1800.0


class GitVault:
    """Implements `sps.ports.vault.Vault`. Threads and processes may share one home."""

    def __init__(
        self,
        home: Home,
        git: str | None = None,
        *,
        reins: Reins | None = None,
        patience: float = 120.0,
    ) -> None:
        """`patience`: seconds that one conversation with the landing target may take."""
        self._home = home
        self._program = os.path.abspath(git) if git else shutil.which("git") or "/usr/bin/git"
        self._outer = Outer(self._program, timeout=patience, reins=reins or Reins())

    def create(self, project: Project) -> None:
        vault = self._home.vault(project.name)
        if not (vault / "HEAD").is_file():
            common = targets.common_dir(project.repo)
            if common is None:
                raise Absent("target-missing", f"the repository is gone: {project.repo}")
            self._init(project, vault, sha256=_is_sha256(common))
        self._target(project, Land()).follow()

    def refresh(self, project: Project, land: Land) -> TargetState:
        target = self._target(project, land)
        fetched = target.follow()
        commit = targets.read_ref(target.inner.gitdir, target.ref)
        if commit is None:
            raise target.missing("the vault's copy is gone")
        return TargetState(commit=commit, fetched=fetched)

    def prepare(
        self,
        project: Project,
        commit: str,
        *,
        overlay: str | None = None,
        guests: tuple[Guest, ...] = (),
        kept: tuple[Kept, ...] = (),
    ) -> Workspace:
        branch = branch_ref(project.branch)
        git = self._inner(project)
        start = Start(
            commit=object_id(commit),
            branch=branch,
            target=targets.read_ref(git.gitdir, branch) or commit,
            overlay=None if overlay is None else object_id(overlay),
            guests=guests,
            kept=kept,
        )
        return self._maker(project).clone(start)

    def checkout(self, project: Project, tree: str, *, kept: tuple[Kept, ...] = ()) -> Workspace:
        common = targets.common_dir(project.repo)
        store = None if common is None else lfs.store_of(common)
        return self._maker(project).checkout(object_id(tree), kept, store)

    def release(self, project: Project, workspace: Workspace) -> None:
        self._pool(project).release(workspace)

    def abandoned(self, project: Project) -> list[Workspace]:
        return self._pool(project).abandoned()

    def collect(
        self, project: Project, workspace: Workspace, run_id: str, message: str
    ) -> Collected:
        maker = self._maker(project)
        slot = maker.pool.find(workspace)
        job = Job(
            slot=slot,
            run_id=run_id,
            message=message,
            identity=project.identity,
            skip=frozenset(slot.guests),
        )
        return Collector(maker).collect(job)

    def merge(self, project: Project, base: str, tip: str) -> Merge:
        return merge(self._inner(project), base, tip)

    def diff(self, project: Project, old: str, new: str, *, ignore_space: bool = False) -> Diff:
        return diff(self._inner(project), old, new, ignore_space=ignore_space)

    def tree_of(self, project: Project, commit: str) -> str:
        return tree_of(self._inner(project), commit)

    def files(self, project: Project, commit: str, patterns: tuple[str, ...]) -> dict[str, str]:
        return files(self._inner(project), object_id(commit), patterns)

    def read_file(self, project: Project, commit: str, path: str, limit: int) -> bytes | None:
        """At most `limit` bytes. Raises `WorkFailed("file-too-large")` beyond 64 MiB."""
        git = self._inner(project)
        wanted = path.removeprefix("./")
        if "\0" in wanted or {"", ".", ".."} & set(wanted.split("/")):
            return None
        rows = git.run(
            "ls-tree", "-l", "-z", "--full-tree", object_id(commit), "--", f":(literal){wanted}"
        ).out.split(b"\0")
        for row in rows:
            head, _, name = row.partition(b"\t")
            if name == os.fsencode(wanted) and head.startswith((b"100", b"120")):
                _, _, blob, size = head.split()
                if int(size) > max(limit, _LARGEST_FILE):
                    raise WorkFailed("file-too-large", f"{path} has {int(size)} bytes")
                return git.run("cat-file", "blob", blob.decode()).out[:limit]
        return None

    def outside_lfs(self, project: Project, tree: str, paths: tuple[str, ...]) -> tuple[str, ...]:
        return lfs.raw_contents(self._inner(project), object_id(tree), paths)

    def merge_base(self, project: Project, one: str, other: str) -> str | None:
        finished = self._inner(project).run(
            "merge-base", object_id(one), object_id(other), ok=(0, 1)
        )
        return finished.out.decode().split("\n", 1)[0].strip() or None

    def is_ancestor(self, project: Project, commit: str, of: str) -> bool:
        finished = self._inner(project).run(
            "merge-base", "--is-ancestor", object_id(commit), object_id(of), ok=(0, 1)
        )
        return finished.code == 0

    def arrivals(self, project: Project, base: str, tip: str, limit: int) -> tuple[Arrival, ...]:
        return arrivals(self._inner(project), base, tip, limit)

    def commit_merge(self, project: Project, landing: LandingCommit) -> str:
        return commits.merge_commit(self._inner(project), landing, self._sign(project, landing))

    def commit_squash(self, project: Project, landing: LandingCommit) -> str:
        return commits.squash_commit(self._inner(project), landing, self._sign(project, landing))

    def rebase(self, project: Project, landing: LandingCommit) -> str | None:
        return commits.rebase(self._inner(project), landing, self._sign(project, landing))

    def keep(self, project: Project, ref: str, commit: str) -> None:
        self._inner(project).run("update-ref", kept_ref(ref), object_id(commit))

    def forget_trees(self, project: Project, keep: Collection[str], *, before: int) -> int:
        return forget(self._inner(project), self.refs(project, TREES), keep, before)

    def push(self, project: Project, land: Land, commit: str, expected: str) -> Pushed:
        return push(self._target(project, land), commit, expected)

    def target(self, project: Project, land: Land) -> str:
        return self._target(project, land).commit()

    def knock(self, project: Project, land: Land) -> None:
        self._target(project, land).knock()

    def mark(self, project: Project, land: Land) -> str:
        keys = keys_at_hand(self._outer) if land.sign == "ssh" else b""
        return targets.mark(self._target(project, land), keys)

    def target_log(
        self, project: Project, land: Land, trailer: str, commits: tuple[str, ...]
    ) -> TargetLog:
        return target_log(self._target(project, land), trailer, commits)

    def refs(self, project: Project, prefix: str) -> dict[str, str]:
        form = "--format=%(objectname) %(refname)"
        git = self._inner(project)
        listed = git.run("for-each-ref", form, "--", prefix).out.decode("utf-8", "replace")
        pairs = (line.partition(" ") for line in listed.splitlines())
        return {ref: name for name, _, ref in pairs}

    def exists(self, project: Project, commit: str) -> bool:
        if not is_id(commit):
            return False
        git = self._inner(project)
        loose = read_loose(git.gitdir / "objects", commit)
        if loose is not None:
            return loose[0] == "commit"
        return git.run("cat-file", "-e", f"{commit}^{{commit}}", ok=()).code == 0

    def fsck(self, project: Project) -> list[str]:
        vault = self._home.vault(project.name)
        if not (vault / "HEAD").is_file():
            return [f"the vault is missing: {vault}"]
        finished = self._inner(project).run(
            "fsck",
            "--connectivity-only",
            "--no-dangling",
            "--no-progress",
            ok=(),
            timeout=_FSCK_SECONDS,
        )
        said = (finished.out + finished.err).decode("utf-8", "replace").splitlines()
        lines = [line for line in said if line.strip() and not line.startswith("notice:")]
        if finished.timed_out:
            lines.append(f"git fsck took longer than {_FSCK_SECONDS:.0f} s")
        elif finished.code != 0 and not lines:
            lines.append(f"git fsck ended with exit status {finished.code}")
        return lines

    def pool_path(self, project: Project) -> Path:
        return self._home.pool(project.name)

    def bundle(self, project: Project, target: Path) -> bool:
        return bundles.write(self._inner(project), target)

    def unbundle(self, project: Project, source: Path) -> None:
        vault = self._home.vault(project.name)
        self._init(project, vault, sha256=bundles.is_sha256(source))
        bundles.read(self._inner(project), source)

    def _init(self, project: Project, vault: Path, *, sha256: bool) -> None:
        vault.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = vault.with_name(f"{vault.name}.{os.getpid()}.{os.urandom(4).hex()}.tmp")
        fresh.mkdir(mode=0o700)
        try:
            kind = "sha256" if sha256 else "sha1"
            Inner(self._program, fresh).run(
                "init", "--bare", "--quiet", "--template=", f"--object-format={kind}"
            )
            atomic.write(fresh / "config", config(sha256=sha256, bare=True).encode())
            atomic.write(fresh / "HEAD", f"ref: {branch_ref(project.branch)}\n".encode())
            try:
                os.rename(fresh, vault)
            except OSError:
                if not (vault / "HEAD").is_file():  # else another thread was first
                    raise
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def _inner(self, project: Project) -> Inner:
        return Inner(self._program, self._home.vault(project.name))

    def _sign(self, project: Project, landing: LandingCommit) -> Sign | None:
        if landing.sign is None:
            return None
        config = targets.config_of(project.repo, self._outer)
        return Signer(landing.sign, config, self._outer, project.repo).sign

    def _target(self, project: Project, land: Land) -> targets.Target:
        return targets.target_of(project, land, self._outer, self._inner(project))

    def _pool(self, project: Project) -> Pool:
        return Pool(self._home.pool(project.name))

    def _maker(self, project: Project) -> Maker:
        git = self._inner(project)
        return Maker(git, self._pool(project), _is_sha256(git.gitdir))


def _is_sha256(gitdir: Path) -> bool:
    try:
        text = (gitdir / "config").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return False
    return "objectformat = sha256" in text.lower()
