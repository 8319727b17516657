"""What the scripted agent reads out of a prompt: card, fences, and the blocks that apply."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sps.scripted.blocks import Block, read_blocks
from sps.scripted.card import Card, read_card
from sps.scripted.errors import BadBlockError
from sps.scripted.fences import find_fences, split_lines

_LINE = st.text(alphabet="ab `~\t-*<>#", max_size=12)


def _found(text: str) -> list[tuple[str, str, int]]:
    return [(fence.info, fence.content, fence.line) for fence in find_fences(text)]


def _applies(info: str, card: Card) -> bool:
    (block,) = read_blocks(f"```{info}\n```\n")
    return block.applies_to(card)


@given(st.lists(_LINE), st.sampled_from("`~"), st.integers(0, 3))
def test_content_survives_a_fence_that_is_long_enough(
    lines: list[str], char: str, indent: int
) -> None:
    content = "".join(f"{line}\n" for line in lines)
    longest = max((line.count(char) for line in lines), default=0)
    fence = " " * indent + char * max(3, longest + 1)
    body = "".join(" " * indent + f"{line}\n" for line in lines)
    text = f"before\n{fence} sh x=1\n{body}{fence}\nafter\n"
    assert _found(text) == [("sh x=1", content, 2)]


@given(st.text(alphabet="ab\r\n \x0b\u2028"))
def test_lines_join_to_the_text_again(text: str) -> None:
    assert "".join(split_lines(text)) == text


@given(st.text(alphabet="`~ \t\r\n-<!>sh1.", max_size=60))
def test_any_text_is_read_without_an_error_and_fences_are_ordered(text: str) -> None:
    lines = [line for _, _, line in _found(text)]
    assert lines == sorted(set(lines))


@pytest.mark.parametrize(
    "text,expected",
    [
        ("```sh\na", [("sh", "a", 1)]),
        ("```sh\n```", [("sh", "", 1)]),
        ("````sh\n```\nx\n```\n````\n", [("sh", "```\nx\n```\n", 1)]),
        ("~~~sh\n```\n~~~\n", [("sh", "```\n", 1)]),
        ("```sh\n`````\nx", [("sh", "", 1)]),
        ("```sh\n``` x\n```\n", [("sh", "``` x\n", 1)]),
        ("    ```sh\n", []),
        ("\t```sh\n", []),
        ("``` a`b\n", []),
        ("~~~ a`b\n~~~\n", [("a`b", "", 1)]),
        ("  ```\n   a\n b\nc\n  ```\n", [("", " a\nb\nc\n", 1)]),
        ("```\n    ```\n```\n", [("", "    ```\n", 1)]),
        ("```sh\r\na\r\n```\r\n", [("sh", "a\r\n", 1)]),
        ("<!--\n```sh\n```\n-->\n```say\n```\n", [("say", "", 5)]),
        ("<div>\n```sh\n```\n\n```say\n```\n", [("say", "", 5)]),
        ("- ```sh\n  a\n  ```\n\n```say\nb\n```\n", [("sh", "a\n", 1), ("say", "b\n", 5)]),
        ("> ```sh\n> a\n> ```\n", []),
    ],
)
def test_fences_follow_commonmark(text: str, expected: list[tuple[str, str, int]]) -> None:
    assert _found(text) == expected


def test_blocks_carry_attributes_and_other_languages_are_text() -> None:
    body = 'x\n```python stage\n```\n```file path="a b/\\"c\\".py" stage=dev attempt=2+\nhi\n```\n'
    (block,) = read_blocks(body)
    assert (block.word, block.content, block.line) == ("file", "hi\n", 4)
    assert block.attributes == {"path": 'a b/"c".py', "stage": "dev", "attempt": "2+"}


@pytest.mark.parametrize(
    "info,says",
    [
        ("file", "'path' is missing"),
        ("file path=", "expected each key once"),
        ('file path=""', "'path' is empty"),
        ("file src/x.py", "expected each key once"),
        ('file path="a', "expected each key once"),
        ("file path=a path=b", "expected each key once"),
        ("file path=a mode=755", "unknown attribute 'mode'"),
        ("sh attempt=0", "attempt is N or N+"),
        ("sh attempt=2-", "attempt is N or N+"),
        ("verdict path=a", "unknown attribute 'path'"),
    ],
)
def test_bad_attribute_names_its_line(info: str, says: str) -> None:
    with pytest.raises(BadBlockError, match=r"^block at line 3 failed: ") as caught:
        read_blocks(f"a\n\n```{info}\n```\n")
    assert says in str(caught.value)
    assert caught.value.line == 3


@pytest.mark.parametrize(
    "info,work,named_work,review",
    [
        ("sh", True, True, False),
        ("sh stage=dev", False, True, False),
        ("sh stage=qa", False, False, True),
        ("verdict", False, False, True),
        ("verdict stage=qa", False, False, True),
        ("verdict stage=dev", False, False, False),
    ],
)
def test_stage_decides_where_a_block_runs(
    info: str, work: bool, named_work: bool, review: bool
) -> None:
    assert _applies(info, Card("", stage="other")) is work
    assert _applies(info, Card("", stage="dev")) is named_work
    assert _applies(info, Card("", stage="qa", kind="review")) is review


@given(st.integers(1, 9), st.integers(1, 9))
def test_attempt_is_exact_and_with_plus_open_ended(wanted: int, attempt: int) -> None:
    card = Card("", attempt=attempt)
    assert _applies(f"sh attempt={wanted}", card) is (attempt == wanted)
    assert _applies(f"sh attempt={wanted}+", card) is (attempt >= wanted)
    assert Block("sh", {}, "", 1).applies_to(card)


def test_card_is_the_text_between_the_markers() -> None:
    prompt = (
        "```sh\nrm x\n```\n"
        "<<<SPS-CARD 0a1b stage=dev kind=work attempt=3\n"
        "body\nSPS-CARD ffff>>>\n<<<SPS-CARD ee stage=x kind=review attempt=1\n"
        "SPS-CARD 0a1b>>>\nafter\nSPS-CARD ee>>>\n"
    )
    card = read_card(prompt)
    assert (card.stage, card.kind, card.attempt) == ("dev", "work", 3)
    assert card.body.startswith("body\nSPS-CARD ffff>>>\n<<<SPS-CARD ee ")
    assert card.body.endswith("attempt=1\n")


@pytest.mark.parametrize(
    "opening",
    [
        "<<<SPS-CARD 0a stage=dev kind=work attempt=1\nno end",
        "<<<SPS-CARD xyz stage=dev kind=work attempt=1\nSPS-CARD xyz>>>",
        "<<<SPS-CARD 0a stage=dev kind=play attempt=1\nSPS-CARD 0a>>>",
        "<<<SPS-CARD 0a stage=dev kind=work attempt=0\nSPS-CARD 0a>>>",
        "<<<SPS-CARD 0a kind=work attempt=1\nSPS-CARD 0a>>>",
    ],
)
def test_prompt_without_a_whole_marked_card_is_the_card(opening: str) -> None:
    card = read_card(opening)
    assert (card.body, card.stage, card.kind, card.attempt) == (opening, "", "work", 1)


def test_marked_card_behind_a_broken_marker_is_found() -> None:
    prompt = (
        "<<<SPS-CARD 0a stage=a kind=work attempt=1\n"
        '<<<SPS-CARD 0b stage="two words" kind=review attempt=2\r\nbody\r\nSPS-CARD 0b>>>\r\n'
    )
    card = read_card(prompt)
    assert (card.body, card.stage, card.kind, card.attempt) == (
        "body\r\n",
        "two words",
        "review",
        2,
    )
