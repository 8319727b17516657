"""A real home in a temporary folder, with time and ids that the test decides and nobody to wake."""

from __future__ import annotations

from pathlib import Path

from sps.bootstrap import Wired, open_world
from sps.model.card import Card, CardState, CardText
from sps.model.project import Project
from sps.model.transitions import Verb, move
from tests.fakes.clock import FakeClock, FakeIds

PIPELINE = """\
version: 1
agent: scripted
stages:
  - {name: plan}
  - {name: develop, attempts: 2}
  - {name: check, approve: person, on_fail: develop}
  - {name: sign-off, approve: person}
"""


class Bell:
    """Counts how often it was rung."""

    def __init__(self) -> None:
        self.rings = 0

    def ring(self) -> bool:
        self.rings += 1
        return True


def small_world(root: Path) -> Wired:
    """Open a fresh home with the project `demo`, which has two work and two review stages."""
    world = open_world(root, create=True)
    vars(world).update(clock=FakeClock(), ids=FakeIds(), wake=Bell())
    project = Project(
        name="demo", id="P1", repo=str(root / "repo"), branch="main", agent="scripted",
        created_at=world.clock.now(),
    )  # fmt: skip
    world.pipeline_files.install("demo", PIPELINE)
    world.store.write(lambda tx: tx.add_project(project))
    return world


def card_in(world: Wired, state: CardState, **changes: object) -> Card:
    """Add a card and bring it into a state by verbs of the table."""
    from sps.services.add_card import add_card

    card = add_card(world, "demo", CardText(title=f"A card in {state.value}"))
    for verb in _WAYS[state]:
        last = verb is _WAYS[state][-1]
        fields = {"generation": card.generation + 1} if verb is Verb.START else {}
        fields |= {"stage": "develop", "attempt": 1} if verb is Verb.START else {}
        fields |= changes if last else {}
        done = move(card, verb, at=world.clock.now(), **fields)
        card = world.store.write(lambda tx, done=done: tx.save(done))
    return card


_RUN = (Verb.ADMIT, Verb.START)
_WAYS: dict[CardState, tuple[Verb, ...]] = {
    CardState.BACKLOG: (),
    CardState.PLANNING: (Verb.HOLD,),
    CardState.READY: (Verb.ADMIT,),
    CardState.RUNNING: _RUN,
    CardState.GATING: (*_RUN, Verb.WORKED),
    CardState.REVIEW: (*_RUN, Verb.WORKED, Verb.PASSED, Verb.WAIT),
    CardState.LANDING: (*_RUN, Verb.WORKED, Verb.APPROVED, Verb.WAIT),
    CardState.NEEDS_HUMAN: (*_RUN, Verb.BLOCK),
    CardState.DONE: (*_RUN, Verb.WORKED, Verb.APPROVED, Verb.LANDED),
    CardState.DROPPED: (Verb.DROP,),
}
