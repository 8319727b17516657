"""Planning one agent session: which stage, agent, skills and prompt, and what it may cost."""

from __future__ import annotations

import hashlib

import msgspec

from sps.flow import breaker
from sps.flow.boxed import effective_sandbox
from sps.flow.environment import dress
from sps.flow.gates import gates_of
from sps.flow.ground import Ground
from sps.flow.outfit import Outfit
from sps.flow.plan_skills import held_out, place_of, skills_of
from sps.flow.prompt import Brief, Lesson, assemble
from sps.flow.setback import Evidence
from sps.lib.threads import in_thread
from sps.model.agent_choice import AgentChoice, choose
from sps.model.card import Card
from sps.model.errors import Absent, Misuse
from sps.model.event import Event, EventKind
from sps.model.pipeline import Budget, SandboxMode, Stage, StageKind
from sps.model.project import Project
from sps.model.run import Usage
from sps.model.transitions import Verb
from sps.ports.agent import AgentKind, BudgetLeft
from sps.ports.skills import Skill
from sps.ports.store import EventQuery, Reading
from sps.ports.world import World


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One agent session, decided before anything is started."""

    stage: Stage
    attempt: int
    kind: AgentKind
    model: str | None = None  #: None is the agent's own default
    effort: str | None = None
    skills: tuple[Skill, ...]  #: that the agent gets
    held_out: tuple[Skill, ...] = ()  #: that it would have got, were this card no comparison
    prompt: str
    evidence: Evidence | None
    sandbox: SandboxMode
    budget: BudgetLeft
    session_id: str | None
    worn: Outfit = Outfit()
    allow: tuple[str, ...] = ()  #: hosts beside those that its kind needs
    messages: tuple[int, ...] = ()  #: outbox rows whose words the prompt holds already


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What a prompt shows of the work so far. `sentences`: rules that only a reader can judge."""

    diff: str = ""
    gate_report: str = ""
    sentences: tuple[str, ...] = ()


class History(msgspec.Struct, frozen=True, kw_only=True):
    """What earlier attempts left for the next prompt."""

    evidence: Evidence | None
    comments: tuple[str, ...]
    spent: Usage
    spent_ms: int
    session_id: str | None
    messages: tuple[int, ...] = ()


async def plan(
    world: World,
    card: Card,
    ground: Ground,
    *,
    run_id: str,
    shown: Shown = Shown(),  # noqa: B008  # frozen
) -> Plan:
    """Plan the session for the stage the card stands in.

    Raises `Misuse` for an unknown agent or skill, with code `budget` when that is used up; `Absent`
    when another agent's program has the name of this one's; `SetupFailed` without a toolchain.
    """
    project, pipeline = ground.project, ground.pipeline
    stage = pipeline.stage(card.stage) or pipeline.work_stages[-1]
    skills = skills_of(world, card, stage)
    without = held_out(card, pipeline.skills)
    given = () if without else skills
    kind, wishes = await _agent(world, project, choose((card.text, stage, pipeline), project.agent))
    past = await in_thread(world.store.read, lambda tx: history(tx, card, stage))
    brief = Brief(
        number=f"{card.project}#{card.seq}",
        nonce=hashlib.sha256(run_id.encode()).hexdigest()[:24],
        card=card.text,
        stage=stage,
        attempt=card.attempt,
        branch=pipeline.land.branch or project.branch,
        gates=gates_of(pipeline, card),
        lessons=_lessons(kind, stage, given),
        evidence=past.evidence,
        comments=past.comments,
        git=pipeline.git,
        **msgspec.structs.asdict(shown),
    )
    return Plan(
        stage=stage,
        attempt=card.attempt,
        kind=kind,
        **wishes,
        skills=given,
        held_out=skills if without else (),
        prompt=assemble(brief),
        evidence=past.evidence,
        sandbox=effective_sandbox(project, pipeline),
        budget=left(pipeline.budget, past.spent, past.spent_ms),
        session_id=past.session_id,
        worn=await dress(world, pipeline),
        allow=pipeline.environment.allow,
        messages=past.messages,
    )


async def _agent(
    world: World, project: Project, choice: AgentChoice
) -> tuple[AgentKind, dict[str, str | None]]:
    """Return the first agent that has quota, else the first one, and what is wished of it. Raises
    `Misuse`, `Absent`."""
    kinds = [world.registry.kind(name) for name in choice.agents]
    now = world.clock.now()

    def question(tx: Reading) -> list[AgentKind]:
        return [one for one in kinds if breaker.closed_until(tx.breaker(one.name), now) <= now]

    free = await in_thread(world.store.read, question) if len(kinds) > 1 else kinds
    kind = (free or kinds)[0]
    await _own_program(world, kind, project)
    return kind, _wishes(kind, choice)


async def _own_program(world: World, kind: AgentKind, project: Project) -> None:
    """Refuse to start another agent's program in the place of this one's."""
    other = await in_thread(world.registry.namesake, kind)
    if other:
        raise Absent(
            "agent-missing",
            f"the {kind.command[0]} here is that of {other}, not the one of {kind.name}",
            hint=f"sps project set {project.name} --agent {other}",
        )


def _wishes(kind: AgentKind, choice: AgentChoice) -> dict[str, str | None]:
    """Return model and effort: they are of the first agent, and no other one knows their names."""
    if kind.name != choice.agents[0]:
        return {}
    return {"model": choice.model, "effort": choice.effort}


def _lessons(kind: AgentKind, stage: Stage, skills: tuple[Skill, ...]) -> tuple[Lesson, ...]:
    """A worker finds its skills in its workspace; a reviewer, whose folder holds nothing but the
    tree that would land, where they are kept."""
    review = stage.kind is StageKind.REVIEW
    return tuple(
        Lesson(
            name=skill.name,
            text=skill.body,
            place=skill.path if review else place_of(kind, skill),
            files=skill.files,
        )
        for skill in skills
    )


def history(tx: Reading, card: Card, stage: Stage) -> History:
    """Collect the newest evidence, the owner's comments since, the spend, the last session."""
    evidence: Evidence | None = None
    comments: list[str] = []
    for event in tx.events(EventQuery(card_id=card.id)):
        found = _evidence(event)
        if found is not None:
            evidence = _with_conflict_of(evidence, found)
        elif _consumed(event):
            evidence, comments = None, []
        elif event.kind is EventKind.CARD_COMMENTED:
            comments.append(str(event.payload["text"]))
    spent, spent_ms = tx.spent(card.id)
    sessions = [
        run.session_id
        for run in tx.runs(card_id=card.id)
        if run.stage == stage.name and run.session_id
    ]
    return History(
        messages=tuple(row.id for row in tx.outbox(kind="message", key=card.id)),
        evidence=evidence,
        comments=tuple(comments[-20:]),
        spent=spent,
        spent_ms=spent_ms,
        session_id=sessions[-1] if sessions else None,
    )


def _evidence(event: Event) -> Evidence | None:
    raw = event.payload.get("evidence")
    return msgspec.convert(raw, Evidence) if raw else None


def _with_conflict_of(before: Evidence | None, found: Evidence) -> Evidence:
    """Keep the conflict that an attempt failed to resolve: the next one has to see it too."""
    if before is None or found.overlay is not None:
        return found
    return msgspec.structs.replace(found, overlay=before.overlay, base=before.base)


def _consumed(event: Event) -> bool:
    """Whether a stage delivered: what was said before is no news to the next one."""
    delivered = (Verb.WORKED.value, Verb.NEXT_STAGE.value)
    return event.kind is EventKind.CARD_MOVED and event.payload["verb"] in delivered


def left(budget: Budget, spent: Usage, spent_ms: int) -> BudgetLeft:
    """Return what a card may still use. Raises `Misuse("budget")` when nothing is left."""
    tokens = None if budget.tokens is None else budget.tokens - (spent.total_tokens or 0)
    usd = None if budget.usd is None else budget.usd - (spent.cost_usd or 0.0)
    seconds = None if budget.time is None else budget.time - spent_ms / 1000
    for name, rest in (("tokens", tokens), ("usd", usd), ("time", seconds)):
        if rest is not None and rest <= 0:
            raise Misuse(
                "budget",
                f"the card's budget of {name} is used up",
                hint="raise `budget` in the pipeline, then: sps card retry",
            )
    return BudgetLeft(tokens=tokens, usd=usd, seconds=seconds)
