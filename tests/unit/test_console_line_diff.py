"""The difference of two texts."""

from __future__ import annotations

from sps.console.render.line_diff import rows

BEFORE = "\n".join(f"line {n}" for n in range(1, 21)) + "\n"


def test_equal_texts_have_no_difference() -> None:
    assert rows(BEFORE, BEFORE) == []
    assert rows("", "") == []


def test_changed_line_stands_with_three_lines_around_it() -> None:
    found = rows(BEFORE, BEFORE.replace("line 10\n", "<b>ten</b>\n"))
    assert [(row.sort, row.old, row.new) for row in found] == [
        ("h", 0, 0), ("", 7, 7), ("", 8, 8), ("", 9, 9), ("d", 10, 0), ("a", 0, 10),
        ("", 11, 11), ("", 12, 12), ("", 13, 13),
    ]  # fmt: skip
    assert found[5].text == "<b>ten</b>"


def test_fresh_text_is_all_added() -> None:
    assert [(row.sort, row.new) for row in rows("", "a\nb\n")[1:]] == [("a", 1), ("a", 2)]
