"""What searching skills promises."""

from __future__ import annotations

from sps.model.skills.search import rank

SKILLS = [
    ("python", "Use when writing Python: typing, async and errors."),
    ("golang", "Use when writing Go services, with tests and errors."),
    ("testing", "Use when a test is written in any language."),
    ("database", "Use when a query or a migration is written; indexes and locks."),
    ("übung", "Für Übungen und 例 in many languages."),
]


def found(query: str) -> list[str]:
    return [SKILLS[index][0] for index, _ in rank(query, SKILLS)]


def test_a_name_goes_before_a_description() -> None:
    assert found("testing") == ["testing"]
    assert found("test")[0] == "testing"
    assert set(found("test")) == {"testing", "golang"}


def test_plural_case_and_order_do_not_matter() -> None:
    assert found("MIGRATIONS") == ["database"]
    assert found("errors python")[0] == "python"
    assert found("python errors")[0] == "python"


def test_more_of_the_words_go_first() -> None:
    assert found("go tests errors")[0] == "golang"


def test_words_that_are_everywhere_count_only_alone() -> None:
    assert found("use python") == ["python"]
    assert len(found("use")) == 4


def test_other_scripts_are_found() -> None:
    assert found("übungen") == ["übung"]
    assert found("例") == ["übung"]


def test_nothing_is_found_for_nothing() -> None:
    assert found("") == []
    assert found("!!! ((") == []
    assert found("kubernetes") == []
    assert rank("a", []) == []


def test_equals_stand_in_their_order() -> None:
    rows = [("b", "same words"), ("a", "same words")]
    assert [index for index, _ in rank("words", rows)] == [0, 1]


def test_one_of_eight_thousand_is_found() -> None:
    rows = [
        (f"skill-{n}", f"Use when task {n % 97} of area {n % 13} is done; " + "filler " * 20)
        for n in range(8000)
    ]
    assert rows[rank("skill-4711", rows)[0][0]][0] == "skill-4711"
