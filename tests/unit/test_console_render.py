"""Whatever text comes in, only what our renderers make themselves comes out."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sps.console.render import ansi, diff, markdown, waterfall
from sps.lib.terminal import clean
from tests.redteam.payloads import PAYLOADS, smuggled

SPANS = frozenset({"span"})
DRAWN = frozenset({"svg", "a", "text", "rect"})
TEXT = st.text(st.characters(codec="utf-8"), max_size=300) | st.sampled_from(PAYLOADS)
PIECES = ("\x1b[31m", "\x1b[0m", "\x1b[1;4m", "\x1b[38;5;196m", "\x1b[48;2;9;9;9m", "\r", "\x08")
MORE = ("\x1b]0;x\x07", "\x9b2J", "\x1b[", "<b>", "\n", "&", "word", "\x1b(B")
CODES = st.lists(st.sampled_from(PIECES + MORE), max_size=40).map("".join)
ROWS = st.tuples(st.sampled_from("+- "), TEXT).map(lambda it: it[0] + it[1].replace("\n", ""))


def visible(markup: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", markup))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_renderer_lets_a_payload_through(payload: str) -> None:
    assert smuggled(str(markdown.markdown(payload)), markdown.TAGS) == []
    assert smuggled(str(ansi.terminal(payload)), SPANS) == []
    for path in ("x.py", "x.html", "x.unknown"):
        shown = diff.files(change(path, [f"+{line}" for line in payload.split("\n")]))
        code = "".join(str(row.code) for file in shown for hunk in file.hunks for row in hunk.rows)
        assert smuggled(code, SPANS) == []
    bars = [waterfall.Bar(label=payload, kind=payload, began=0, ended=9, said=payload, to=payload)]
    assert smuggled(str(waterfall.waterfall(bars, payload)), DRAWN) == []


def test_the_eye_sees_what_a_renderer_would_have_let_through() -> None:
    markup = [payload for payload in PAYLOADS if payload.startswith(("<", '"<', "'<"))]
    unseen = [payload for payload in markup if not smuggled(payload, frozenset({"https:"}))]
    assert unseen == []


@given(TEXT)
@settings(max_examples=60)
def test_markdown_of_any_text_holds_only_the_closed_list(text: str) -> None:
    assert smuggled(str(markdown.markdown(text)), markdown.TAGS) == []


@given(CODES | TEXT)
def test_terminal_output_of_any_bytes_is_spans_and_loses_every_escape(text: str) -> None:
    shown = str(ansi.terminal(text))
    assert smuggled(shown, SPANS) == []
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", shown)


@given(st.lists(ROWS, min_size=1, max_size=20))
@settings(max_examples=60)
def test_a_difference_of_any_lines_shows_each_line_once_and_escaped(rows: list[str]) -> None:
    (file,) = diff.files(change("x.py", rows))
    shown = [row for hunk in file.hunks for row in hunk.rows]
    assert len(shown) == len(rows)
    assert smuggled("".join(str(row.code) for row in shown), SPANS) == []
    for row, given_row in zip(shown, rows, strict=True):
        assert visible(str(row.code)) == clean(given_row[1:].replace("\r", ""))


def change(path: str, rows: list[str], *, header: str = "") -> str:
    old = sum(row[:1] != "+" for row in rows)
    new = sum(row[:1] != "-" for row in rows)
    head = f"diff --git a/{path} b/{path}\n{header}--- a/{path}\n+++ b/{path}\n"
    return f"{head}@@ -{1 if old else 0},{old} +{1 if new else 0},{new} @@ def f():\n" + "\n".join(
        rows
    )


def test_links_take_nothing_along_and_lead_outside_only() -> None:
    shown = str(
        markdown.markdown("[a](https://a.example) [b](/sign-out) ![c](https://c.example/i)")
    )
    assert '<a href="https://a.example" rel="noreferrer nofollow">a</a>' in shown
    assert "sign-out" not in shown
    assert "<img" not in shown


def test_boxes_of_a_checklist_are_drawn_and_code_is_left_alone() -> None:
    shown = str(markdown.markdown("- [ ] one\n- [x] two\n\n```\n- [ ] three\n```"))
    assert "☐ one" in shown
    assert "☑ two" in shown
    assert "- [ ] three" in shown


def test_a_text_beyond_the_limit_is_shown_as_it_is_written() -> None:
    shown = str(markdown.markdown("<b>" + "x" * markdown.LIMIT))
    assert shown.startswith("<pre>&lt;b&gt;x")


def test_deep_nesting_ends_in_bounded_markup() -> None:
    assert smuggled(str(markdown.markdown(">" * 5000 + "x" + "[" * 5000)), markdown.TAGS) == []


def test_colours_become_classes_and_last_over_lines() -> None:
    shown = [str(line) for line in ansi.lines("\x1b[1;31mred\nstill\x1b[0m plain")]
    assert shown == ['<span class="fr bo">red</span>', '<span class="fr bo">still</span> plain']


def test_a_progress_bar_shows_its_last_state() -> None:
    shown = str(ansi.terminal("10%\r\x1b[32m50%\r100%\r\ndone"))
    assert shown == '<span class="fg">100%</span>\n<span class="fg">done</span>'


def test_backspaces_take_away_in_one_pass_and_leave_colours() -> None:
    assert str(ansi.terminal("a" * 50_000 + "\x08" * 60_000 + "x")) == "x"  # quadratic: minutes
    assert str(ansi.terminal("ab\x1b[31m\x08c")) == 'ab<span class="fr">c</span>'


def test_wide_colours_become_the_nearest_of_ours() -> None:
    assert 'class="fr"' in str(ansi.terminal("\x1b[38;5;196mx"))
    assert 'class="fg"' in str(ansi.terminal("\x1b[38;2;0;200;0mx"))
    assert 'class="gb"' in str(ansi.terminal("\x1b[48;5;21mx"))


def test_content_that_looks_like_a_header_stays_content() -> None:
    rows = ["--- a/other.py", "-+++ b/other.py", "+diff --git a/x b/x", "+@@ -1 +1 @@"]
    (file,) = diff.files(change("x.py", rows))
    assert (file.path, file.added, file.deleted) == ("x.py", 2, 2)
    assert [visible(str(r.code)) for r in file.hunks[0].rows][2] == "diff --git a/x b/x"


def test_names_are_read_as_git_writes_them() -> None:
    name = '\\303\\244 \\"q\\".py'
    text = f'diff --git "a/{name}" "b/{name}"\nnew file mode 100755\n--- /dev/null\n'
    text += f'+++ "b/{name}"\n@@ -0,0 +1 @@\n+x\n'
    (file,) = diff.files(text)
    assert (file.path, file.what, file.notes) == ('ä "q".py', "added", ["new file mode 100755"])
    moved = "diff --git a/old name b/new name\nsimilarity index 100%\nrename from old name\n" \
        "rename to new name\n"  # fmt: skip
    (file,) = diff.files(moved)
    assert (file.before, file.path, file.what, file.hunks) == (
        "old name",
        "new name",
        "renamed",
        [],
    )


def test_a_binary_file_is_named_and_nothing_of_it_shown() -> None:
    text = (
        "diff --git a/i.png b/i.png\nindex 1..2 100644\nBinary files a/i.png and b/i.png differ\n"
    )
    (file,) = diff.files(text)
    assert (file.path, file.binary, file.hunks) == ("i.png", True, [])


def test_a_file_of_many_rows_is_folded_until_it_is_asked_for() -> None:
    text = change("big.py", [f"+x = {n}" for n in range(diff.FOLD + 1)]) + "\n" \
        + change("small.py", ["+y = 1"])  # fmt: skip
    big, small = diff.files(text)
    assert (big.folded, big.added, big.hunks) == (True, diff.FOLD + 1, [])
    assert not small.folded
    big, small = diff.files(text, only="big.py")
    assert len(big.hunks[0].rows) == diff.FOLD + 1
    assert small.folded


def test_lines_have_places_on_the_side_where_they_stand() -> None:
    (file,) = diff.files(change("x.py", [" same", "-old", "+new", "\\ No newline at end of file"]))
    rows = file.hunks[0].rows
    assert [(r.kind, r.old, r.new, r.place) for r in rows] == [
        ("c", 1, 1, "R1"), ("d", 2, 0, "L2"), ("a", 0, 2, "R2"), ("n", 0, 0, ""),
    ]  # fmt: skip


def test_syntax_is_coloured_across_lines() -> None:
    (file,) = diff.files(change("x.py", ['+"""one', "+two", '+"""', "+def f(): return 1"]))
    codes = [str(row.code) for row in file.hunks[0].rows]
    assert codes[1] == '<span class="s">two</span>'
    assert '<span class="k">def</span>' in codes[3]
    assert '<span class="n">f</span>' in codes[3]


def test_a_waterfall_fits_any_width_and_shows_what_failed() -> None:
    bars = [
        waterfall.Bar(label="wait", kind="wait", began=0, ended=500, said="0.5 s"),
        waterfall.Bar(label="run", kind="run", began=500, ended=1000, bad=True, to="/p/x/c/1/run"),
    ]
    shown = str(waterfall.waterfall(bars, "times"))
    assert 'x="50.00%"' in shown
    assert 'width="50.00%"' in shown
    assert 'class="b-run bad"' in shown
    assert '<a href="/p/x/c/1/run">' in shown
    assert waterfall.waterfall([], "nothing") == ""
