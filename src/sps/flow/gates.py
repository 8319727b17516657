"""Which gates judge a card, and running them on exactly one tree."""

from __future__ import annotations

import fnmatch
import hashlib
from functools import partial

import msgspec

from sps.flow import measures, spans, tag
from sps.flow.boxed import effective_sandbox
from sps.flow.ground import Ground
from sps.flow.record import fact
from sps.lib.context import bound
from sps.lib.killpoint import reach
from sps.lib.threads import in_slow_thread, in_thread
from sps.model.card import Card
from sps.model.event import Event, EventKind
from sps.model.pipeline import Gate, Pipeline
from sps.model.project import Project
from sps.model.verdict import GateVerdict
from sps.ports.gate import GateJob, GateRun
from sps.ports.store import Writing
from sps.ports.vault import Workspace
from sps.ports.world import World

_ENV = {"CI": "1"}


class GateFailedToRun(Exception):
    """A gate could not be run at all: no verdict on the tree."""


class GateReport(msgspec.Struct, frozen=True, kw_only=True):
    """The verdicts on one tree, up to and including the first that is not good."""

    verdicts: tuple[GateVerdict, ...]
    skipped: tuple[str, ...] = ()

    @property
    def failed(self) -> GateVerdict | None:
        """The gate that refused the tree, if one did."""
        return next((verdict for verdict in self.verdicts if not verdict.ok), None)


def gates_of(pipeline: Pipeline, card: Card) -> tuple[Gate, ...]:
    """Return the commands that judge a card: the pipeline's gates, then the card's `accept`."""
    commands = tuple(gate for gate in pipeline.gates if gate.run)
    accepts = tuple(
        Gate(name=f"accept-{number}", run=command)
        for number, command in enumerate(card.text.accept, 1)
    )
    return commands + accepts


def touched(gate: Gate, paths: tuple[str, ...]) -> bool:
    """Whether a gate has to run for a change of these paths."""
    return not gate.paths or any(
        fnmatch.fnmatch(path, pattern) for path in paths for pattern in gate.paths
    )


def verdict_key(project: Project, pipeline: Pipeline, gate: Gate, tree: str) -> str:
    """Return the cache key of a verdict: equal trees, commands and environments share it."""
    env = sorted(pipeline.environment.env.items())
    parts = [tree, gate.name, gate.run, effective_sandbox(project, pipeline).value, repr(env)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


async def passed_all(world: World, card: Card, ground: Ground) -> bool:
    """Whether every gate that is in force now has passed on the card's merged tree. Gates and
    `accept` may have changed since the tree was judged."""
    gates = await in_thread(applying, world, card, ground)
    keys = [verdict_key(ground.project, ground.pipeline, gate, card.tree or "") for gate in gates]
    known = await in_thread(world.store.read, lambda tx: [tx.gate_verdict(key) for key in keys])
    return all(verdict is not None and verdict.ok for verdict in known)


def applying(world: World, card: Card, ground: Ground) -> tuple[Gate, ...]:
    """Return the gates that have to pass for the paths the card changes."""
    gates = gates_of(ground.pipeline, card)
    if not any(gate.paths for gate in gates):
        return gates
    files = world.vault.diff(ground.project, card.tree_base or "", card.tree or "").files
    paths = tuple(name for file in files for name in (file.path, file.old_path) if name)
    return tuple(gate for gate in gates if touched(gate, paths))


class GateBench:
    """Runs gates for one card on one tree; makes the checkout only when a verdict is not known."""

    def __init__(self, world: World, card: Card, project: Project, pipeline: Pipeline) -> None:
        self._world = world
        self._card = card
        self._project = project
        self._pipeline = pipeline
        self._sandbox = effective_sandbox(project, pipeline)
        self._env = {**_ENV, **pipeline.environment.env}
        self._checkout: Workspace | None = None

    async def judge(self, tree: str, gates: tuple[Gate, ...], paths: tuple[str, ...]) -> GateReport:
        """Run the gates in order until one fails. Verdicts are recorded one by one.

        Raises `GateFailedToRun` when a gate could not be started.
        """
        verdicts: list[GateVerdict] = []
        skipped: list[str] = []
        try:
            for gate in gates:
                if not touched(gate, paths):
                    skipped.append(gate.name)
                    await self._skip(gate)
                    continue
                verdicts.append(await self._verdict(gate, tree))
                if not verdicts[-1].ok:
                    break
        finally:
            await self._give_back()
        return GateReport(verdicts=tuple(verdicts), skipped=tuple(skipped))

    async def red(self, tree: str, gate: Gate, *, again: bool = False) -> bool:
        """Whether a gate fails on a tree that holds nothing of the card. Asked once per tree,
        unless `again`. A run that took too long says nothing about the tree and is never kept.

        Raises `GateFailedToRun` when there is no answer.
        """
        key = verdict_key(self._project, self._pipeline, gate, tree)
        known = None if again else await self._known(key)
        if known is None or known.timed_out:
            try:
                known = await self._run(gate, tree)
            finally:
                await self._give_back()
            if known.timed_out:
                raise GateFailedToRun(f'gate "{gate.name}" takes too long on the target itself')
            await in_thread(self._world.store.write, partial(self._keep_base, key, known))
        return not known.ok

    async def _verdict(self, gate: Gate, tree: str) -> GateVerdict:
        key = verdict_key(self._project, self._pipeline, gate, tree)
        known = await self._known(key)
        if known is not None and known.ok:  # a failure is run again: it may have been the machine
            verdict = msgspec.structs.replace(known, cached=True)
        else:
            verdict = await self._run(gate, tree)
        await in_thread(self._world.store.write, partial(self._keep, key, verdict))
        reach("gate-after-record")
        return verdict

    async def _run(self, gate: Gate, tree: str) -> GateVerdict:
        reach("gate-before-run")
        if self._checkout is None:
            self._checkout = await in_slow_thread(self._world.vault.checkout, self._project, tree)
        logs = self._world.home.gate_logs(self._card.project, self._card.id)
        log = logs / f"{self._card.generation}-{gate.name}-{tree[:12]}.log"
        logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        piece = spans.gate_piece(gate.name, tree)
        job = GateJob(
            name=gate.name,
            run=gate.run,
            checkout=self._checkout.path,
            timeout=gate.timeout,
            log=str(log),
            env={**self._env, **spans.environment(self._card, piece)},
            sandbox=self._sandbox,
            tag=tag.of_card(self._world, self._card, f"gate-{gate.name}"),
        )
        with bound(run_id=spans.place(self._card, piece)["span"]):
            run = await self._world.gates.run(job)
        reach("gate-after-run")
        if run.infrastructure:
            raise GateFailedToRun(run.infrastructure)
        said = self._said(gate, tree, str(log.relative_to(self._world.home.root)), run)
        measures.gate_ran(run.seconds, ok=said.ok, timed_out=said.timed_out)
        return said

    def _said(self, gate: Gate, tree: str, log: str, run: GateRun) -> GateVerdict:
        return GateVerdict(
            name=gate.name,
            tree=tree,
            command=gate.run,
            ok=run.exit_code == 0 and not run.timed_out,
            exit_code=run.exit_code,
            timed_out=run.timed_out,
            seconds=round(run.seconds, 3),
            log=log,
            tail=run.tail,
        )

    async def _known(self, key: str) -> GateVerdict | None:
        return await in_thread(self._world.store.read, lambda tx: tx.gate_verdict(key))

    def _keep(self, key: str, verdict: GateVerdict, tx: Writing) -> None:
        if not verdict.cached:
            tx.save_gate_verdict(self._card.id, key, verdict, self._world.clock.now())
        tx.add_event(self._told(verdict))

    def _keep_base(self, key: str, verdict: GateVerdict, tx: Writing) -> None:
        tx.save_gate_verdict(None, key, verdict, self._world.clock.now())

    def _told(self, verdict: GateVerdict) -> Event:
        return fact(
            self._world,
            self._card,
            EventKind.GATE_RAN,
            name=verdict.name,
            tree=verdict.tree,
            ok=verdict.ok,
            cached=verdict.cached,
            seconds=verdict.seconds,
            exit=verdict.exit_code,
            timed_out=verdict.timed_out,
            log=verdict.log,
        )

    async def _skip(self, gate: Gate) -> None:
        event = fact(
            self._world, self._card, EventKind.GATE_SKIPPED, name=gate.name, why="paths untouched"
        )
        await in_thread(self._world.store.write, lambda tx: tx.add_event(event))

    async def _give_back(self) -> None:
        if self._checkout is not None:
            await in_slow_thread(self._world.vault.release, self._project, self._checkout)
            self._checkout = None
