"""What the store of skills promises."""

from __future__ import annotations

import json
import multiprocessing
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from sps.adapters.skill_store import SkillStoreDir
from sps.adapters.system_clock import SystemClock
from sps.lib import disk_tree, lock
from sps.model.errors import Absent, Held, Misuse, NewerData, WorkFailed
from sps.model.skills.tree import SkillFile, SkillTree, tree_of
from sps.ports.skill_store import Installed, SkillStore
from tests.fakes.clock import EPOCH_MS, FakeClock
from tests.skill_makers import put, record, tree

FAR = EPOCH_MS * 10  # so late that nothing on disk was changed a moment ago


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "home" / "skill-store"
    if (tmp_path / "home").exists():
        disk_tree.open_up(tmp_path / "home")  # so that pytest can remove it


def store_at(root: Path, ms: int = EPOCH_MS) -> SkillStoreDir:
    return SkillStoreDir(root, FakeClock(ms), lock_seconds=0.2)


@pytest.fixture
def store(root: Path) -> SkillStore:
    return store_at(root)


def test_reading_an_unused_store_writes_nothing(store: SkillStore, root: Path) -> None:
    assert store.installed() == []
    assert store.named("python") == []
    assert store.folder("0" * 64) is None
    assert store.tree("../x") is None
    assert store.trash() == []
    assert not store.trusted("0" * 64)
    assert not root.parent.exists()


def test_a_put_skill_lies_read_only_under_its_digest(store: SkillStore, root: Path) -> None:
    whole = tree()
    kept = store.put(whole, record(whole))
    assert kept.at == EPOCH_MS
    assert store.installed() == [kept]
    folder = store.folder(whole.digest)
    assert folder == root / whole.digest
    modes = {
        str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode)
        for path in folder.rglob("*")
    }
    assert modes == {
        "SKILL.md": 0o444,
        "references": 0o555,
        "references/typing.md": 0o444,
        "scripts": 0o555,
        "scripts/run.sh": 0o555,
    }
    assert stat.S_IMODE(folder.stat().st_mode) == 0o555
    assert store.tree(whole.digest) == whole
    assert {path.name for path in root.iterdir()} == {whole.digest, "installed.json", ".lock"}


def test_files_that_are_not_those_of_the_digest_are_refused(store: SkillStore, root: Path) -> None:
    wrong = msgspec.structs.replace(record(tree()), digest="0" * 64)
    with pytest.raises(Misuse) as caught:
        store.put(tree(), wrong)
    assert caught.value.code == "digest-mismatch"
    assert store.installed() == []


def test_a_skill_is_in_quarantine_until_its_digest_is_trusted(store: SkillStore) -> None:
    whole = tree()
    kept = store.put(whole, msgspec.structs.replace(record(whole), trusted=True, commands=True))
    assert (kept.trusted, kept.commands) == (False, False)
    store.change(msgspec.structs.replace(kept, trusted=True, commands=True))
    assert store.trusted(whole.digest)
    [found] = store.named("python")
    assert (found.trusted, found.commands) == (True, True)


def test_trust_goes_with_the_digest(store: SkillStore) -> None:
    whole, other = tree(), tree(more="x")
    first = store.put(whole, record(whole))
    store.change(msgspec.structs.replace(first, trusted=True))
    twin = store.put(whole, record(whole, source="path:/x"))
    assert twin.trusted
    assert not store.put(other, record(other)).trusted
    for one in store.installed():
        store.forget(one)
    assert store.put(whole, record(whole)).trusted
    store.change(msgspec.structs.replace(first, trusted=False, commands=True))
    [found] = store.installed()
    assert (found.trusted, found.commands) == (False, False)
    assert not store.trusted(whole.digest)


def test_change_writes_flags_and_nothing_else(store: SkillStore) -> None:
    whole = tree()
    kept = store.put(whole, record(whole))
    asked = msgspec.structs.replace(
        kept, name="other", description="other", enabled=False, verdict="flagged", at=1
    )
    store.change(asked)
    assert store.installed() == [msgspec.structs.replace(kept, enabled=False, verdict="flagged")]


def test_a_record_that_is_not_there_is_neither_changed_nor_forgotten(store: SkillStore) -> None:
    whole = tree()
    store.put(whole, record(whole))
    other = msgspec.structs.replace(record(whole), digest="1" * 64)
    for verb in (store.change, store.forget):
        for one in (other, record(whole, path="else")):
            with pytest.raises(Misuse) as caught:
                verb(one)
            assert caught.value.code == "unknown-skill"


def test_one_source_and_path_has_one_record(store: SkillStore) -> None:
    old, new = tree(), tree(more="x")
    store.put(old, record(old))
    store.put(new, record(new))
    store.put(new, record(new, source="path:/x"))
    digests = [(one.source, one.digest) for one in store.installed()]
    assert digests == [("bundled", new.digest), ("path:/x", new.digest)]
    assert store.folder(old.digest) is not None  # a lock somewhere may name it
    assert store.collect() == [old.digest]
    assert store.folder(old.digest) is None
    assert store.folder(new.digest) is not None
    assert store.collect() == []


def test_records_come_by_name_source_and_path(store: SkillStore) -> None:
    whole = tree()
    for name, source, path in (("b", "s", "x"), ("a", "t", "x"), ("a", "s", "y"), ("a", "s", "x")):
        store.put(whole, record(whole, name, source=f"path:/{source}{name}", path=path))
    found = [(one.name, one.source, one.path) for one in store.installed()]
    assert found == sorted(found)
    assert len(store.named("a")) == 3


def test_a_forgotten_skill_lies_in_the_trash(store: SkillStore, root: Path) -> None:
    whole = tree()
    kept = store.put(whole, record(whole))
    place = store.forget(kept)
    assert place == root.parent / "trash" / "20231114T221320.000000Z-python" / "python"
    assert (place / "SKILL.md").read_bytes() == whole.files["SKILL.md"].content
    assert "bundled" in (place.parent / "why.txt").read_text()
    assert store.installed() == []
    assert store.folder(whole.digest) is None
    [thrown] = store.trash()
    assert (thrown.name, thrown.folder, thrown.at) == ("python", str(place), EPOCH_MS)
    assert "removed" in thrown.why


def test_content_that_another_record_uses_stays(store: SkillStore) -> None:
    whole = tree()
    one, two = (store.put(whole, record(whole, source=f"path:/{name}")) for name in "ab")
    place = store.forget(one)
    assert place == store.folder(whole.digest)
    assert store.forget(two) != place


def test_discarded_folders_keep_every_byte(store: SkillStore, tmp_path: Path) -> None:
    secret = put(tmp_path / "secret", "secret")
    for _ in range(2):  # in one millisecond, of one name
        folder = tmp_path / "repo" / "my skill"
        put(folder / "SKILL.md", "edited")
        put(folder / "why.txt", "mine")
        (folder / "link").symlink_to(secret)
        (folder / "SKILL.md").chmod(0o400)
        folder.chmod(0o500)
        place = store.discard(folder, "It was edited.\nsecond line")
        assert not folder.exists()
        assert (place / "SKILL.md").read_text() == "edited"
        assert (place / "why.txt").read_text() == "mine"
        assert (place / "link").is_symlink()
    assert [one.why for one in store.trash()] == ["It was edited."] * 2
    assert secret.read_text() == "secret"


def test_discarding_a_link_takes_only_the_link(store: SkillStore, tmp_path: Path) -> None:
    target = put(tmp_path / "elsewhere" / "SKILL.md", "x").parent
    link = tmp_path / "link"
    link.symlink_to(target)
    place = store.discard(link, "why")
    assert place.is_symlink()
    assert (target / "SKILL.md").read_text() == "x"
    assert not os.path.lexists(link)


def test_the_store_cannot_be_discarded(store: SkillStore, root: Path) -> None:
    whole = tree()
    store.put(whole, record(whole))
    for folder in (root, root.parent, Path("/")):
        with pytest.raises(Misuse) as caught:
            store.discard(folder, "why")
        assert caught.value.code == "discard-refused"
    with pytest.raises(Absent):
        store.discard(root / "missing", "why")
    assert store.folder(whole.digest) is not None


def test_what_a_killed_writer_left_is_collected(store: SkillStore, root: Path) -> None:
    whole = tree()
    store.put(whole, record(whole))
    put(root / f".{whole.digest}.abc.tmp" / "SKILL.md", "half").parent.chmod(0o555)
    put(root / ".installed.json.1.abc.tmp", "half")
    put(root / "notes.txt", "the owner's")
    store.collect()
    left = {path.name for path in root.iterdir()}
    assert left == {whole.digest, "installed.json", ".lock", "notes.txt"}


@pytest.mark.parametrize("ms", [EPOCH_MS, FAR])
def test_a_changed_content_is_never_handed_out(root: Path, ms: int) -> None:
    store = store_at(root, ms)
    whole = tree()
    store.put(whole, record(whole))
    folder = root / whole.digest
    assert store.folder(whole.digest) == folder  # from now on, at FAR, known by its marks
    os.utime(folder / "SKILL.md", (1, 1))
    assert store.folder(whole.digest) == folder
    file = folder / "SKILL.md"
    content = file.read_bytes()
    time.sleep(0.02)  # more than a tick of the file system's clock
    kept = file.stat()
    file.chmod(0o644)
    file.write_bytes(content.replace(b"python", b"pythom"))  # of the same length
    file.chmod(0o444)
    os.utime(file, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    assert store.folder(whole.digest) is None
    assert store.tree(whole.digest) is None
    store.put(whole, record(whole))
    assert store.folder(whole.digest) == folder
    assert "no longer" in store.trash()[0].why


def test_a_content_seen_once_is_not_read_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = store_at(root, FAR)
    whole = tree()
    store.put(whole, record(whole))
    assert store.folder(whole.digest) is not None
    monkeypatch.setattr("sps.lib.disk_tree.regular", None)
    assert store.folder(whole.digest) is not None


def test_a_list_of_a_newer_program_is_left_alone(store: SkillStore, root: Path) -> None:
    content = '{"version": 2, "skills": {"other": "shape"}}'
    put(root / "installed.json", content)
    whole = tree()
    for verb in (store.installed, store.collect, lambda: store.put(whole, record(whole))):
        with pytest.raises(NewerData) as caught:
            verb()
        assert caught.value.code == "newer-data"
    assert (root / "installed.json").read_text() == content


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", "{}", '{"version": 0}', '{"version": "1"}', "\xff", "[" * 9999],
)
def test_a_broken_list_is_an_error_and_never_empty(root: Path, content: str) -> None:
    whole = tree()
    store_at(root).put(whole, record(whole))
    (root / "installed.json").write_bytes(content.encode("latin-1"))
    store = store_at(root)
    for verb in (store.installed, store.collect, lambda: store.put(whole, record(whole))):
        with pytest.raises(WorkFailed) as caught:
            verb()
        assert caught.value.code == "skill-list-broken"
        assert caught.value.hint == "sps doctor"
    assert (root / whole.digest / "SKILL.md").exists()


def test_a_list_that_was_lost_is_not_an_empty_store(store: SkillStore, root: Path) -> None:
    whole = tree()
    store.put(whole, record(whole))
    (root / "installed.json").unlink()
    for verb in (store.installed, store.collect):
        with pytest.raises(WorkFailed, match="missing"):
            verb()
    assert (root / whole.digest).exists()


def test_a_store_that_is_held_is_not_waited_for_without_end(store: SkillStore, root: Path) -> None:
    whole = tree()
    kept = store.put(whole, record(whole))
    with lock.held(root / ".lock", seconds=1):
        assert store.installed() == [kept]  # readers need no lock
        with pytest.raises(Held) as caught:
            store.change(kept)
        assert caught.value.code == "skills-held"
    store.change(kept)


def _put_many(root: str, first: int) -> None:
    store = SkillStoreDir(Path(root), SystemClock())
    for number in range(first, first + 15):
        whole = tree(**{f"f{number}": "x"})
        store.put(whole, record(whole, f"skill-{number}"))


def test_two_processes_lose_nothing(root: Path) -> None:
    context = multiprocessing.get_context("spawn")
    others = [context.Process(target=_put_many, args=(str(root), first)) for first in (100, 200)]
    for one in others:
        one.start()
    for one in others:
        one.join(60)
        assert one.exitcode == 0
    store = store_at(root)
    assert len(store.installed()) == 30
    assert all(store.folder(one.digest) for one in store.installed())


def test_another_process_is_seen_at_once(root: Path) -> None:
    one, other = store_at(root), store_at(root)
    whole = tree()
    kept = one.put(whole, record(whole))
    assert other.installed() == [kept]
    one.forget(kept)
    assert other.installed() == []


def many(count: int) -> list[Installed]:
    digest = tree().digest
    return [
        Installed(
            name=f"skill-{number:05}",
            source="git+https://example.org/team/skills.git",
            path=f"skills/group-{number % 50}/skill-{number:05}",
            commit="a" * 40,
            digest=digest,
            description="Use when a list has to be long enough to be slow. " * 3,
        )
        for number in range(count)
    ]


def test_eight_thousand_skills_are_listed_and_found(root: Path) -> None:
    rows = [msgspec.to_builtins(one) for one in many(8000)]
    put(root / "installed.json", json.dumps({"version": 1, "trusted": {}, "skills": rows}))
    store = store_at(root)
    assert len(store.installed()) == 8000
    assert len(store.named("skill-00042")) == 1


def test_a_tree_that_could_leave_the_store_is_not_written(store: SkillStore, root: Path) -> None:
    for path in ("../x", "/x", "a/../../x", "a\\b", "a\0b", "CON", ".git/config"):
        whole = tree_of([SkillFile(path=path, content=b"x")])
        with pytest.raises(Misuse) as caught:
            store.put(whole, record(whole))
        assert caught.value.code == "source-refused"
    twins = SkillTree(files={p: SkillFile(path=p, content=b"x") for p in ("a", "A")})
    with pytest.raises(Misuse, match="case"):
        store.put(twins, record(twins))
    assert store.installed() == []
    assert sorted(path.name for path in root.parent.rglob("*")) == [
        ".lock",
        "installed.json",
        "skill-store",
    ]
