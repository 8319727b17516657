"""What every implementation of `sps.ports.access.Access` promises."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sps.adapters.access_file import AccessFile
from sps.model.access import Grant, GrantKind, Role
from sps.model.errors import Absent
from sps.ports.access import Access
from tests.fakes.memory_access import MemoryAccess


def a_grant(number: int, *, at: int = 1000) -> Grant:
    return Grant(
        id=f"G{number}", kind=GrantKind.TOKEN, role=Role.VIEWER, name=f"grant {number}",
        proof=f"proof-{number}", created_at=at, expires_at=0,
    )  # fmt: skip


@pytest.fixture(params=["file", "memory"])
def again(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Access]:
    """Return what opens the same grants once more."""
    if request.param == "file":
        return lambda: AccessFile(tmp_path / "access.json")
    kept = MemoryAccess()
    return lambda: kept


def test_what_is_added_is_found_by_its_proof_alone(again: Callable[[], Access]) -> None:
    access = again()
    assert access.grants() == []
    access.add(a_grant(1))
    assert again().find("proof-1") == a_grant(1)
    for wrong in ("", "proof-", "proof-11", "PROOF-1", "G1"):
        assert access.find(wrong) is None


def test_grants_are_listed_oldest_first(again: Callable[[], Access]) -> None:
    access = again()
    for number, at in ((1, 30), (2, 10), (3, 20)):
        access.add(a_grant(number, at=at))
    assert [grant.id for grant in again().grants()] == ["G2", "G3", "G1"]


def test_what_is_dropped_is_found_no_more_by_anybody(again: Callable[[], Access]) -> None:
    access, other = again(), again()
    access.add(a_grant(1))
    assert other.find("proof-1") is not None
    assert access.drop("G1")
    assert not access.drop("G1")
    assert not access.drop("G2")
    assert other.find("proof-1") is None


def test_of_many_who_drop_one_grant_one_gets_it(again: Callable[[], Access]) -> None:
    again().add(a_grant(1))
    got: list[bool] = []
    ways = [again() for _ in range(8)]
    threads = [threading.Thread(target=lambda w=way: got.append(w.drop("G1"))) for way in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [False] * 7 + [True]


def test_no_addition_is_lost_among_several_writers(again: Callable[[], Access]) -> None:
    def add(access: Access, first: int) -> None:
        for number in range(first, first + 5):
            access.add(a_grant(number))

    threads = [threading.Thread(target=add, args=(again(), 10 * n)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(again().grants()) == 20


def test_use_is_written_down_once_a_minute(again: Callable[[], Access]) -> None:
    access = again()
    access.add(a_grant(1))
    for at, kept in ((100_000, 100_000), (159_999, 100_000), (160_000, 160_000)):
        access.touch("G1", at)
        found = again().find("proof-1")
        assert found is not None
        assert found.used_at == kept
    access.touch("nobody", 200_000)
    assert len(again().grants()) == 1


def test_the_file_is_the_owners_only(tmp_path: Path) -> None:
    AccessFile(tmp_path / "access.json").add(a_grant(1))
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"grants":[{}]}', b'{"other":1}'])
def test_a_broken_file_lets_nobody_in_and_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "access.json"
    path.write_bytes(content)
    for act in (
        lambda: AccessFile(path).grants(), lambda: AccessFile(path).find("proof-1"),
        lambda: AccessFile(path).add(a_grant(1)), lambda: AccessFile(path).drop("G1"),
    ):  # fmt: skip
        with pytest.raises(Absent) as caught:
            act()
        assert caught.value.code == "access-broken"
    assert path.read_bytes() == content


def test_a_link_in_place_of_the_file_is_not_followed(tmp_path: Path) -> None:
    AccessFile(tmp_path / "real.json").add(a_grant(1))
    (tmp_path / "access.json").symlink_to(tmp_path / "real.json")
    with pytest.raises(Absent):
        AccessFile(tmp_path / "access.json").find("proof-1")
