"""The SQL of both stores: the same names, each explained and used; texts that come back whole."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sps.adapters import store_postgres, store_sqlite, store_tables
from sps.adapters.store_postgres.session import queries as of_postgres
from sps.adapters.store_postgres.text import packed, unpacked
from sps.adapters.store_sqlite.session import queries as of_sqlite

SHARED, SQLITE, POSTGRES = (
    Path(package.__file__ or "").parent for package in (store_tables, store_sqlite, store_postgres)
)
_TEXTS = st.text(alphabet=st.sampled_from("a0\0\uf8ff") | st.characters(codec="utf-8"))


def test_both_databases_know_the_same_statements() -> None:
    assert set(of_sqlite()) == set(of_postgres())


def test_every_statement_has_a_sentence_and_is_used() -> None:
    code = "".join((SHARED / name).read_text("utf-8") for name in ("reading.py", "writing.py"))
    composed = {f"{name}_in_states" for name in ("cards", "cards_of_project")}
    composed |= {"runs_live", "runs_of_card_live"}
    for own in (SQLITE, POSTGRES):
        text = "".join((folder / "queries.sql").read_text("utf-8") for folder in (SHARED, own))
        sentences = re.findall(r"^-- name: (\w+)\n-- (\S.*\.)$", text, re.MULTILINE)
        assert {name for name, _ in sentences} == set(of_sqlite())
    assert {name for name in of_sqlite() if f'"{name}"' not in code} == composed


def test_values_are_named_as_the_driver_wants_them_and_casts_stay_casts() -> None:
    for name, statement in of_postgres().items():
        assert b" :" not in statement.replace(b"::", b""), name


@given(_TEXTS)
def test_any_text_is_packed_without_nul_and_comes_back(text: str) -> None:
    assert "\0" not in packed(text)
    assert unpacked(packed(text)) == text


@given(_TEXTS)
def test_text_that_nobody_packed_is_read_all_the_same(text: str) -> None:
    assert isinstance(unpacked(text.replace("\0", "")), str)
