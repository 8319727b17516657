"""The skill manager with many skills, and the checks in a large repository."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sps.cli.bench.bed import Bed
from sps.cli.bench.figures import Figure, figure
from sps.ports.skill_store import Installed

_INSTALLED = 8000
_LOCKED = 200
_FILES, _CHANGED = 1000, 5
_TEXT = """\
---
name: {name}
description: Use when a list has to be long enough to be slow.
---
Say what you measured, and on what.
"""
_CODE = "import logging\n\nLOG = logging.getLogger(__name__)\n\n\ndef f{n}(x):\n    return x\n"
_CALL = "\n\ndef get(client):\n    return requests.get(client)\n"


def skills(bed: Bed) -> Iterator[Figure]:
    """What a person waits for who has thousands of skills, and who checks before each commit."""
    _install(bed)
    looks: dict[str, tuple[str, ...]] = {"list": (), "search": ("long list",)}
    for verb, words in looks.items():
        samples = [bed.sps("skill", verb, *words, at=bed.repo).seconds for _ in range(7)]
        yield figure(f"skill {verb} of {_INSTALLED} installed", "s", samples, 0.2)
    _lock(bed)
    samples = [bed.sps("skill", "ci", at=bed.repo).seconds for _ in range(5)]
    yield figure(f"skill ci of {_LOCKED} in the lock", "s", samples, 2.0)
    _change(bed)
    check = ("skill", "check", "--base", "HEAD", "--skill", "backend", "--skill", "python")
    samples = [bed.sps(*check, at=bed.repo, check=False).seconds for _ in range(3)]
    name = f"skill check of {_CHANGED} changed files of {_FILES}"
    yield figure(name, "s", samples, 10.0)


def _skill(folder: Path, name: str) -> Path:
    place = folder / name
    place.mkdir(parents=True)
    (place / "SKILL.md").write_text(_TEXT.format(name=name), encoding="utf-8")
    return place


def _install(bed: Bed) -> None:
    """Put thousands of records into the store, all of one content."""
    tree = bed.world.skill_folders.read(_skill(bed.folder / "one", "bench"))
    records = [
        Installed(
            name=f"bench-{number}", source="git+https://example.org/skills.git",
            path=f"skills/bench-{number}", digest=tree.digest, at=1,
            description=f"Use when a list of kind {number} has to be long enough to be slow.",
        )
        for number in range(_INSTALLED)
    ]  # fmt: skip
    bed.world.skill_store.put_all([(tree, record) for record in records])


def _lock(bed: Bed) -> None:
    outside, names = bed.folder / "outside", [f"locked-{number}" for number in range(_LOCKED)]
    for name in names:
        _skill(outside, name)
    bed.sps("skill", "install", "./outside", "--all", "--trust", at=bed.folder)
    bed.sps("skill", "add", *names, at=bed.repo)


def _change(bed: Bed) -> None:
    """Commit a thousand files, then give some of them a line that a check finds."""
    for number in range(_FILES):
        folder = bed.repo / f"src{number % 20}"
        folder.mkdir(exist_ok=True)
        (folder / f"m{number}.py").write_text(_CODE.format(n=number), encoding="utf-8")
    bed.git("add", "-A")
    bed.git("commit", "-qm", "a thousand files")
    for number in range(_CHANGED):
        path = bed.repo / f"src{number}" / f"m{number}.py"
        path.write_text("import requests\n" + path.read_text() + _CALL, encoding="utf-8")
