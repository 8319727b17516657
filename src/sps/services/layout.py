"""The layout of a board: its columns, and which card stands in which.

Six columns belong to states; a pipeline renames them. A stage may have a column of its own, and one
for the cards that wait for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from sps.lib.nearest import suggestion
from sps.model.card import CardState
from sps.model.errors import Misuse, SpsError
from sps.model.pipeline import COLUMNS as TITLES
from sps.model.pipeline import Pipeline, StageKind

if TYPE_CHECKING:
    from sps.model.card import Card
    from sps.model.pipeline import Stage
    from sps.ports.world import World

_S = CardState
COLUMNS: dict[str, tuple[CardState, ...]] = {
    "planning": (_S.PLANNING,),
    "backlog": (_S.BACKLOG,),
    "ready": (_S.READY,),
    "active": (_S.RUNNING, _S.GATING),
    "review": (_S.REVIEW, _S.LANDING, _S.NEEDS_HUMAN),
    "done": (_S.DONE, _S.DROPPED),
}
NEWEST_FIRST = frozenset({"done"})
_BEFORE_STAGES = ("planning", "backlog", "ready", "active")


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A column. Cards in `states` stand in it but for the `state/stage` of `without`; of states
    that `within` names, only those `state/stage` do."""

    key: str
    title: str
    states: tuple[CardState, ...]
    without: tuple[str, ...] = ()
    within: tuple[str, ...] = ()


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of a board in their order. `homes`: `state/stage` -> column, where that is not
    the column of the state."""

    places: tuple[Place, ...]
    homes: dict[str, str]
    workers: int = 0
    trouble: str = ""  #: why the project's pipeline cannot be read

    def of(self, card: Card) -> str:
        """Return the column that a card stands in."""
        return self.homes.get(_pair(card.state, card.stage)) or _column(card.state)

    def known(self, key: str) -> Place:
        """Return a column. Raises `Misuse("unknown-column")`."""
        for place in self.places:
            if place.key == key:
                return place
        near = suggestion(key[:40], [place.key for place in self.places])
        raise Misuse("unknown-column", f'there is no column "{key[:40]}"{near}')

    @property
    def split(self) -> frozenset[CardState]:
        """The states whose cards stand in several columns, by their stage."""
        return frozenset(_state(pair) for pair in self.homes)

    @property
    def titles(self) -> dict[str, str]:
        return {place.key: place.title for place in self.places}


def layout_of(world: World, project: str) -> Layout:
    """Return the layout of a project's board; the usual one while its pipeline cannot be read."""
    try:
        return layout(world.pipeline_files.load(project))
    except SpsError as error:  # the board is shown all the same
        return msgspec.structs.replace(_PLAIN, trouble=error.message)


def layout(pipeline: Pipeline) -> Layout:
    """Return the layout that a pipeline asks for."""
    titles = {**TITLES, **pipeline.columns}
    own: dict[str, str] = {}  # title -> key of what is no column of a state
    homes = _asking(pipeline)
    for title, key, pairs in _wishes(pipeline):
        taken = next((name for name, text in titles.items() if text == title), None)
        home = taken or own.setdefault(title, key)
        homes |= dict.fromkeys(pairs, home)
    homes = {pair: home for pair, home in homes.items() if home != _column(_state(pair))}
    named = {**titles, **{key: title for title, key in own.items()}}
    order = [*_BEFORE_STAGES, *own.values(), "review", "done"]
    return Layout(
        places=tuple(_place(key, named[key], homes) for key in order),
        homes=homes,
        workers=pipeline.workers,
    )


def _asking(pipeline: Pipeline) -> dict[str, str]:
    """Let a card that needs a person stay where its stage works; one that never began, where it
    came from."""
    stages = {_pair(_S.NEEDS_HUMAN, stage.name): "active" for stage in pipeline.work_stages}
    return {_pair(_S.NEEDS_HUMAN, ""): "backlog", **stages}


def _wishes(pipeline: Pipeline) -> Iterator[tuple[str, str, list[str]]]:
    """Give (title, key, `state/stage`) of each column that a stage asks for."""
    for stage in pipeline.stages:
        first = stage is pipeline.work_stages[0]
        if stage.waits:
            fresh = [_pair(_S.READY, "")] if first else []
            yield stage.waits, f"before-{stage.name}", [*fresh, _pair(_S.READY, stage.name)]
        if stage.column:
            yield stage.column, f"at-{stage.name}", [_pair(one, stage.name) for one in _in(stage)]


def _in(stage: Stage) -> tuple[CardState, ...]:
    if stage.kind is StageKind.REVIEW:
        return (_S.REVIEW, _S.NEEDS_HUMAN)
    return (_S.RUNNING, _S.GATING, _S.NEEDS_HUMAN)


def _place(key: str, title: str, homes: dict[str, str]) -> Place:
    whole = COLUMNS.get(key, ())
    within = tuple(pair for pair, home in homes.items() if home == key)
    partly = dict.fromkeys(_state(pair) for pair in within)
    return Place(
        key=key,
        title=title,
        states=(*whole, *partly),
        without=tuple(pair for pair in homes if _state(pair) in whole),
        within=within,
    )


def _column(state: CardState) -> str:
    return next(key for key, states in COLUMNS.items() if state in states)


def _pair(state: CardState, stage: str) -> str:
    return f"{state.value}/{stage}"


def _state(pair: str) -> CardState:
    return CardState(pair.partition("/")[0])


_PLAIN = msgspec.structs.replace(layout(Pipeline()), workers=0)
