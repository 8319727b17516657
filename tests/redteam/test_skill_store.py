"""A tampered store of skills: nothing outside is read, written or deleted, nothing is believed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from sps.adapters.skill_store import SkillStoreDir
from sps.lib import disk_tree
from sps.model.errors import SpsError, WorkFailed
from tests.fakes.clock import FakeClock
from tests.redteam.guarded_files import guarded, snapshot
from tests.skill_makers import put, record, tree


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    with guarded(tmp_path) as folder:
        yield folder


@pytest.fixture
def root(tmp_path: Path, outside: Path) -> Iterator[Path]:
    yield tmp_path / "home" / "skill-store"
    if (tmp_path / "home").exists():
        disk_tree.open_up(tmp_path / "home")


def filled(root: Path) -> SkillStoreDir:
    store = SkillStoreDir(root, FakeClock(), lock_seconds=0.2)
    store.put(tree(), record(tree()))
    return store


def unlocked(folder: Path) -> Path:
    disk_tree.open_up(folder)
    return folder


def replaced_by_link(folder: Path) -> None:
    folder.rename(folder.with_name("moved"))
    folder.symlink_to("moved")


TAMPERED: dict[str, Callable[[Path], object]] = {
    "edited": lambda at: ((unlocked(at) / "SKILL.md").unlink(), put(at / "SKILL.md", "evil")),
    "more": lambda at: put(unlocked(at) / "scripts" / "evil.sh", "evil"),
    "less": lambda at: (unlocked(at) / "references" / "typing.md").unlink(),
    "executable": lambda at: (at / "SKILL.md").chmod(0o555),
    "link": lambda at: (unlocked(at) / "x").symlink_to(at.parents[2] / "outside" / "canary"),
    "link-instead": lambda at: (
        (unlocked(at) / "SKILL.md").unlink(),
        (at / "SKILL.md").symlink_to(at.parents[2] / "outside" / "SKILL.md"),
    ),
    "pipe": lambda at: os.mkfifo(unlocked(at) / "x"),
    "git": lambda at: put(unlocked(at) / ".git" / "config", "evil"),
    "folder-is-link": replaced_by_link,
    "folder-is-file": lambda at: (at.rename(at.with_name("moved")), put(at, "evil")),
    "bad-name": lambda at: put(unlocked(at) / "a\udcff", "evil"),
}


@pytest.mark.parametrize("name", sorted(TAMPERED))
def test_tampered_content_is_not_handed_out_and_can_be_put_again(root: Path, name: str) -> None:
    store = filled(root)
    digest = tree().digest
    assert store.folder(digest) is not None
    TAMPERED[name](root / digest)
    assert store.folder(digest) is None
    assert store.tree(digest) is None
    store.put(tree(), record(tree()))
    assert store.folder(digest) == root / digest
    assert store.tree(digest) == tree()


FIELDS = [
    ("name", "../../x"),
    ("name", "/etc/x"),
    ("name", ".."),
    ("name", "a/b"),
    ("name", "a\0b"),
    ("name", "A"),
    ("name", "\u0430bc"),  # a Cyrillic letter that looks like a Latin one
    ("name", "x" * 65),
    ("name", "-rf"),
    ("digest", "../../x"),
    ("digest", "0" * 63),
    ("digest", "A" * 64),
    ("digest", "0" * 64 + "/.."),
    ("path", "../x"),
    ("path", "/x"),
    ("path", "a\\b"),
    ("path", ""),
    ("source", "x\ny"),
    ("commit", "--upload-pack=x"),
    ("commit", "main"),
    ("verdict", "clean\x1b[2J"),
]


@pytest.mark.parametrize("field,value", FIELDS)
def test_a_tampered_list_leads_nowhere(root: Path, field: str, value: str) -> None:
    filled(root)
    whole = json.loads((root / "installed.json").read_text())
    whole["skills"][0][field] = value
    put(root / "installed.json", json.dumps(whole))
    before = snapshot(root.parent)
    store = SkillStoreDir(root, FakeClock())
    broken = record(tree(), name="python")
    broken = msgspec.structs.replace(broken, **{field: value})
    for verb in (
        store.installed,
        store.collect,
        lambda: store.named("python"),
        lambda: store.forget(record(tree())),
        lambda: store.trusted(tree().digest),
    ):
        with pytest.raises(WorkFailed) as caught:
            verb()
        assert (caught.value.code, caught.value.hint) == ("skill-list-broken", "sps doctor")
    for write in (store.forget, store.change, lambda one: store.put(tree(), one)):
        with pytest.raises(SpsError):
            write(broken)
    assert snapshot(root.parent) == before


def test_a_list_that_is_a_link_is_not_followed(root: Path, outside: Path) -> None:
    store = filled(root)
    (root / "installed.json").rename(outside.parent / "kept.json")
    (root / "installed.json").symlink_to(outside.parent / "kept.json")
    with pytest.raises(WorkFailed, match="link"):
        store.installed()


def test_a_lock_that_is_a_link_is_not_written(root: Path, outside: Path) -> None:
    store = filled(root)
    (root / ".lock").unlink()
    (root / ".lock").symlink_to(outside / "canary")
    with pytest.raises(WorkFailed):
        store.change(record(tree()))


def test_collecting_and_forgetting_follow_no_link(root: Path, outside: Path) -> None:
    store = filled(root)
    for name in ("1" * 64, ".x.tmp"):
        (root / name).symlink_to(outside)
    (root / tree().digest).rename(root / "moved")
    (root / tree().digest).symlink_to(outside)
    assert store.collect() == ["1" * 64]
    assert store.forget(record(tree())).is_symlink()
    put(root / ("2" * 64) / "x")
    (root / ("2" * 64) / "out").symlink_to(outside)
    (root / ("2" * 64)).chmod(0o500)
    assert store.collect() == ["2" * 64]
