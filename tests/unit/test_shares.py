"""Fair shares between projects, whatever their sizes and however long their cards take."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from sps.daemon.shares import Shares

SIZES = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 60), min_size=2)
LIMITS = st.integers(1, 6)


def _play(
    sizes: dict[str, int], caps: dict[str, int], limit: int, lengths: st.DataObject
) -> list[tuple[str, dict[str, int]]]:
    """Start cards whenever a slot is free; return who started, with what was working before."""
    waiting, working, shares = dict(sizes), Counter[str](), Shares()
    running: list[tuple[int, str]] = []
    starts: list[tuple[str, dict[str, int]]] = []
    now = 0
    while any(waiting.values()) or running:
        while sum(working.values()) < limit:
            open_ = {n: working[n] for n in waiting if waiting[n] and working[n] < caps[n]}
            if not open_:
                break
            name = shares.order(open_)[0]
            starts.append((name, open_))
            shares = shares.after((name,))
            waiting[name] -= 1
            working[name] += 1
            running.append((now + lengths.draw(st.integers(1, 9)), name))
        running.sort()
        now, ended = running.pop(0)
        working[ended] -= 1
    return starts


@settings(max_examples=60, deadline=None)
@given(SIZES, LIMITS, st.data())
def test_no_project_without_an_agent_waits_longer_than_one_start_of_each_other(
    sizes: dict[str, int], limit: int, data: st.DataObject
) -> None:
    caps = {name: data.draw(st.integers(1, 4)) for name in sizes}
    starts = _play(sizes, caps, limit, data)
    assert Counter(name for name, _ in starts) == sizes  # all of them, and each once
    passed: Counter[str] = Counter()
    for name, open_ in starts:
        for other, working in open_.items():
            passed[other] = passed[other] + 1 if other != name and not working else 0
            assert passed[other] < len(sizes)


@settings(max_examples=60, deadline=None)
@given(SIZES, LIMITS, st.data())
def test_slots_are_shared_as_evenly_as_the_limits_allow(
    sizes: dict[str, int], limit: int, data: st.DataObject
) -> None:
    caps = {name: data.draw(st.integers(1, 4)) for name in sizes}
    for name, open_ in _play(sizes, caps, limit, data):
        assert open_[name] == min(open_.values())


def test_equals_are_served_in_turn_also_over_several_looks() -> None:
    shares, order = Shares(), ""
    for _ in range(6):
        name = shares.order({"big": 0, "mid": 0, "small": 0})[0]
        shares = shares.after((name,))
        order += name[0]
    assert order == "bmsbms"
