"""The gate stage: merge with the target, look at the difference, run the gates on that tree."""

from __future__ import annotations

from typing import Any

import msgspec

from sps.flow import findings, setback, skill_gate
from sps.flow.candidate import Candidate
from sps.flow.gate_word import GateWord, gate_word
from sps.flow.gates import GateBench, GateFailedToRun, GateReport, gates_of
from sps.flow.ground import Ground
from sps.flow.halt import BASE_RED, halt
from sps.flow.outfit import kept_paths
from sps.flow.plan_skills import taken_along
from sps.flow.record import fact, record
from sps.flow.setback import Failure, last_rework
from sps.flow.setup import SetupFailed
from sps.flow.setup_failure import setup_evidence
from sps.lib.killpoint import reach
from sps.lib.threads import in_slow_thread, in_thread
from sps.model.card import Card
from sps.model.event import EventKind
from sps.model.pipeline import LandMode, Stage
from sps.model.transitions import Verb
from sps.model.verdict import Finding, GateVerdict
from sps.ports.store import EventQuery
from sps.ports.vault import Arrival, Diff
from sps.ports.world import World

NO_CHANGE = "no-change"
_REWRITTEN = Failure(
    reason="target-rewritten",
    detail="the target no longer holds the commit this work began from",
    text="The target branch was rewritten while you worked. Do the work again on what it is now.",
    start_over=True,
)
_READ_LIMIT = 1024 * 1024
_MOST_COMMITS = 500
_WITH_HISTORY = (LandMode.MERGE, LandMode.REBASE)  # these put the card's own commits on the target


async def gate(world: World, card: Card, ground: Ground) -> Card:
    """Judge the card's tip merged with the target as it is now, and record the outcome."""
    candidate = await merge(world, card, ground)
    if isinstance(candidate, Card):
        return candidate
    if not candidate.diff.files:
        return await _no_change(world, card, ground)
    objection = await _objection(world, card, ground, candidate)
    if objection is not None:
        return objection
    bench = GateBench(world, card, ground)
    gates = gates_of(ground.pipeline, card)
    try:
        report = await bench.judge(candidate, gates, await _word(world, card))
        failed = report.failed
        if failed is not None:
            return await _refused(world, card, ground, candidate, bench, failed)
    except GateFailedToRun as err:
        return await setback.park(world, card, Failure(reason="gate-not-run", detail=str(err)))
    except SetupFailed as err:
        if err.shared:
            raise
        return await setback.rework(world, card, _stage_to_blame(ground, card), setup_evidence(err))
    return await _passed(world, card, ground, candidate, report)


async def _word(world: World, card: Card) -> GateWord:
    query = EventQuery(card_id=card.id)
    return gate_word(await in_thread(world.store.read, lambda tx: tx.events(query)))


async def _no_change(world: World, card: Card, ground: Ground) -> Card:
    """Give a card whose whole change is empty one more attempt, then ask a person."""
    failure = Failure(reason=NO_CHANGE, detail="the agent finished without changing anything")
    if await in_thread(world.store.read, lambda tx: last_rework(tx, card)) == NO_CHANGE:
        return await setback.block(world, card, failure)
    return await setback.rework(world, card, _stage_to_blame(ground, card), failure)


async def merge(world: World, card: Card, ground: Ground) -> Candidate | Card:
    """Merge the tip with the target; a conflict sends the card back to work and returns it."""
    project, land = ground.project, ground.pipeline.land
    tip = card.tip or ""
    target = (await in_slow_thread(world.vault.refresh, project, land)).commit
    if land.mode is LandMode.NONE:
        return await _alone(world, ground, target, tip)
    arrivals = await in_slow_thread(world.vault.arrivals, project, target, tip, _MOST_COMMITS + 1)
    if await _rewritten(world, card, ground, target, arrivals):
        return await setback.rework(world, card, _stage_to_blame(ground, card), _REWRITTEN)
    merged = await in_slow_thread(world.vault.merge, project, target, tip)
    reach("gate-after-merge")
    if not merged.clean:
        return await setback.rework(
            world,
            card,
            _stage_to_blame(ground, card),
            Failure(
                reason="conflict",
                detail="conflicts with the target in " + ", ".join(merged.paths[:5]),
                text=merged.messages,
                overlay=merged.tree,
                base=target,
            ),
        )
    diff = await in_slow_thread(world.vault.diff, project, target, merged.tree)
    return Candidate(base=target, tree=merged.tree, diff=diff, arrivals=arrivals)


async def _rewritten(
    world: World, card: Card, ground: Ground, target: str, arrivals: tuple[Arrival, ...]
) -> bool:
    """Whether the target has dropped the commit that the card's work began from, so that it would
    arrive again: a merge would bring back what its owner took out."""
    if card.base is None:
        return False
    if len(arrivals) <= _MOST_COMMITS:
        return any(one.commit == card.base for one in arrivals)
    return not await in_slow_thread(world.vault.is_ancestor, ground.project, card.base, target)


async def _alone(world: World, ground: Ground, target: str, tip: str) -> Candidate:
    """Mode none: the tip is judged as it is, against where it branched off."""
    project = ground.project
    base = await in_slow_thread(world.vault.merge_base, project, target, tip) or target
    tree = await in_slow_thread(world.vault.tree_of, project, tip)
    return Candidate(
        base=base, tree=tree, diff=await in_slow_thread(world.vault.diff, project, base, tree)
    )


async def _objection(world: World, card: Card, ground: Ground, candidate: Candidate) -> Card | None:
    """Handle what no command can judge; None when there is nothing of it."""
    bad = findings.refused(candidate.diff)
    bad += findings.of_environment(candidate.diff, kept_paths(ground.pipeline.environment))
    bad += await in_slow_thread(_lent, world, card, ground, candidate)
    bad += await in_slow_thread(_outside_lfs, world, ground, candidate)
    bad += await in_slow_thread(_logins, world, card, ground, candidate)
    brought = await in_slow_thread(_brought_along, world, ground, candidate)
    if bad or brought:
        failure = _refusal(ground, candidate, bad + brought)
        return await setback.rework(world, card, _stage_to_blame(ground, card), failure)
    if card.waived == card.tip:
        return None
    gates = gates_of(ground.pipeline, card)

    def read(side: str, path: str) -> bytes | None:
        commit = candidate.base if side == "old" else candidate.tree
        return world.vault.read_file(ground.project, commit, path, _READ_LIMIT)

    waiting = await in_thread(findings.held, candidate.diff, gates, read)
    if not waiting:
        return None
    event = fact(world, card, EventKind.GATE_HELD, findings=msgspec.to_builtins(waiting))
    return await setback.block(
        world, card, Failure(reason=waiting[0].code, detail=_sentence(waiting), events=[event])
    )


def _outside_lfs(world: World, ground: Ground, candidate: Candidate) -> list[Finding]:
    paths = tuple(file.path for file in candidate.diff.files if file.status != "D")
    found = world.vault.outside_lfs(ground.project, candidate.tree, paths)
    says = "belongs into Git LFS and holds its content instead of a pointer"
    return [Finding(code="lfs-content", path=path, says=says) for path in found]


def _logins(world: World, card: Card, ground: Ground, candidate: Candidate) -> list[Finding]:
    """Find the logins of the card's agents in the change and in each commit it would bring."""
    runs = world.store.read(lambda tx: tx.runs(card_id=card.id))
    known = {kind.name: kind for kind in world.registry.kinds()}
    values: set[str] = set()
    for name in {run.agent for run in runs} & known.keys():
        values |= world.logins.secrets(known[name])
    if not values:
        return []
    vault, project = world.vault, ground.project
    found = findings.of_logins(candidate.diff, "", frozenset(values))
    for one in candidate.arrivals[:_MOST_COMMITS]:
        step = vault.diff(project, one.parent, one.commit)
        found += findings.of_logins(step, one.words, frozenset(values))
    return found


def _lent(world: World, card: Card, ground: Ground, candidate: Candidate) -> list[Finding]:
    names = skill_gate.names(card, ground.pipeline)
    if not names:
        return []
    folders = frozenset(kind.skills for kind in world.registry.kinds())
    return taken_along(candidate.diff, names, folders)


def _brought_along(world: World, ground: Ground, candidate: Candidate) -> list[Finding]:
    """Find secrets in commits that the target would hold for ever, though the difference as a whole
    does not show them."""
    if ground.pipeline.land.mode not in _WITH_HISTORY:
        return []
    vault, project, commits = world.vault, ground.project, candidate.arrivals
    if len(commits) > _MOST_COMMITS:
        says = "brings more commits than can be checked"
        return [Finding(code="diff-too-large", path="", says=says)]
    # The difference as a whole was looked at already: a single commit shows nothing more.
    several = commits if len(commits) > 1 else ()
    steps = [vault.diff(project, one.parent, one.commit) for one in several]
    words = "\n".join(one.words for one in commits)
    nothing = Diff(files=(), text="", added=(), removed=())
    found = findings.refused(nothing, words) + [f for step in steps for f in findings.refused(step)]
    return [finding for finding in found if finding.code == "secret"]


def _refusal(ground: Ground, candidate: Candidate, bad: list[Finding]) -> Failure:
    """Say what was refused. After a secret the next attempt begins with the files alone: commits
    that hold it cannot be built upon."""
    failure = Failure(reason=bad[0].code, detail=_sentence(bad), text=_lines(bad))
    if ground.pipeline.land.mode not in _WITH_HISTORY:
        return failure
    if all(finding.code != "secret" for finding in bad):
        return failure
    return msgspec.structs.replace(failure, overlay=candidate.tree, base=candidate.base)


async def _refused(
    world: World,
    card: Card,
    ground: Ground,
    candidate: Candidate,
    bench: GateBench,
    failed: GateVerdict,
) -> Card:
    """Send the card back with the gate's output, unless the gate is red without the card too."""
    declared = next((g for g in ground.pipeline.gates if g.name == failed.name), None)
    base_tree = await in_slow_thread(world.vault.tree_of, ground.project, candidate.base)
    if declared is not None and declared.run and await bench.red(base_tree, declared):
        said = failed.tail.strip().rpartition("\n")[2][:200]
        detail = f'gate "{failed.name}" fails on the target itself, without any card: {said}'
        await halt(world, ground.project, BASE_RED, detail)
        failure = Failure(reason=BASE_RED, detail=detail)
        return await setback.park(world, card, failure, until=world.clock.now())
    how = "took too long" if failed.timed_out else f"exit {failed.exit_code}"
    return await setback.rework(
        world,
        card,
        _stage_to_blame(ground, card),
        Failure(
            reason="gate-failed",
            detail=f'gate "{failed.name}" failed ({how})',
            text=f"$ {failed.command}\n({how})\n{failed.tail}",
        ),
    )


async def _passed(
    world: World, card: Card, ground: Ground, candidate: Candidate, report: GateReport
) -> Card:
    reviews = ground.pipeline.review_stages
    changes: dict[str, Any] = {
        "tree": candidate.tree,
        "tree_base": candidate.base,
        "setbacks": 0,
        "not_before": 0,
        "payload": {
            "gates": report.passed,
            "waived": report.waived,
            "skipped": list(report.skipped),
        },
    }
    if reviews and card.approved != card.tip:
        first = reviews[0].name
        begun = await setback.attempts_of(world, card, first)
        return await record(world, card, Verb.PASSED, stage=first, attempt=begun + 1, **changes)
    return await record(world, card, Verb.APPROVED, **changes)


def _stage_to_blame(ground: Ground, card: Card) -> Stage:
    return setback.work_stage(ground.pipeline, card.stage)


def _sentence(found: list[Finding]) -> str:
    first = found[0]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return f"{first.path or 'the change'} {first.says}{more}"


def _lines(found: list[Finding]) -> str:
    return "\n".join(f"{f.path}:{f.line}: {f.says} [{f.code}]" for f in found[:50])
