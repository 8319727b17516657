"""No value of a login is written down, however the words of an agent are cut."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sps.adapters.agent_acp.hush import Hush
from sps.adapters.agent_acp.scrub import scrub

_SECRETS = frozenset({"token-abcabcabd", "token-abcabcabd-longer", "other-secret"})


def test_every_value_is_replaced_the_longer_one_first() -> None:
    hush = Hush(lambda: _SECRETS)
    assert hush("x token-abcabcabd-longer token-abcabcabd") == "x [login] [login]"


@given(
    words=st.lists(st.sampled_from([*sorted(_SECRETS), "token-abc", "abcabd", "\n", "x"])),
    cuts=st.lists(st.integers(min_value=1, max_value=9), min_size=1),
)
def test_a_value_that_comes_in_pieces_is_replaced_and_nothing_else_is_lost(
    words: list[str], cuts: list[int]
) -> None:
    hush = Hush(lambda: _SECRETS)
    text, whole, rest, at = "".join(words).encode(), b"", b"", 0
    while at < len(text):
        size = cuts[at % len(cuts)]
        said, rest = hush.stream(rest + text[at : at + size])
        whole += said
        at += size
    whole += rest
    assert not [value for value in _SECRETS if value.encode() in whole]
    assert whole.replace(b"-longer", b"") == hush(text.decode()).encode().replace(b"-longer", b"")


def test_a_renewed_value_counts_at_once() -> None:
    secrets = ["first-value"]
    hush = Hush(lambda: frozenset(secrets))
    assert hush("first-value second-value") == "[login] second-value"
    secrets.append("second-value")
    assert hush("first-value second-value") == "[login] [login]"


def test_files_that_are_left_behind_lose_it_and_links_lead_nowhere(tmp_path: Path) -> None:
    outside, work = tmp_path / "outside", tmp_path / "work"
    (work / "deep" / "er").mkdir(parents=True)
    outside.mkdir()
    for path in (outside / "own", work / "deep" / "er" / "file", work / "locked"):
        path.write_bytes(b"\x00\xff other-secret \n")
    (work / "locked").chmod(0o400)
    (work / "link").symlink_to(outside / "own")
    (work / "folder").symlink_to(outside)
    (work / "innocent").write_text("nothing")
    assert scrub([str(work)], _SECRETS, 0.0) == 2
    assert (work / "deep" / "er" / "file").read_bytes() == b"\x00\xff [login] \n"
    assert b"secret" not in (work / "locked").read_bytes()
    assert b"other-secret" in (outside / "own").read_bytes()
    assert scrub([str(work)], _SECRETS, 0.0) == 0


@contextlib.contextmanager
def _ordinary_user(folder: Path) -> Iterator[None]:
    """Be one whom modes bind: for root, which they do not, somebody else, whose the folder is."""
    if os.geteuid():
        yield
        return
    for place in (folder, *folder.rglob("*")):
        os.chown(place, 65534, 65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_folders_that_an_agent_closed_are_searched_like_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    closed = [work / "a" / "b", work / "a", work / "c", work]
    for folder in closed:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "kept.txt").write_text("my token-abcabcabd\n")
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o700)
    (work / "link").symlink_to(outside)
    for folder, mode in zip(closed, (0o000, 0o100, 0o400, 0o000), strict=True):
        folder.chmod(mode)
    outside.chmod(0o500)
    monkeypatch.chdir(tmp_path)
    with _ordinary_user(tmp_path):
        assert scrub(["work"], _SECRETS, 0.0) == len(closed)
    assert all((folder / "kept.txt").read_text() == "my [login]\n" for folder in closed)
    assert outside.stat().st_mode & 0o777 == 0o500
    outside.chmod(0o700)
