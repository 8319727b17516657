"""Many skills at once."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from sps.ports.skill_store import Installed
from sps.services.skills.add import Adding, add_skills
from sps.services.skills.ci import check_lock
from sps.services.skills.listing import list_skills
from sps.services.skills.search import search_skills
from tests.fakes.skill_bench import Bench

pytestmark = pytest.mark.needs("git")
MANY = 8000


def record(number: int) -> Installed:
    topic = ("python", "database", "deploy", "review", "logging")[number % 5]
    return Installed(
        name=f"skill-{number}", source=f"git+https://example.org/{number % 300}.git",
        path=f"skills/skill-{number}", digest=sha256(str(number).encode()).hexdigest(),
        description=f"Use when {topic} matters in a project of kind {number}.", trusted=True, at=1,
    )  # fmt: skip


def test_eight_thousand_installed_skills_are_listed_and_searched(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.install(bench.skill("python"))
    listing = bench.world.home.skill_store / "installed.json"
    raw = msgspec.json.decode(listing.read_bytes())
    raw["skills"] += [msgspec.to_builtins(record(number)) for number in range(MANY)]
    listing.write_bytes(msgspec.json.encode(raw))
    assert len(list_skills(bench.world, bench.scope, digests=False).skills) == MANY + 1
    hits = search_skills(bench.scope, "database kind 6001", limit=3)
    assert hits.hits[0].skill.name == "skill-6001"
    assert hits.more > 1000


@pytest.mark.slow
def test_two_hundred_locked_skills_are_compared(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    names = tuple(f"skill-{number}" for number in range(200))
    for name in names:
        bench.skill(name, files={"references/a.md": "a\n" * 50, "references/b.md": "b\n"})
    bench.install(bench.outside, every=True)
    add_skills(bench.scope, names, Adding())
    found = check_lock(bench.scope)
    assert found.ok
    assert len(found.skills) == 200
    bench.place("skill-7").unlink()
    assert [one.name for one in check_lock(bench.scope).differences] == ["skill-7"]
