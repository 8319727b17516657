"""Scopes: which patterns may meet, and who waits for whom."""

from __future__ import annotations

import fnmatch
import time
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sps.flow.scopes import Scopes, ahead
from sps.model.card import Card, CardState, CardText
from sps.model.reason import AWAITING
from sps.model.scope import meet, overlap

PARTS = st.text("ab*?", min_size=1, max_size=4).filter(lambda part: "**" not in part)
PATHS = st.lists(st.sampled_from(["a", "b", "ab", "ba", "aab"]), min_size=1, max_size=4)
PATTERNS = st.lists(st.one_of(PARTS, st.just("**")), min_size=1, max_size=4).map("/".join)


def matches(path: list[str], pattern: list[str]) -> bool:
    """Say in the slowest way whether a pattern means a path or something above it."""
    if not pattern:
        return True
    if pattern[0] == "**":
        return any(matches(path[at:], pattern[1:]) for at in range(len(path) + 1))
    return (
        bool(path) and fnmatch.fnmatchcase(path[0], pattern[0]) and matches(path[1:], pattern[1:])
    )


@given(PATHS, PATTERNS, PATTERNS)
def test_patterns_that_share_a_path_meet(path: list[str], one: str, other: str) -> None:
    if matches(path, one.split("/")) and matches(path, other.split("/")):
        assert meet(one, other)


@given(PATTERNS, PATTERNS)
def test_meeting_is_mutual_and_everything_meets_itself(one: str, other: str) -> None:
    assert meet(one, other) == meet(other, one)
    assert meet(one, one)


@pytest.mark.parametrize(
    "one, other, expected",
    [
        ("src/auth/**", "src/auth/login.py", True),
        ("src/auth", "src/auth/login.py", True),
        ("src/auth/", "src/author.py", False),
        ("src/*.py", "src/*.md", False),
        ("src/*.py", "src/a*", True),
        ("**/test_*.py", "tests/unit/*", True),
        ("docs/**", "src/**", False),
        ("src/[ab].py", "src/c.py", True),  # not told exactly: yes
        ("**", "anything", True),
        ("a/**/z", "a/b/c/z", True),
        ("a/**/z", "b/**", False),
    ],
)
def test_whether_patterns_meet(one: str, other: str, expected: bool) -> None:
    assert meet(one, other) is expected


def test_hostile_patterns_cost_little_time() -> None:
    began = time.process_time()
    assert not meet("*a" * 60 + "b", "*a" * 60 + "c")
    assert meet("*a" * 2000 + "b", "*a" * 2000 + "c")  # too long to be told: yes
    meet("**/a/" * 25, "**/b/" * 25 + "c")
    assert time.process_time() - began < 2


def card(seq: int, *scope: str, state: CardState = CardState.READY, reason: str = "") -> Card:
    text = CardText(title=f"card {seq}", scope=scope)
    return Card(
        project="p", seq=seq, id=str(seq), text=text, state=state, reason=reason or None,
        created_at=0, updated_at=0,
    )  # fmt: skip


def test_a_card_waits_for_one_that_works_on_the_same_files() -> None:
    scopes = Scopes([card(1, "src/**", state=CardState.GATING)])
    assert scopes.in_the_way(card(2, "src/a.py")) is not None
    assert scopes.in_the_way(card(3, "docs/**")) is None
    assert scopes.in_the_way(card(4)) is None
    assert overlap(("docs/*", "src/x"), ("src/*",)) == "src/x"


def test_a_card_that_waits_for_a_person_holds_nothing() -> None:
    waiting = card(1, "src/**", state=CardState.REVIEW, reason=AWAITING)
    assert Scopes([waiting]).in_the_way(card(2, "src/**")) is None


def test_who_waits_keeps_its_place() -> None:
    working = card(1, "x/**", state=CardState.RUNNING)
    wide, behind, other = card(2, "x/**", "y/**"), card(3, "y/**"), card(4, "z/**")
    order = [wide, behind, other]
    assert (found := ahead(behind, [working], order)) is not None
    assert found.seq == 2
    assert ahead(other, [working], order) is None


SCOPES = st.lists(st.sampled_from(["a/**", "b/*", "a/x", "c", "**/x"]), max_size=2).map(tuple)


@settings(max_examples=150, deadline=None)
@given(st.lists(SCOPES, min_size=1, max_size=14), st.integers(1, 4), st.randoms())
def test_all_cards_come_up_no_two_meet_and_nobody_is_overtaken_by_who_meets_it(
    wanted: list[tuple[str, ...]], slots: int, chance: Random
) -> None:
    queue = [card(seq, *scope) for seq, scope in enumerate(wanted, 1)]
    running: list[Card] = []
    started: list[int] = []
    while queue or running:
        scopes = Scopes(running)
        for one in list(queue):
            blocked = scopes.in_the_way(one) is not None
            if blocked or len(running) < slots:
                scopes.take(one)
            if not blocked and len(running) < slots:
                queue.remove(one)
                running.append(msgspec.structs.replace(one, state=CardState.RUNNING))
                started.append(one.seq)
        assert running  # never a deadlock
        assert not any(
            overlap(one.text.scope, other.text.scope)
            for at, one in enumerate(running) for other in running[:at]
        )  # fmt: skip
        running.remove(chance.choice(running))
    assert sorted(started) == [seq for seq, _ in enumerate(wanted, 1)]
    for place, seq in enumerate(started):
        meets = [other for other in started[:place] if other > seq]
        assert not any(overlap(wanted[seq - 1], wanted[other - 1]) for other in meets)
