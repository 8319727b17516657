"""The permission policy: what is not known is refused, what leads out is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sps.adapters.agent_acp.policy import Decision, Option, Reach, choose, decide
from sps.lib.paths import inside

KNOWN = ("read", "search", "edit", "delete", "move", "execute", "think", "fetch")
ROOT = "/place/space"
ANY_PATH = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from(["..", ".", "a", "b", "", "space", "space2"]), max_size=8).map(
        "/".join
    ),
    st.lists(st.sampled_from(["..", "a", "b"]), max_size=6).map(lambda p: f"{ROOT}/{'/'.join(p)}"),
)


def within(path: str) -> bool:
    return "\0" not in path and f"{os.path.normpath(os.path.join(ROOT, path))}/".startswith(
        f"{ROOT}/"
    )


REACH = Reach(may_read=within, may_change=within)


@given(kind=st.one_of(st.none(), st.text()).filter(lambda kind: kind not in KNOWN))
def test_unknown_kinds_are_refused(kind: str | None) -> None:
    assert not decide(kind, [f"{ROOT}/a"], Reach(lambda _: True, lambda _: True, True)).allow


@pytest.mark.parametrize("kind", ["readwrite", "Search;rm", "EDIT", " edit", "edit\n", "", None])
def test_kinds_that_only_look_known_are_refused(kind: str | None) -> None:
    assert not decide(kind, [], REACH).allow


@given(kind=st.sampled_from(KNOWN), paths=st.lists(ANY_PATH, max_size=5))
def test_one_path_outside_refuses_the_whole_request(kind: str, paths: list[str]) -> None:
    decision = decide(kind, paths, Reach(within, within, network=True))
    if decision.allow and kind != "fetch":
        assert all(within(path) for path in paths)
    elif kind != "fetch" and paths:
        assert not within(decision.path)


@given(paths=st.lists(ANY_PATH, max_size=3))
def test_nothing_is_changed_without_a_path(paths: list[str]) -> None:
    for kind in ("edit", "delete", "move"):
        allowed = decide(kind, paths, REACH).allow
        assert allowed == (bool(paths) and all(within(path) for path in paths))


def test_reading_and_changing_have_their_own_reach() -> None:
    reach = Reach(may_read=lambda _: True, may_change=lambda _: False)
    assert decide("read", ["/skills/x"], reach) == Decision(True, "read-inside", "/skills/x")
    assert decide("edit", ["/skills/x"], reach) == Decision(False, "change-outside", "/skills/x")


def test_fetch_needs_a_host_that_is_let_through() -> None:
    assert not decide("fetch", [], REACH).allow
    assert decide("fetch", [], Reach(within, within, network=True)).allow


@given(
    kinds=st.lists(
        st.sampled_from(["allow_once", "allow_always", "reject_once", "reject_always", "odd"])
    ),
    allow=st.booleans(),
)
def test_answer_never_says_the_opposite_and_prefers_once(kinds: list[str], allow: bool) -> None:
    word = "allow" if allow else "reject"
    chosen = choose([Option(str(at), kind) for at, kind in enumerate(kinds)], allow=allow)
    if chosen is None:
        assert not {f"{word}_once", f"{word}_always"} & set(kinds)
    else:
        best = f"{word}_once" if f"{word}_once" in kinds else f"{word}_always"
        assert kinds[int(chosen)] == best


def test_links_out_of_the_workspace_do_not_count_as_inside(tmp_path: Path) -> None:
    (tmp_path / "space").mkdir()
    (tmp_path / "space" / "link").symlink_to("/etc")
    root = tmp_path / "space"
    reach = Reach(*[lambda path: inside(root, path) is not None] * 2)
    assert not decide("edit", [f"{root}/link/passwd"], reach).allow
    assert decide("edit", [f"{root}/new"], reach).allow
