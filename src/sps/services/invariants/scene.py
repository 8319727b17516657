"""Everything the checks of one project look at, read in one snapshot."""

from __future__ import annotations

import msgspec

from sps.model.card import Card
from sps.model.errors import SpsError
from sps.model.pipeline import Pipeline
from sps.model.project import Project
from sps.model.run import Run
from sps.model.verdict import GateVerdict
from sps.ports.store import CardQuery, EventQuery, FileStamp, Landing, Reading
from sps.ports.world import World
from sps.services.invariants.story import Story, tell


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One card with all that belongs to it."""

    card: Card
    story: Story
    live: tuple[Run, ...]
    landing: Landing | None
    verdicts: tuple[GateVerdict, ...]

    @property
    def name(self) -> str:
        """How the card is called in a report."""
        return f"{self.card.project}#{self.card.seq}"


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """A project as the store had it at one moment. `alive`: a daemon or tick works on the home."""

    project: Project
    pipeline: Pipeline | None
    trouble: str  #: why the pipeline could not be read
    seen: tuple[Seen, ...]
    files: dict[str, tuple[int, FileStamp]]
    alive: bool


def look(world: World, project: Project, *, alive: bool) -> Scene:
    """Read a project. Writes nothing."""
    pipeline, trouble = _pipeline(world, project)

    def question(tx: Reading) -> Scene:
        live: dict[str, list[Run]] = {}
        for run in tx.runs(live=True):
            live.setdefault(run.card_id, []).append(run)
        cards = tx.cards(CardQuery(project=project.name))
        return Scene(
            project=project,
            pipeline=pipeline,
            trouble=trouble,
            seen=tuple(_see(tx, card, live.get(card.id, [])) for card in cards),
            files=tx.file_stamps(project.name),
            alive=alive,
        )

    return world.store.read(question)


def _see(tx: Reading, card: Card, live: list[Run]) -> Seen:
    return Seen(
        card=card,
        story=tell(tx.events(EventQuery(card_id=card.id))),
        live=tuple(live),
        landing=tx.landing(card.id),
        verdicts=tuple(tx.gate_verdicts(card.id)),
    )


def _pipeline(world: World, project: Project) -> tuple[Pipeline | None, str]:
    try:
        return world.pipeline_files.load(project.name), ""
    except SpsError as err:
        return None, err.message
