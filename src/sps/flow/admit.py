"""From the backlog to a launch: parents, broken references, free slots, open breakers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from sps.flow import measures
from sps.flow.owed import owe
from sps.model.agent_choice import AgentChoice, choose
from sps.model.card import ACTIVE, Card, CardState
from sps.model.errors import SpsError, Stale
from sps.model.reason import LANDING_WAITS
from sps.model.transitions import Move, Verb, move
from sps.ports.store import CardQuery, Message, Reading, Writing

if TYPE_CHECKING:
    from sps.model.pipeline import Pipeline
    from sps.ports.world import World


#: Reasons for which a card goes to a person before it was ever admitted; its file can end them.
OF_ADMISSION = frozenset({"unknown-skill", "unknown-after", "parent-dropped", "cycle"})
ANEW = "anew"  #: in the event of a card that is taken up because what refused it has changed


class Trouble(msgspec.Struct, frozen=True):
    """Why a card cannot be admitted by itself."""

    reason: str
    detail: str


def plan(world: World, tx: Reading, projects: Iterable[str], most: int) -> list[Move]:
    """Return the moves that let cards of the backlog whose parents are all done become ready, and
    that hand cards with impossible parents or unknown skills to a person; `most` at most, of each
    project the important ones first. What a small project does not need goes to the larger ones."""
    counts = tx.counts()
    waiting = {name: counts.get(name, {}).get(CardState.BACKLOG.value, 0) for name in projects}
    order = sorted(filter(waiting.get, waiting), key=lambda name: (waiting[name], name))
    moves: list[Move] = []
    for place, project in enumerate(order):
        moves += _plan(world, tx, project, (most - len(moves)) // (len(order) - place))
    return moves


def _plan(world: World, tx: Reading, project: str, most: int) -> list[Move]:
    parents = Parents(tx, project)
    skills: dict[str, Trouble | None] = {}
    backlog = tx.cards(CardQuery(project=project, states=(CardState.BACKLOG,)))
    backlog.sort(key=lambda card: (-card.text.priority, card.seq))
    at = world.clock.now()
    moves: list[Move] = []
    for card in backlog:
        if len(moves) >= most:
            break
        trouble = _skill_trouble(world, card, skills) or _parent_trouble(parents, card)
        if trouble is not None:
            reason, detail = trouble.reason, trouble.detail
            moves.append(move(card, Verb.BLOCK, at=at, reason=reason, detail=detail))
        elif parents.done(card):
            moves.append(move(card, Verb.ADMIT, at=at))
    return moves


def carry_out(tx: Writing, moves: list[Move]) -> int:
    """Make planned moves whose cards still are as they were; return how many."""
    made = 0
    for planned in moves:
        with contextlib.suppress(Stale):
            saved = tx.save(planned)
            if saved.state is CardState.NEEDS_HUMAN:
                measures.moved(saved)
                owe(tx, saved, saved.updated_at)
            made += 1
    return made


class Parents:
    """The cards that cards of a project wait for, each looked up once."""

    def __init__(self, tx: Reading, project: str) -> None:
        self._tx = tx
        self._project = project
        self._known: dict[int, Card | None] = {}
        self._free: set[int] = set()  # no way up from here leads round

    def get(self, seq: int) -> Card | None:
        """Return a card by its number."""
        if seq not in self._known:
            self._known[seq] = self._tx.card_by_seq(self._project, seq)
        return self._known[seq]

    def done(self, card: Card) -> bool:
        """Whether every card that this one waits for has landed."""
        parents = (self.get(seq) for seq in card.text.after)
        return all(parent is not None and parent.state is CardState.DONE for parent in parents)

    def cycle(self, card: Card) -> list[int]:
        """Return a chain of numbers that leads from the card back to itself, empty without one."""
        return self._chain(card) if self._leads_round(card) else []

    def _open(self, seq: int) -> tuple[int, ...]:
        """Return what a card still waits for."""
        card = self.get(seq)
        return () if card is None or card.state is CardState.DONE else card.text.after

    def _leads_round(self, card: Card) -> bool:
        """Whether some way up from the card meets itself; what does not is looked at only once."""
        self._known.setdefault(card.seq, card)
        way, on_way = [(card.seq, iter(card.text.after))], {card.seq}
        while way:
            seq, above = way[-1]
            parent = next((one for one in above if one not in self._free), None)
            if parent is None:
                way.pop()
                on_way.discard(seq)
                self._free.add(seq)
            elif parent in on_way:
                return True
            else:
                way.append((parent, iter(self._open(parent))))
                on_way.add(parent)
        return False

    def _chain(self, card: Card) -> list[int]:
        paths = [[card.seq, parent] for parent in card.text.after]
        seen: set[int] = set()
        while paths:
            path = paths.pop()
            if path[-1] == card.seq:
                return path
            if path[-1] not in seen:
                seen.add(path[-1])
                paths += [[*path, parent] for parent in self._open(path[-1])]
        return []


def trouble_of(world: World, tx: Reading, card: Card) -> Trouble | None:
    """Return what makes a card impossible as it is written."""
    parents = Parents(tx, card.project)
    return _skill_trouble(world, card, {}) or _parent_trouble(parents, card)


def _skill_trouble(world: World, card: Card, known: dict[str, Trouble | None]) -> Trouble | None:
    for name in card.text.skills:
        if name not in known:
            known[name] = _of_skill(world, name)
        if (trouble := known[name]) is not None:
            return trouble
    return None


def _of_skill(world: World, name: str) -> Trouble | None:
    try:
        found = world.skills.find(name)
    except SpsError as err:
        return Trouble(err.code, err.message)
    if found is None:
        return Trouble("unknown-skill", f'there is no skill "{name}" in this home')
    return None


def _parent_trouble(parents: Parents, card: Card) -> Trouble | None:
    for seq in card.text.after:
        parent = parents.get(seq)
        if parent is None:
            return Trouble(
                "unknown-after", f"card {seq}, which this card waits for, does not exist"
            )
        if parent.state is CardState.DROPPED:
            return Trouble("parent-dropped", f"card {seq}, which this card waits for, was dropped")
    if cycle := parents.cycle(card):
        names = " -> ".join(str(seq) for seq in cycle)
        return Trouble("cycle", f"cards wait for each other: {names}")
    return None


def parents_done(tx: Reading, card: Card) -> bool:
    """Whether every card that this one waits for has landed."""
    return Parents(tx, card.project).done(card)


def start(world: World, tx: Writing, card: Card) -> Card:
    """Claim a ready card: a new generation of it begins to run. The outbox row makes sure that it
    is launched even when this process dies before it could."""
    return _launch(world, tx, card, Verb.START, attempt=max(1, card.attempt))


def resume(world: World, tx: Writing, card: Card, *, anew: bool = False) -> Card:
    """Take up a card where it stands, under a new generation: an older launch is fenced off. What
    it waited for until now stays known, so that it is not told again when it is still so. `anew`
    says that something has changed about what refused it."""
    kept: dict[str, Any] = {}
    if card.reason in LANDING_WAITS:
        kept = {"reason": card.reason, "detail": card.detail}
    if anew:
        kept["payload"] = {ANEW: True}
    return _launch(world, tx, card, Verb.RESUME, **kept)


def _launch(world: World, tx: Writing, card: Card, verb: Verb, **changes: Any) -> Card:
    at = world.clock.now()
    claimed = move(
        card, verb, at=at, generation=card.generation + 1, worker=world.worker, not_before=0,
        **changes,
    )  # fmt: skip
    saved = tx.save(claimed)
    tx.post(Message(kind="start", key=saved.workflow_id), at)
    return saved


def staged(card: Card, pipeline: Pipeline) -> Card:
    """Return the card standing in its stage: a fresh one begins with the first work stage."""
    if card.stage:
        return card
    return msgspec.structs.replace(card, stage=pipeline.work_stages[0].name)


def choice_of(tx: Reading, card: Card, pipeline: Pipeline) -> AgentChoice:
    """Return which agents a launch of the card may have, the first one first."""
    stage = pipeline.stage(card.stage) or pipeline.work_stages[0]
    project = tx.project(card.project)
    return choose((card.text, stage, pipeline), project.agent if project else "")


def active(tx: Reading, project: str) -> list[Card]:
    """Return the cards of a project that stand in an active state."""
    return tx.cards(CardQuery(project=project, states=tuple(ACTIVE)))
