"""Hostile skills: whatever a source holds, nothing outside is read, written or deleted.

Beside each source lie files that nobody may read or change. Each attack has to be refused with a
reason that names it.
"""

from __future__ import annotations

import re
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.adapters.skill_sources import Limits, OutsideSources
from sps.lib import disk_tree
from sps.model.errors import Absent, Misuse
from tests.redteam.guarded_files import CANARY, guarded, snapshot
from tests.redteam.hostile_skills import HOSTILE, MAIN, MIB
from tests.skill_makers import (
    GIT,
    commit,
    git,
    put,
    repository,
    skill,
    tarred,
    tree,
    zip_entry,
    zipped,
)


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    with guarded(tmp_path) as folder:
        yield folder


@pytest.fixture
def place(tmp_path: Path, outside: Path) -> Path:
    """Where attacks are made, beside what they are after."""
    folder = tmp_path / "place"
    folder.mkdir()
    return folder


def sources_at(place: Path, **limits: int) -> OutsideSources:
    return OutsideSources(
        library=place / "library",
        cache=place.parent / "cache",
        environment=GIT,
        base=place,
        limits=Limits(**limits),
    )


@pytest.mark.needs("git")
@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_sources_are_refused_with_their_reason(place: Path, name: str) -> None:
    make, reason = HOSTILE[name]
    source = make(place)
    before = snapshot(place)
    sources = sources_at(place, entries=200, size=64 * MIB)
    with pytest.raises(Misuse) as caught:
        sources.fetch(source)
    said = caught.value.message
    assert caught.value.code == "source-refused", said
    assert re.search(reason, said), said
    assert CANARY not in said
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e]", said)
    assert snapshot(place) == before
    made = {path.name for path in place.parent.iterdir()} - {"place", "outside", "canary"}
    assert made <= {"cache"}
    assert not any(b"CANARY" in path.read_bytes() for path in place.rglob("ran"))


@pytest.mark.parametrize(
    "ref",
    ["--upload-pack=touch ran", "-q", "main:refs/heads/x", "+main", "a b", "a\nb", "^x", "@{-1}"],
)
@pytest.mark.needs("git")
def test_refs_are_never_options(place: Path, ref: str) -> None:
    folder = repository(place / "repo")
    skill(folder / "python")
    commit(folder)
    for source in (f"file://{folder}", "git+repo"):
        with pytest.raises(Misuse) as caught:
            sources_at(place).fetch(source, ref=ref)
        assert caught.value.code == "source-refused"
    assert not (place.parent / "cache").exists()


@pytest.mark.parametrize("name", ["a.tar.gz", "a.tar.bz2", "a.tar.xz", "a.zip"])
def test_a_bomb_is_noticed_long_before_it_is_unpacked(place: Path, name: str) -> None:
    make = zipped if name == "a.zip" else tarred
    make(place / name, MAIN, ("zeros", b"\0" * (48 * MIB)))
    tracemalloc.start()
    try:
        with pytest.raises(Misuse, match="bomb"):
            sources_at(place).fetch(name)
        assert tracemalloc.get_traced_memory()[1] < 24 * MIB
    finally:
        tracemalloc.stop()


def payload(place: Path) -> tuple[Path, Path]:
    flag = place.parent / "RAN"
    script = put(place / "payload.sh", f"#!/bin/sh\ntouch {flag}\nexit 1\n", executable=True)
    return script, flag


@pytest.mark.needs("git")
def test_nothing_in_a_repository_is_run(place: Path) -> None:
    folder = repository(place / "repo")
    skill(folder / "python")
    put(folder / ".gitattributes", "* filter=evil diff=evil\n")
    put(folder / ".gitmodules", '[submodule "x"]\n\tpath = x\n\turl = ext::sh -c id\n')
    first = commit(folder)
    script, flag = payload(place)
    for key in (
        "core.fsmonitor",
        "core.sshCommand",
        "core.pager",
        "core.editor",
        "uploadpack.packObjectsHook",
        "core.alternateRefsCommand",
        "filter.evil.smudge",
        "filter.evil.clean",
        "diff.evil.textconv",
        "gpg.program",
        "credential.helper",
    ):
        git("config", key, str(script), cwd=folder)
    git("config", "core.hooksPath", str(place), cwd=folder)
    for hook in ("post-checkout", "post-merge", "reference-transaction", "pre-auto-gc"):
        put(folder / ".git" / "hooks" / hook, script.read_text(), executable=True)
        put(place / hook, script.read_text(), executable=True)
    got = sources_at(place).fetch("git+repo")
    assert got.commit == first
    assert got.skills == {"python": tree()}
    assert not flag.exists()


@pytest.mark.needs("git")
def test_the_owners_aliases_of_addresses_cannot_bring_a_helper_back(place: Path) -> None:
    script, flag = payload(place)
    config = put(
        place / "config",
        f'[url "ext::{script} "]\n\tinsteadOf = https://example.org/\n'
        '[protocol "ext"]\n\tallow = always\n',
    )
    sources = OutsideSources(
        library=place,
        cache=place.parent / "cache",
        environment=GIT | {"GIT_CONFIG_GLOBAL": str(config)},
    )
    with pytest.raises(Absent, match="not allowed"):
        sources.fetch("https://example.org/x.git")
    assert not flag.exists()


def test_a_link_that_comes_between_two_looks_is_not_followed(place: Path, outside: Path) -> None:
    folder = skill(place / "python")
    with disk_tree.DiskTree(folder) as tree_on_disk:
        assert "typing.md" in tree_on_disk.below("references")
        (folder / "references" / "typing.md").unlink()
        (folder / "references" / "typing.md").symlink_to(outside / "canary")
        (folder / "scripts").rename(folder / "old")
        (folder / "scripts").symlink_to(outside)
        for path in ("references/typing.md", "scripts/canary"):
            with pytest.raises(disk_tree.Refused):
                tree_on_disk.content(path, 1000)


def test_the_corpus_is_large_enough() -> None:
    assert len(HOSTILE) >= 80


def test_zips_that_zipfile_names_otherwise_are_told_by_their_real_name(place: Path) -> None:
    zipped(place / "a.zip", MAIN, (zip_entry("x\\..\\..\\canary"), "x"))  # type: ignore[arg-type]
    with zipfile.ZipFile(place / "a.zip") as file:
        assert any("\\" in info.orig_filename for info in file.infolist())
