"""A filter means the same to whoever types it, the page, the window and the stream."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sps.model.card import Card, CardState, CardText
from sps.model.errors import Misuse
from sps.services.card_filter import EVERY, CardFilter, parsed

_S = CardState


def _card(title: str, *labels: str, seq: int = 7, state: CardState = _S.READY) -> Card:
    text = CardText(title=title, labels=labels)
    return Card(project="p", seq=seq, id="c", text=text, state=state, created_at=0, updated_at=0)


def test_filter_is_read_in_any_order_and_kept_tidy() -> None:
    found = parsed("  Fix  label:UI   is:active is:needs-human #12 ")
    assert found == CardFilter(
        text="Fix label:UI is:active is:needs-human #12",
        states=(_S.RUNNING, _S.GATING, _S.NEEDS_HUMAN),
        labels=("ui",),
        words=("fix", "12"),
    )


def test_unknown_state_is_refused_with_the_nearest() -> None:
    with pytest.raises(Misuse, match="runing") as caught:
        parsed("is:runing")
    assert "running" in caught.value.message


@pytest.mark.parametrize(
    "typed, passes",
    [
        ("", True),
        ("logIN", True),
        ("login page", True),
        ("7", True),
        ("#7", True),
        ("8", False),
        ("label:ui", True),
        ("label:u", False),
        ("is:ready label:UI page", True),
        ("is:done", False),
    ],
)
def test_card_passes_by_title_number_label_and_state(typed: str, passes: bool) -> None:
    assert parsed(typed).fits(_card("The Login page", "UI")) is passes


@given(st.text(max_size=300))
def test_anything_typed_is_a_filter_or_misuse(typed: str) -> None:
    try:
        found = parsed(typed)
    except Misuse:
        return
    assert parsed(found.text) == found


def test_no_filter_passes_everything() -> None:
    assert EVERY.fits(_card("x"))
