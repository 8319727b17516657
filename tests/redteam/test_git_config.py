"""Nothing that an agent writes into its repository makes our git run it.

Each attack has a control: ordinary git on the same repository does run it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.vault_place import LAND, RUN, VaultPlace, make_place, naive

pytestmark = pytest.mark.needs("git")


@pytest.fixture
def place(tmp_path: Path) -> VaultPlace:
    return make_place(tmp_path)


class Attack:
    """A workspace in which something waits to be run; `ran` tells whether it was."""

    def __init__(self, place: VaultPlace) -> None:
        self.place = place
        self.workspace, self.folder = place.prepare()
        self.flag = place.root / "RAN"
        self.payload = f"touch {self.flag}"
        script = place.root / "payload.sh"
        script.write_text(f"#!/bin/sh\n{self.payload}\nexit 1\n")
        script.chmod(0o755)
        self.script = str(script)

    @property
    def ran(self) -> bool:
        found = self.flag.exists()
        self.flag.unlink(missing_ok=True)
        return found

    def set(self, key: str, value: str) -> None:
        naive("config", key, value, cwd=self.folder)

    def attributes(self, text: str) -> None:
        (self.folder / ".gitattributes").write_text(text)

    def hook(self, name: str) -> None:
        hooks = self.folder / ".git" / "hooks"
        hooks.mkdir(exist_ok=True)
        shutil.copy(self.script, hooks / name)

    def git(self, *args: str) -> None:
        """The control: what a naive tool would run in the workspace."""
        naive(*args, cwd=self.folder, check=False)

    def everything(self) -> None:
        """Every way in which we touch a workspace and what came out of it."""
        place = self.place
        found = place.collect(self.workspace)
        base = place.vault.refresh(place.project, LAND).commit
        merged = place.vault.merge(place.project, base, found.tip)
        place.vault.diff(place.project, base, merged.tree)
        place.vault.release(place.project, place.vault.checkout(place.project, merged.tree))
        commit = place.vault.commit_merge(place.project, place.landing(base, found.tip))
        place.vault.rebase(place.project, place.landing(base, found.tip))
        place.vault.push(place.project, LAND, commit, base)
        place.vault.release(place.project, self.workspace)
        place.vault.prepare(place.project, found.tip)
        assert place.vault.fsck(place.project) == []


def _fsmonitor(attack: Attack) -> None:
    attack.set("core.fsmonitor", f"{attack.payload};false")
    attack.git("status")


def _include(attack: Attack) -> None:
    (attack.folder / "inc").write_text(f'[core]\n\tfsmonitor = "{attack.payload};false"\n')
    attack.set("include.path", str(attack.folder / "inc"))
    attack.git("status")


def _hook(attack: Attack) -> None:
    for name in ("pre-commit", "post-checkout", "reference-transaction", "post-index-change"):
        attack.hook(name)
    attack.git("update-ref", "refs/heads/z", "HEAD")


def _hooks_path(attack: Attack) -> None:
    attack.hook("reference-transaction")
    attack.set("core.hooksPath", str(attack.folder / ".git" / "hooks"))
    attack.git("update-ref", "refs/heads/z", "HEAD")


def _clean_filter(attack: Attack) -> None:
    attack.set("filter.x.clean", f"{attack.payload}; cat")
    attack.set("filter.x.smudge", f"{attack.payload}; cat")
    attack.attributes("* filter=x\n")
    (attack.folder / "z").write_text("z\n")
    attack.git("add", "-A")


def _process_filter(attack: Attack) -> None:
    attack.set("filter.x.process", attack.script)
    attack.set("filter.x.required", "true")
    attack.attributes("* filter=x\n")
    (attack.folder / "z").write_text("z\n")
    attack.git("add", "-A")


def _textconv(attack: Attack) -> None:
    attack.set("diff.x.textconv", f"{attack.payload}; cat")
    attack.attributes("* diff=x\n")
    (attack.folder / "file0.txt").write_text("q\n")
    attack.git("diff")


def _external_diff(attack: Attack) -> None:
    attack.set("diff.external", f"{attack.payload}; true")
    (attack.folder / "file0.txt").write_text("q\n")
    attack.git("diff")


def _merge_driver(attack: Attack) -> None:
    attack.place.commit_file("file0.txt", "owner\n")
    attack.attributes("* merge=x\n")
    attack.place.commit_file("file0.txt", "agent\n", attack.folder)
    attack.set("merge.x.driver", f"{attack.payload}; cp %B %A")
    naive("fetch", "-q", str(attack.place.repo), "main:owner", cwd=attack.folder)
    attack.git("merge", "-q", "owner")
    naive("merge", "--abort", cwd=attack.folder, check=False)


def _gpg(attack: Attack) -> None:
    attack.set("commit.gpgsign", "true")
    attack.set("gpg.program", attack.script)
    attack.git("commit", "--allow-empty", "-m", "s")


def _ssh_command(attack: Attack) -> None:
    attack.set("core.sshCommand", f"{attack.payload};false")
    attack.set("remote.origin.url", "ssh://x@127.0.0.1/n")
    attack.git("fetch", "origin")


def _credential_helper(attack: Attack) -> None:
    attack.set("credential.helper", f"!{attack.payload}; echo")
    naive("credential", "fill", cwd=attack.folder, check=False, stdin="protocol=http\nhost=h\n\n")


def _pointer(attack: Attack) -> None:
    evil = attack.folder / "evil"
    naive("init", "-q", "--bare", str(evil), cwd=attack.folder)
    naive("config", "core.bare", "false", cwd=evil)
    naive("config", "core.worktree", str(attack.folder), cwd=evil)
    naive("config", "core.fsmonitor", f"{attack.payload};false", cwd=evil)
    shutil.rmtree(attack.folder / ".git")
    (attack.folder / ".git").write_text(f"gitdir: {evil}\n")
    attack.git("status")


def _link(attack: Attack) -> None:
    evil = attack.folder / "evil"
    (attack.folder / ".git").rename(evil)
    (attack.folder / ".git").symlink_to(evil)
    attack.set("core.fsmonitor", f"{attack.payload};false")
    attack.git("status")


def _nested(attack: Attack) -> None:
    sub = attack.folder / "sub"
    sub.mkdir()
    naive("init", "-q", cwd=sub)
    attack.place.commit_file("f", "f\n", sub)
    naive("add", "sub", cwd=attack.folder)
    naive("commit", "-qm", "sub", cwd=attack.folder)
    naive("config", "core.fsmonitor", f"{attack.payload};false", cwd=sub)
    (sub / "f").write_text("dirty\n")
    attack.git("add", "-A")


def _submodule(attack: Attack) -> None:
    _nested(attack)
    (attack.folder / ".gitmodules").write_text(
        '[submodule "sub"]\n\tpath = sub\n\turl = --upload-pack=touch RAN\n\tupdate = !touch RAN\n'
    )
    attack.set("submodule.sub.update", f"!{attack.payload}")
    attack.set("submodule.sub.url", "./sub")
    attack.git("submodule", "update")


ATTACKS: list[Callable[[Attack], None]] = [
    *(_fsmonitor, _include, _hook, _hooks_path, _clean_filter, _process_filter, _textconv),
    *(_external_diff, _merge_driver, _gpg, _ssh_command, _credential_helper, _pointer, _link),
    *(_nested, _submodule),
]


@pytest.mark.parametrize("attack_with", ATTACKS, ids=lambda attack: attack.__name__.strip("_"))
def test_a12_a13_agents_configuration_runs_nothing(
    place: VaultPlace, attack_with: Callable[[Attack], None]
) -> None:
    attack = Attack(place)
    attack_with(attack)
    assert attack.ran, "the control: ordinary git runs it"
    attack.everything()
    assert not attack.ran


def test_a12_pack_hook_of_the_source_is_not_run(place: VaultPlace) -> None:
    attack = Attack(place)
    place.commit_file("made.txt", "made\n", attack.folder)
    attack.set("uploadpack.packObjectsHook", attack.script)
    naive(
        "-c",
        f"uploadpack.packObjectsHook={attack.script}",
        "upload-pack",
        str(attack.folder),
        cwd=attack.folder,
        check=False,
        stdin="0000",
    )
    attack.everything()
    assert not attack.ran


def test_a14_submodule_that_becomes_a_repository_runs_nothing(place: VaultPlace) -> None:
    attack = Attack(place)
    _nested(attack)
    assert attack.ran
    linked = naive("rev-parse", "HEAD", cwd=attack.folder)
    naive("fetch", "-q", str(attack.folder), f"{linked}:linked", cwd=place.repo)
    naive("merge", "-q", "linked", cwd=place.repo)
    place.vault.refresh(place.project, LAND)
    second = Attack(place)
    shutil.rmtree(second.folder / "sub")
    shutil.copytree(attack.folder / "sub", second.folder / "sub", symlinks=True)
    second.git("add", "-A")
    assert second.ran
    found = place.vault.collect(place.project, second.workspace, RUN, "m")
    assert not second.ran
    assert found.salvage is not None
    assert "sub/f" in place.git("ls-tree", "-r", "--name-only", found.salvage)
    assert found.tip == second.workspace.start
