"""Layouts: each card stands in one column, and a column's search finds exactly its cards."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sps.adapters.pipeline_files import PipelineFolder
from sps.model.card import Card, CardState, CardText
from sps.model.errors import Misuse
from sps.model.pipeline import Approve, Pipeline, Stage, StageKind
from sps.ports.home import Home
from sps.services.layout import Place, layout

TITLES = st.one_of(st.none(), st.sampled_from(["Todo", "QA", "Polish", "Wait", "Done"]))
DATA = Path(__file__).parent.parent / "data" / "sps_cli"


@st.composite
def pipelines(draw: st.DrawFn) -> Pipeline:
    names = ["one", "two", "three"][: draw(st.integers(1, 3))]
    works = [Stage(name=name, column=draw(TITLES), waits=draw(TITLES)) for name in names]
    look = Stage(name="look", kind=StageKind.REVIEW, approve=Approve.AGENT, column=draw(TITLES))
    return Pipeline(stages=(*works, *([look] if draw(st.booleans()) else [])))


def _card(state: CardState, stage: str) -> Card:
    return Card(
        project="p", seq=1, id="1", text=CardText(title="x"), state=state, stage=stage,
        created_at=0, updated_at=0,
    )  # fmt: skip


def _finds(place: Place, card: Card) -> bool:
    """Say what the store's search says, in words of its own."""
    pair = f"{card.state.value}/{card.stage}"
    partly = {one.partition("/")[0] for one in place.within}
    return (
        card.state in place.states
        and pair not in place.without
        and (pair in place.within or card.state.value not in partly)
    )


@given(pipelines(), st.sampled_from(CardState), st.sampled_from(["", "one", "two", "look", "old"]))
def test_each_card_is_found_in_the_column_it_stands_in_and_nowhere_else(
    pipeline: Pipeline, state: CardState, stage: str
) -> None:
    made = layout(pipeline)
    card = _card(state, stage)
    assert [place.key for place in made.places if _finds(place, card)] == [made.of(card)]
    assert len({place.key for place in made.places}) == len(made.places)


@given(pipelines())
def test_a_title_that_is_a_column_already_is_no_second_one(pipeline: Pipeline) -> None:
    titles = [place.title for place in layout(pipeline).places]
    assert len(set(titles)) == len(titles)


def test_a_file_of_sps_cli_has_its_states_as_columns(tmp_path: Path) -> None:
    text = (DATA / "renamed.yaml").read_text()
    made = layout(PipelineFolder(Home(tmp_path)).parse(text, "renamed.yaml"))
    assert made.of(_card(CardState.READY, "")) == "ready"
    assert made.of(_card(CardState.READY, "merge")) == "before-merge"
    assert made.of(_card(CardState.RUNNING, "build")) == "active"
    assert made.of(_card(CardState.NEEDS_HUMAN, "polish")) == "at-polish"
    assert made.known("before-merge").title == "To Merge"
    with pytest.raises(Misuse) as refused:
        made.known("at-polihs")
    assert 'did you mean "at-polish"?' in refused.value.message
