"""A change in rows: words that differ, sides, what is folded, and remarks at their lines."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sps.console.pages.card_diff import DiffView, threads
from sps.console.render import diff, picture, word_diff
from sps.model.verdict import Comment, Decision, Verdict
from sps.services.judgement import reviews
from sps.services.remarks import remarks
from tests.redteam.payloads import PAYLOADS, smuggled
from tests.unit.test_console_render import change

LINE = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=80)


def marked(code: str) -> list[str]:
    """Return the stretches that are set off."""
    return [unescape(re.sub(r"<[^>]*>", "", found)) for found in _stretches(code)]


def _stretches(code: str) -> list[str]:
    return re.findall(r'<span class="w">((?:<span[^>]*>[^<]*</span>|[^<])*)</span>', code)


def test_only_the_words_that_differ_are_set_off() -> None:
    rows = ["-    def put(self, key, ttl=3600):", "+    def put(self, name, ttl=60):"]
    (file,) = diff.files(change("x.py", rows))
    old, new = (str(row.code) for row in file.hunks[0].rows)
    assert (marked(old), marked(new)) == (["key", "3600"], ["name", "60"])


def test_lines_with_little_in_common_are_two_lines() -> None:
    assert word_diff.changed("return a + b", "import everything.from_nowhere") == ([], [])
    assert word_diff.changed("", "something") == ([], [])


@given(LINE, LINE)
def test_what_is_not_set_off_is_the_same_on_both_sides(old: str, new: str) -> None:
    left, right = word_diff.changed(old, new)

    def rest(text: str, spans: list[tuple[int, int]]) -> str:
        kept, at = [], 0
        for begin, end in spans:
            assert at <= begin < end <= len(text)
            kept.append(text[at:begin])
            at = end
        return "".join([*kept, text[at:]])

    if left or right:
        assert rest(old, left) == rest(new, right)


@given(st.lists(st.tuples(LINE, LINE), min_size=1, max_size=6))
def test_set_off_words_lose_no_letter_and_let_no_markup_through(
    pairs: list[tuple[str, str]],
) -> None:
    rows = [f"-{old}" for old, _ in pairs] + [f"+{new}" for _, new in pairs]
    plain = change("x.unknown", rows)
    for path in ("x.py", "x.unknown"):
        (file,) = diff.files(plain.replace("x.unknown", path))
        codes = [str(row.code) for row in file.hunks[0].rows]
        assert smuggled("".join(codes), frozenset({"span"})) == []
        (bare,) = diff.files(plain)
        assert [unescape(re.sub(r"<[^>]*>", "", code)) for code in codes] == [
            unescape(re.sub(r"<[^>]*>", "", str(row.code))) for row in bare.hunks[0].rows
        ]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_that_replaces_another_is_text(payload: str) -> None:
    lines = payload.split("\n")
    rows = [f"-{line} one" for line in lines] + [f"+{line} two" for line in lines]
    (file,) = diff.files(change("x.html", rows))
    code = "".join(str(row.code) for row in file.hunks[0].rows)
    assert smuggled(code, frozenset({"span"})) == []


def test_sides_put_what_replaces_a_line_beside_it() -> None:
    rows = [" same", "-a", "-b", "+c", " same", "+d", "-e", "\\ No newline at end of file"]
    (file,) = diff.files(change("x.txt", rows))
    shown = [
        tuple(str(row.code) if row else "" for row in pair) for pair in file.hunks[0].pairs
    ]  # fmt: skip
    assert shown == [
        ("same", "same"), ("a", "c"), ("b", ""), ("same", "same"), ("", "d"), ("e", ""),
        (" No newline at end of file", " No newline at end of file"),
    ]  # fmt: skip


def test_a_page_has_a_bounded_number_of_rows_and_the_first_file_always() -> None:
    big = [f"+line {n}" for n in range(2500)]
    text = "\n".join(change(f"f{n}.txt", big) for n in range(4))
    assert [file.folded for file in diff.files(text)] == [False, False, True, True]
    assert [file.folded for file in diff.files(text, most=100)] == [False, True, True, True]
    assert [file.folded for file in diff.files(text, only="f3.txt")] == [True, True, True, False]


def test_five_thousand_lines_are_read_whole() -> None:
    rows = []
    for number in range(2500):
        line = f"value_{number} = compute(left[{number}], right, scale={number % 7})  # {number}"
        rows += [f"-{line}", f"+{line.replace('left', 'lhs')}"]
    text = "\n".join(change(f"{n}.py", rows[n * 500 : n * 500 + 500]) for n in range(10))
    files = diff.files(text)
    assert sum(len(hunk.rows) for file in files for hunk in file.hunks) == 5000


def test_the_content_of_a_file_has_a_name() -> None:
    header = "index 1111111..2222222 100644\n"
    (file,) = diff.files(change("x.txt", ["-a", "+b"], header=header))
    assert file.content == "2222222"


def test_remarks_know_their_place() -> None:
    said = remarks(
        " Nearly.\r\nBut: ",
        ["a.py:3: too loud", "my file.py:12:", "b.py:9-7: swap: this", "no place", "  ",
         "c.py:1: two\nlines"],
    )  # fmt: skip
    assert [(one.path, one.line, one.end, one.text) for one in said] == [
        ("", 0, 0, "Nearly.\nBut:"), ("a.py", 3, 0, "too loud"), ("b.py", 7, 9, "swap: this"),
        ("", 0, 0, "no place"), ("c.py", 1, 0, "two\nlines"),
    ]  # fmt: skip
    assert said[2].said == "b.py:7-9: swap: this"


def test_remarks_stand_at_their_lines_and_say_when_they_are_old() -> None:
    comments = (
        Comment(path="x.py", line=1, end=2, text="here"), Comment(path="gone.py", line=1, text="?"),
        Comment(text="on the whole"),
    )  # fmt: skip
    verdicts = [
        Verdict(decision=Decision.CHANGES, comments=comments, by="owner", tree="t1", tip="c1"),
        Verdict(decision=Decision.CHANGES, comments=comments[:1], by="bot", tree="t2", tip="c2"),
    ]
    files = diff.files(change("x.py", ["+one", "+two"]))
    placed, loose = threads(reviews(verdicts, []), files, frozenset({"t2"}))
    assert [(one.number, one.by, one.before) for one in placed["f0R2"]] == [
        ("1.1", "owner", True), ("2.1", "bot", False),
    ]  # fmt: skip
    assert [(one.number, one.where) for one in loose] == [("1.2", "gone.py:1"), ("1.3", "")]


def test_an_address_keeps_what_was_asked_for() -> None:
    view = DiffView(files=[], path="/c", asked={"of": "", "view": "split", "file": "a b.py"})
    assert view.to(file="") == "/c?view=split"
    assert view.to(of="r1") == "/c?of=r1&view=split&file=a+b.py"
    assert view.at_row("f0R1") == "/c?view=split&file=a+b.py&at=f0R1#f0R1"


@pytest.mark.parametrize(
    "content, kind",
    [
        (b"\x89PNG\r\n\x1a\n1", "image/png"), (b"<svg onload=alert(1)>", ""), (b"", ""),
        (b"RIFF1234WEBP", "image/webp"), (b"<html>", ""), (b"GIF89a<script>", "image/gif"),
    ],
)  # fmt: skip
def test_a_picture_is_one_by_its_content(content: bytes, kind: str) -> None:
    assert picture.kind(content) == kind


def test_a_change_of_thousands_of_files_is_shown_by_pages_and_every_file_is_reached() -> None:
    text = "\n".join(change(f"f{n}.txt", ["+one"]) for n in range(701))
    files = diff.files(text, start=300)
    assert [n for n, one in enumerate(files) if not one.folded] == list(range(300, 600))
    view = DiffView(files=files, path="/c", asked={"view": "split", "start": "300"}, start=300)
    assert [one.path for one in view.shown] == [f"f{n}.txt" for n in range(300, 600)]
    assert view.beside == [(0, 300), (600, 701)]
    assert view.to_file(300) == "#f300"
    assert view.to_file(0) == "/c?view=split#f0"
    assert view.to_file(700) == "/c?view=split&start=600#f700"
