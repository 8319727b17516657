"""No value of a login is written down, however the words of an agent are cut."""

from __future__ import annotations

from pathlib import Path

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
