"""Which gates judge a card, and running them on exactly one tree."""

from __future__ import annotations

import fnmatch
import hashlib
from functools import partial
from pathlib import Path

import msgspec

from sps.flow import environment, measures, skill_gate, spans, tag
from sps.flow.boxed import effective_sandbox
from sps.flow.candidate import Candidate
from sps.flow.environment import judged_in
from sps.flow.gate_word import GateWord, gate_word
from sps.flow.ground import Ground
from sps.flow.outfit import Outfit
from sps.flow.record import fact
from sps.lib.context import bound
from sps.lib.killpoint import reach
from sps.lib.threads import in_slow_thread, in_thread
from sps.model.card import Card
from sps.model.event import Event, EventKind
from sps.model.pipeline import Gate, Pipeline
from sps.model.project import Project
from sps.model.verdict import GateVerdict
from sps.ports.checks import ChecksFailed
from sps.ports.gate import GateJob, GateRun
from sps.ports.skills import Skill
from sps.ports.store import EventQuery, Reading, Writing
from sps.ports.vault import Workspace
from sps.ports.world import World

GATE_ENV = {"CI": "1"}
_NOTHING_SAID = GateWord()


class GateFailedToRun(Exception):
    """A gate could not be run at all: no verdict on the tree."""


class GateReport(msgspec.Struct, frozen=True, kw_only=True):
    """The verdicts on one tree, up to and including the first that is not good enough. `word` is
    what a person said about them."""

    verdicts: tuple[GateVerdict, ...]
    skipped: tuple[str, ...] = ()
    word: GateWord = GateWord()

    @property
    def failed(self) -> GateVerdict | None:
        """The gate that refused the tree, if one did and no person waived that."""
        return next((v for v in self.verdicts if not v.ok and not self.word.waived(v)), None)

    @property
    def passed(self) -> list[str]:
        """The gates that said yes."""
        return [verdict.name for verdict in self.verdicts if verdict.ok]

    @property
    def waived(self) -> list[str]:
        """The gates that said no, and were waived on this tree."""
        return [verdict.name for verdict in self.verdicts if not verdict.ok]


def gates_of(pipeline: Pipeline, card: Card) -> tuple[Gate, ...]:
    """Return what judges a card: the pipeline's gates, then the card's `accept`."""
    accepts = tuple(
        Gate(name=f"accept-{number}", run=command)
        for number, command in enumerate(card.text.accept, 1)
    )
    return pipeline.gates + accepts


def touched(gate: Gate, paths: tuple[str, ...]) -> bool:
    """Whether a gate has to run for a change of these paths."""
    return not gate.paths or any(
        fnmatch.fnmatch(path, pattern) for path in paths for pattern in gate.paths
    )


def verdict_key(
    project: Project, pipeline: Pipeline, gate: Gate, tree: str, *, pins: str = "", made: str = ""
) -> str:
    """Return the cache key of a verdict: equal trees, commands and environments share it. `pins`
    stands for what else a gate on skills depends on, `made` is the key of the tree's setup."""
    env = sorted(pipeline.environment.env.items())
    parts = [tree, gate.name, gate.run, effective_sandbox(project, pipeline).value, repr(env)]
    if gate.skills is not None:
        parts += [gate.skills, pins]
    elif made:
        parts.append(made)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


async def passed_all(world: World, card: Card, ground: Ground) -> bool:
    """Whether every gate that is in force now has passed on the card's merged tree, or was waived
    on it. Gates and `accept` may have changed since the tree was judged."""
    gates = await in_thread(applying, world, card, ground)
    made = await judged_in(world, ground.project, ground.pipeline, card.tree or "")
    keys = await in_thread(_keys, world, card, ground, gates, made)

    def question(tx: Reading) -> bool:
        word = gate_word(tx.events(EventQuery(card_id=card.id)))
        known = [tx.gate_verdict(key) for key in keys]
        return all(one is not None and (one.ok or word.waived(one)) for one in known)

    return await in_thread(world.store.read, question)


def _keys(
    world: World, card: Card, ground: Ground, gates: tuple[Gate, ...], made: str
) -> list[str]:
    project, pipeline, pins = ground.project, ground.pipeline, ""
    if any(gate.skills for gate in gates):
        skills = skill_gate.subjects(world, card, pipeline)
        pins = skill_gate.identity(skills, card.tree_base or "")
    tree = card.tree or ""
    return [verdict_key(project, pipeline, gate, tree, pins=pins, made=made) for gate in gates]


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

    def __init__(self, world: World, card: Card, ground: Ground) -> None:
        self._world = world
        self._card = card
        self._ground = ground
        self._project = ground.project
        self._pipeline = ground.pipeline
        self._sandbox = effective_sandbox(ground.project, ground.pipeline)
        self._worn = Outfit()
        self._base = ""  # the target's tree
        self._made = ""
        self._checkout: Workspace | None = None
        self._skills: tuple[Skill, ...] = ()
        self._word = GateWord()

    async def judge(
        self, candidate: Candidate, gates: tuple[Gate, ...], word: GateWord = _NOTHING_SAID
    ) -> GateReport:
        """Run the gates in order until one fails that no person waived. Verdicts are recorded one
        by one.

        Raises `GateFailedToRun` when a gate could not be started, `Misuse("unknown-skill")`,
        `SetupFailed`, `SetupNotRun`.
        """
        if self._pipeline.environment.keep:
            self._base = await in_slow_thread(
                self._world.vault.tree_of, self._project, candidate.base
            )
        self._made = await judged_in(self._world, self._project, self._pipeline, candidate.tree)
        if any(gate.skills for gate in gates):
            # Looked at once: the verdict, its key and its event have to be about the same skills.
            self._skills = await in_thread(
                skill_gate.subjects, self._world, self._card, self._pipeline
            )
        self._word = word
        verdicts: list[GateVerdict] = []
        skipped: list[str] = []
        try:
            for gate in gates:
                if not touched(gate, candidate.paths):
                    skipped.append(gate.name)
                    await self._skip(gate)
                    continue
                verdicts.append(await self._verdict(gate, candidate))
                if not verdicts[-1].ok and not word.waived(verdicts[-1]):
                    break
        finally:
            await self._give_back()
        return GateReport(verdicts=tuple(verdicts), skipped=tuple(skipped), word=word)

    async def red(self, tree: str, gate: Gate, *, again: bool = False) -> bool:
        """Whether a gate fails on a tree that holds nothing of the card. Asked once per tree,
        unless `again`. A run that took too long says nothing about the tree and is never kept.

        Raises `GateFailedToRun` when there is no answer, `SetupFailed`, `SetupNotRun`.
        """
        self._base = tree
        made = await judged_in(self._world, self._project, self._pipeline, tree)
        key = verdict_key(self._project, self._pipeline, gate, tree, made=made)
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

    async def _verdict(self, gate: Gate, candidate: Candidate) -> GateVerdict:
        key = self._key(gate, candidate)
        known = await self._known(key)
        told: list[Event] = []
        if known is not None and self._settled(gate, known):
            verdict = msgspec.structs.replace(known, cached=True)
        elif gate.skills is not None:
            verdict, told = await self._check(gate, candidate)
        else:
            verdict = await self._run(gate, candidate.tree)
        await in_thread(self._world.store.write, partial(self._keep, key, verdict, told))
        reach("gate-after-record")
        return verdict

    def _settled(self, gate: Gate, known: GateVerdict) -> bool:
        """Whether a known verdict stands. A failure is run again, it may have been the machine,
        unless a person has said that it does not matter."""
        if gate.name in self._word.again:
            return False
        return known.ok or self._word.waived(known)

    def _key(self, gate: Gate, candidate: Candidate) -> str:
        pins = skill_gate.identity(self._skills, candidate.base) if gate.skills else ""
        return verdict_key(
            self._project, self._pipeline, gate, candidate.tree, pins=pins, made=self._made
        )

    async def _check(self, gate: Gate, candidate: Candidate) -> tuple[GateVerdict, list[Event]]:
        """Run the checks of the card's skills. What cannot judge is no verdict."""
        world, card = self._world, self._card
        skills = self._skills
        checkout = await self._taken(candidate.tree)
        order = msgspec.structs.replace(
            skill_gate.job(candidate, skills, gate, checkout.path),
            sandbox=self._sandbox,
            tag=tag.of_card(world, card, f"gate-{gate.name}"),
        )
        began = world.clock.steady()
        try:
            report = await world.checks.run(order)
        except ChecksFailed as err:
            raise GateFailedToRun(str(err)) from err
        if report.inconclusive:
            first = report.inconclusive[0]
            raise GateFailedToRun(f"check {first.check} cannot judge: {first.why}")
        log = await in_thread(self._log, gate, candidate.tree)
        await in_thread(skill_gate.keep, report, log)
        seconds = world.clock.steady() - began
        verdict = skill_gate.verdict(gate, candidate.tree, report, self._below(log), seconds)
        measures.gate_ran(seconds, ok=verdict.ok, timed_out=False)
        told = fact(
            world, card, EventKind.SKILLS_CHECKED,
            gate=gate.name, tree=candidate.tree, ok=verdict.ok,
            **skill_gate.payload(report, skills),
        )  # fmt: skip
        return verdict, [told]

    async def _taken(self, tree: str) -> Workspace:
        if self._checkout is None:
            world, project = self._world, self._project
            what = await environment.ready(world, self._card, self._ground, tree, self._base)
            self._worn = await environment.dress(world, self._pipeline)
            self._checkout = await in_slow_thread(
                environment.lend, world, project, what,
                lambda kept: world.vault.checkout(project, tree, kept=kept),
            )  # fmt: skip
        return self._checkout

    def _log(self, gate: Gate, tree: str) -> Path:
        logs = self._world.home.gate_logs(self._card.project, self._card.id)
        logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        return logs / f"{self._card.generation}-{gate.name}-{tree[:12]}.log"

    def _below(self, log: Path) -> str:
        return str(log.relative_to(self._world.home.root))

    async def _run(self, gate: Gate, tree: str) -> GateVerdict:
        reach("gate-before-run")
        checkout = await self._taken(tree)
        log = self._log(gate, tree)
        piece = spans.gate_piece(gate.name, tree)
        job = GateJob(
            name=gate.name,
            run=gate.run,
            checkout=checkout.path,
            timeout=gate.timeout,
            log=str(log),
            env={**GATE_ENV, **self._worn.env, **spans.environment(self._card, piece)},
            sandbox=self._sandbox,
            tag=tag.of_card(self._world, self._card, f"gate-{gate.name}"),
            readonly=self._worn.readonly,
            hidden=self._worn.hidden,
            path=self._worn.path_in(checkout.path),
        )
        with bound(run_id=spans.place(self._card, piece)["span"]):
            run = await self._world.gates.run(job)
        reach("gate-after-run")
        if run.infrastructure:
            raise GateFailedToRun(run.infrastructure)
        said = self._said(gate, tree, self._below(log), run)
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

    def _keep(self, key: str, verdict: GateVerdict, told: list[Event], tx: Writing) -> None:
        if not verdict.cached:
            tx.save_gate_verdict(self._card.id, key, verdict, self._world.clock.now())
        for event in (*told, self._told(verdict)):
            tx.add_event(event)

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
