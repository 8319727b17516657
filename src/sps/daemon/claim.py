"""Which cards are launched now: admitted, taken up again, started, within every limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sps.daemon.queue import Queue
from sps.daemon.shares import Shares
from sps.flow import admit, breaker, landing
from sps.flow.fleet import others
from sps.flow.halt import set_halt
from sps.flow.owed import owing
from sps.lib import backoff
from sps.model.card import Card, CardState
from sps.model.errors import SpsError
from sps.model.pipeline import Pipeline
from sps.model.reason import (
    AWAITING,
    PIPELINE_BROKEN,
    TARGET_DIRTY,
)
from sps.model.transitions import Verb, move
from sps.ports.store import CardQuery, Reading, Writing
from sps.ports.world import World

ADMITTED_AT_MOST = 500  #: in one turn: a turn stays short, and the rest waits for the next
_BEYOND = 4  # launches in flight per working agent: gates and landings must not pile up


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a turn knows: the projects it is for, what the engine runs, whether it is a scan, how
    many agents may work, which projects were served before, and for which refused landings
    something has changed."""

    projects: tuple[str, ...]
    running: frozenset[str]
    scanned: bool
    limit: int
    shares: Shares
    lifted: frozenset[str] = frozenset()

    def due(self, card: Card, now: int) -> bool:
        """Whether a waiting card is to be looked at. A checkout that has changes in the way is
        looked at with each scan, and a person's approval moves its card by itself."""
        if card.reason == TARGET_DIRTY:
            return self.scanned
        over = backoff.over(card.not_before, card.updated_at, now)
        return card.id in self.lifted or (over and card.reason != AWAITING)


def admit_all(world: World, scope: Scope) -> int:
    """Admit from the backlog; return how many cards moved, `ADMITTED_AT_MOST` when there are more.
    What is long is found out before the transaction that writes."""
    moves = world.store.read(
        lambda tx: admit.plan(world, tx, scope.projects, ADMITTED_AT_MOST),
    )
    return world.store.write(lambda tx: admit.carry_out(tx, moves)) if moves else 0


def end_waits(world: World) -> None:
    """Let cards go on whose pause was measured by a clock that has been set back since."""
    now = world.clock.now()

    def parked(tx: Reading) -> list[Card]:
        return tx.parked_ahead(now, now + backoff.SKEW_MS)

    def change(tx: Writing) -> None:
        for card in parked(tx):
            tx.save(
                move(card, Verb.PARK, at=now, reason=card.reason, detail=card.detail, not_before=0)
            )

    if world.store.read(parked):
        world.store.write(change)


def claim(world: World, scope: Scope) -> Shares:
    """Take up and start what may, in one transaction; return who has been served by now."""
    now = world.clock.now()
    wanted = world.store.read(lambda tx: _with_work(tx, scope, now))
    pipelines = {name: _pipeline(world, name) for name in wanted}
    if not world.store.read(lambda tx: promising(world, tx, scope, pipelines, now)):
        return scope.shares
    dirty = _dirty_targets(world, scope) if scope.scanned else frozenset()
    started = world.store.write(lambda tx: _Claim(world, tx, scope, pipelines, dirty).make())
    return scope.shares.after(started)


def _with_work(tx: Reading, scope: Scope, now: int) -> list[str]:
    """Return the projects that have a card to start and are not halted."""
    going = {project.name for project in tx.projects() if project.halted is None}
    return [name for name in scope.projects if name in going and tx.startable_of(name, now, 1)]


def _dirty_targets(world: World, scope: Scope) -> frozenset[str]:
    """Return the projects with a card that waits for its owner's checkout, where that still has
    changes: taking the card up would only say the same again."""
    query = CardQuery(states=(CardState.LANDING,))
    waiting = world.store.read(lambda tx: tx.cards(query))
    names = {card.project for card in waiting if card.reason == TARGET_DIRTY}
    return frozenset(name for name in names & set(scope.projects) if _dirty(world, name))


def _dirty(world: World, name: str) -> bool:
    project = world.store.read(lambda tx: tx.project(name))
    pipeline = _pipeline(world, name)
    if project is None or isinstance(pipeline, SpsError):
        return False
    try:
        branch = pipeline.land.branch or project.branch
        return bool(world.repositories.changes(project.repo, branch))
    except SpsError:
        return False  # the landing itself says what is wrong


def _pipeline(world: World, name: str) -> Pipeline | SpsError:
    try:
        return world.pipeline_files.load(name)
    except SpsError as err:
        return err


class _Claim:
    """One transaction."""

    def __init__(
        self,
        world: World,
        tx: Writing,
        scope: Scope,
        pipelines: dict[str, Pipeline | SpsError],
        dirty: frozenset[str],
    ) -> None:
        self._world = world
        self._tx = tx
        self._scope = scope
        self._pipelines = pipelines
        self._dirty = dirty
        self._now = world.clock.now()
        # A card whose launch is being ended is not launched anew before that has an end.
        self._ending = {m.key.rpartition(":")[0] for m in tx.outbox(kind="cancel")}
        self._others = others(world, tx)
        self._moved = 0

    def make(self) -> list[str]:
        """Return the projects that started a card, once for each."""
        self._halt_broken()
        named = set(self._scope.projects)
        named -= owing(self._tx)  # a card that was just handed over may halt its project
        names = [p.name for p in self._tx.projects() if p.name in named and p.halted is None]
        for name in names:
            self._resume(name)
        return self._start(names)

    def _halt_broken(self) -> None:
        """Stop projects whose pipeline cannot be read; the others go on."""
        for name, pipeline in self._pipelines.items():
            if isinstance(pipeline, SpsError) and not self._world.joined:
                set_halt(self._world, self._tx, name, PIPELINE_BROKEN, pipeline.message)
                self._moved += 1

    def _resume(self, project: str) -> None:
        """Take up cards that stand in an active state without a launch that carries them on."""
        for card in admit.active(self._tx, project):
            if card.id in self._ending or self._launched(card):
                continue
            if project in self._dirty and card.reason == TARGET_DIRTY:
                continue
            if not self._scope.due(card, self._now):
                continue
            if self._world.joined and card.state is CardState.LANDING:
                landing.leave_to_home(self._world, self._tx, card)
                continue
            admit.resume(self._world, self._tx, card, anew=card.id in self._scope.lifted)
            self._moved += 1

    def _launched(self, card: Card) -> bool:
        if card.worker in self._others:
            return True
        if self._world.shared and card.worker != self._world.worker:
            return False  # handed over, or its worker is dead and will not launch it
        waiting = self._tx.outbox(kind="start", key=card.workflow_id)
        return card.workflow_id in self._scope.running or bool(waiting)

    def _start(self, names: list[str]) -> list[str]:
        working = {name: _working(self._tx, name) for name in names}
        queues = {
            name: self._queue(name, pipeline)
            for name in names
            if isinstance(pipeline := self._pipelines.get(name), Pipeline)
        }
        shares, started = self._scope.shares, list[str]()
        mine = sum(_working(self._tx, name, self._others) for name in names)
        while queues and room(self._scope, mine + len(started), self._moved):
            name = shares.order({name: working[name] for name in queues})[0]
            card = queues[name].take(working[name])
            if card is None:
                del queues[name]
                continue
            admit.start(self._world, self._tx, card)
            working[name] += 1
            self._moved += 1
            started.append(name)
            shares = shares.after((name,))
        return started

    def _queue(self, name: str, pipeline: Pipeline) -> Queue:
        return Queue(self._tx, name, pipeline, now=self._now, free=self._free)

    def _free(self, card: Card, pipeline: Pipeline) -> bool:
        if card.id in self._ending or not self._agent_free(card, pipeline):
            return False
        return not self._world.joined or able(self._world, self._tx, card, pipeline)

    def _agent_free(self, card: Card, pipeline: Pipeline) -> bool:
        """Ask the breakers of the card's agents in turn; a probe is counted at once."""
        for name in admit.choice_of(self._tx, card, pipeline).agents:
            state = self._tx.breaker(name)
            if not breaker.admits(state, self._now):
                continue
            probe = breaker.probing(state, self._now)
            if probe != state:
                self._tx.save_breaker(probe)
            return True
        return False


def promising(
    world: World,
    tx: Reading,
    scope: Scope,
    pipelines: Mapping[str, Pipeline | SpsError],
    now: int,
) -> bool:
    """Whether a claim may move something. Only then the turn to write is taken: other machines wait
    for theirs. A card too many that looks so costs a turn, nothing else."""
    living, mine = others(world, tx), 0
    for name in scope.projects:
        for card in admit.active(tx, name):
            if card.worker in living:
                continue
            mine += _holds_agent(card)
            if scope.due(card, now) and card.workflow_id not in scope.running:
                return True
    if any(isinstance(one, SpsError) for one in pipelines.values()):
        return not world.joined
    return room(scope, mine) and any(
        isinstance(one, Pipeline) and _working(tx, name) < one.workers
        for name, one in pipelines.items()
    )


def room(scope: Scope, working: int, moved: int = 0) -> bool:
    """Whether this process may begin one more, when so many of its cards hold an agent."""
    return working < scope.limit and len(scope.running) + moved < _BEYOND * scope.limit


def able(world: World, tx: Reading, card: Card, pipeline: Pipeline) -> bool:
    """Whether this machine has the agents and the skills that a card needs next."""
    try:
        for name in admit.choice_of(tx, card, pipeline).agents:
            world.registry.kind(name)
        return all(world.skills.find(name) is not None for name in card.text.skills)
    except SpsError:
        return False


def _working(tx: Reading, project: str, without: frozenset[str] = frozenset()) -> int:
    """Return how many cards of a project hold an agent, leaving out those of some workers."""
    cards = admit.active(tx, project)
    return sum(_holds_agent(card) for card in cards if card.worker not in without)


def _holds_agent(card: Card) -> bool:
    reviewed = card.state is CardState.REVIEW and card.reason is None
    return card.state is CardState.RUNNING or reviewed
