"""What `project init` learns about a repository, and the note it leaves there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from sps.adapters.git_repositories import claim_note
from sps.adapters.git_repositories.command import Git
from sps.model.errors import Misuse
from sps.model.project import Identity
from sps.ports.vault import RepositoryFacts, SetupProposal

_NOBODY = Identity("SPS", "sps@localhost")
_ATTRIBUTES_LIMIT = 256 * 1024
_CHANGES = 20
_SHALLOW = (
    "The clone is shallow: agents and merges see no older history. "
    "Fetch the rest with: git fetch --unshallow"
)
_PARTIAL = (
    "The clone is partial: git fetches the objects that are missing here for nobody else. SPS "
    "works with it while the branch's history misses none."
)
_SUBMODULES = (
    "The repository has submodules: they are not fetched, and a card that moves one is held."
)
_LFS = (
    "The repository uses Git LFS: gates see the objects that are here (git lfs pull), agents see "
    "pointer files, and a card that adds a file for LFS is not landed."
)
_UNKNOWN = (
    "Git knows no user.name and user.email here: landings are made in the name of "
    f"{_NOBODY.name} <{_NOBODY.email}>."
)


class GitRepositories:
    """Looks at repositories with the owner's own git. Blocks for some milliseconds."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._git = Git(os.environ if environment is None else environment)

    def inspect(self, path: str, branch: str | None) -> RepositoryFacts:
        """Say what is there. Raises also `Misuse("foreign-repository")` for somebody else's."""
        top = self._top(path)
        found, commit = self._commit(top, branch)
        identity = self._identity(top)
        return RepositoryFacts(
            path=top,
            branch=found,
            commit=commit,
            identity=identity or _NOBODY,
            claimed_by=claim_note.read(self._shared(top)),
            warnings=self._warnings(path, top, commit, identity),
        )

    def claim(self, path: str, owner: str) -> None:
        """Leave the note. The same owner may do so again; raises `Misuse("repository-claimed")`
        when it is another's."""
        claim_note.write(self._shared(self._top(path)), owner)

    def unclaim(self, path: str, owner: str) -> None:
        """Take the note away if it is this owner's; a repository that is gone has none."""
        try:
            shared = self._shared(self._top(path))
        except Misuse:
            return
        claim_note.remove(shared, owner)

    def git_version(self) -> str:
        said = self._git.must(os.sep, "version").decode(errors="replace")
        return said.removeprefix("git version").strip()

    def changes(self, path: str, branch: str) -> tuple[str, ...]:
        top = self._top(path)
        bare = self._git.line(top, "rev-parse", "--is-bare-repository") == "true"
        if bare or self._git.line(top, "symbolic-ref", "--quiet", "--short", "HEAD") != branch:
            return ()
        options = ("--porcelain", "-z", "--untracked-files=no", "--no-renames")
        listed = self._git.must(top, "status", *options, "--ignore-submodules=all")
        return tuple(os.fsdecode(row[3:]) for row in listed.split(b"\0") if row)[:_CHANGES]

    def setups(self, path: str, commit: str) -> list[SetupProposal]:
        from sps.adapters.git_repositories.setups import setups

        return setups(self._git, self._top(path), commit)

    def proposals(self, path: str, commit: str) -> list[tuple[str, str, str]]:
        from sps.adapters.git_repositories.proposals import proposals

        return proposals(self._git, self._top(path), commit)

    def _top(self, path: str) -> str:
        """Return the top level of a work tree, or the git dir of a bare repository."""
        if not os.path.isdir(path):
            raise _no_folder(path)
        done = self._git.ask(path, "rev-parse", "--is-bare-repository", "--is-inside-work-tree")
        if done.code != 0:
            raise self._refused(path, done.err.decode(errors="replace"))
        bare, inside = done.out.decode().split()
        if bare != "true" and inside != "true":
            raise _no_repository(path, "this is the inside of a .git folder; name its work tree")
        what = "--absolute-git-dir" if bare == "true" else "--show-toplevel"
        top = os.fsdecode(self._git.must(path, "rev-parse", what)).rstrip("\n")
        for folder in (top, str(self._shared(top))):
            if os.stat(folder).st_uid != os.geteuid():
                raise _foreign(folder)
        try:
            top.encode()
        except UnicodeEncodeError as err:
            raise _no_repository(path, "its path is no UTF-8") from err
        return top

    def _refused(self, path: str, says: str) -> Misuse:
        if "dubious ownership" in says:
            return _foreign(path)
        last = says.strip().splitlines()[-1] if says.strip() else "git says no"
        return _no_repository(path, last[:300])

    def _shared(self, top: str) -> Path:
        found = self._git.must(top, "rev-parse", "--git-common-dir")
        return Path(os.path.realpath(os.path.join(top, os.fsdecode(found).rstrip("\n"))))

    def _commit(self, top: str, branch: str | None) -> tuple[str, str]:
        name = branch or self._git.line(top, "symbolic-ref", "--quiet", "--short", "HEAD")
        if not self._git.must(top, "for-each-ref", "--count=1", "refs/heads"):
            hint = f"git -C {top} commit --allow-empty -m 'First commit'"
            says = f"{top} has no commit yet: SPS needs one to start from"
            raise Misuse("empty-repository", says, hint=hint, where=top)
        if name is None:
            says = f"{top} is on no branch (detached HEAD): say which branch is meant"
            hint = f"sps project init NAME --repo {top} --branch BRANCH"
            raise Misuse("detached-head", says, hint=hint, where=top)
        commit = self._git.line(top, "show-ref", "--verify", "--hash", f"refs/heads/{name}")
        if commit is None:
            raise self._missing_branch(top, name)
        return name, commit

    def _missing_branch(self, top: str, name: str) -> Misuse:
        from sps.lib.nearest import suggestion

        listed = self._git.must(
            top, "for-each-ref", "--count=500", "--format=%(refname:lstrip=2)", "refs/heads"
        )
        names = listed.decode(errors="replace").splitlines()
        says = f"there is no branch {name!r} in {top}{suggestion(name, names)}"
        return Misuse("missing-branch", says, hint=f"git -C {top} branch --list", where=top)

    def _identity(self, top: str) -> Identity | None:
        name = self._git.line(top, "config", "--get", "user.name")
        email = self._git.line(top, "config", "--get", "user.email")
        return Identity(name, email) if name and email else None

    def _warnings(
        self, path: str, top: str, commit: str, identity: Identity | None
    ) -> tuple[str, ...]:
        says: list[str] = []
        if not os.path.samefile(path, top):
            says.append(f"{path} lies inside the repository {top}; the whole repository is used.")
        if self._git.line(top, "rev-parse", "--is-shallow-repository") == "true":
            says.append(_SHALLOW)
        if self._git.line(top, "config", "--get-regexp", r"^remote\..*\.promisor$"):
            says.append(_PARTIAL)
        if self._git.ask(top, "cat-file", "-e", f"{commit}:.gitmodules").code == 0:
            says.append(_SUBMODULES)
        if self._uses_lfs(top, commit):
            says.append(_LFS)
        if identity is None:
            says.append(_UNKNOWN)
        return tuple(says)

    def _uses_lfs(self, top: str, commit: str) -> bool:
        where = f"{commit}:.gitattributes"
        size = self._git.line(top, "cat-file", "-s", where)
        if size is None or int(size) > _ATTRIBUTES_LIMIT:
            return False
        done = self._git.ask(top, "cat-file", "blob", where)
        return done.code == 0 and b"filter=lfs" in done.out


def _no_repository(path: str, why: str) -> Misuse:
    says = f"{path} is no git repository: {why}"
    return Misuse("not-a-repository", says, hint=f"git init {path}", where=path)


_INIT = "sps project init NAME --repo"


def _no_folder(path: str) -> Misuse:
    """Say what is there instead: the folder of a file, the nearest name, the nearest folder."""
    from sps.lib.nearest import nearest

    whole = os.path.abspath(path)
    parent, name = os.path.split(whole)
    if os.path.exists(whole):
        says = f"{path} is no git repository: it is a file; name its folder"
        return Misuse("not-a-repository", says, hint=f"{_INIT} {parent}", where=path)
    while not os.path.isdir(parent):
        parent, name = os.path.split(parent)
    try:
        folders = [one.name for one in os.scandir(parent) if one.is_dir()]
    except OSError:
        folders = []
    meant = nearest(name, folders)
    more = f'; did you mean "{os.path.join(parent, meant)}"?' if meant else "; check the path"
    says = f"{path} is no git repository: there is no such folder{more}"
    hint = f"{_INIT} {os.path.join(parent, meant)}" if meant else f"ls {parent}"
    return Misuse("not-a-repository", says, hint=hint, where=path)


def _foreign(path: str) -> Misuse:
    says = f"{path} belongs to another user: git would run with that user's configuration"
    hint = "register a clone of your own"
    return Misuse("foreign-repository", says, hint=hint, where=path)
