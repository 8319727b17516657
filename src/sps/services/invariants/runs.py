"""Runs, their processes and the work they left."""

from __future__ import annotations

from collections.abc import Iterator

from sps.flow import tag
from sps.flow.session import read_report
from sps.lib import proctree
from sps.model.card import ACTIVE, Card, CardState
from sps.model.run import Run
from sps.ports.store import Message
from sps.ports.world import World
from sps.services.invariants.scene import Scene, Seen
from sps.services.invariants.violation import Invariant, Violation

_HOLDING = (CardState.RUNNING, CardState.REVIEW)
_PATIENCE_MS = 60_000
_RUNS = "refs/sps/runs/"
_LANDED = "refs/sps/kept/"  # where the land mode `none` leaves finished work


def check_runs(world: World, scene: Scene) -> Iterator[Violation]:
    """Check who may live, and that what agents produced is kept."""
    for seen in scene.seen:
        too_many = list(_lives(world, seen))
        yield from too_many
        if not too_many and not scene.alive:
            yield from _unrecovered(seen)
    yield from _kept(world, scene)


def check_processes(world: World, scenes: list[Scene], *, whole: bool) -> Iterator[Violation]:
    """Look for processes that carry a tag of this home and whose launch is over. With `whole`
    false, processes of cards outside these scenes are nobody's business here."""
    cards = {seen.card.id: seen.card for scene in scenes for seen in scene.seen}
    if not any(card.generation for card in cards.values()):
        return  # nothing was ever launched
    alive = any(scene.alive for scene in scenes)
    found = proctree.tagged(tag.VARIABLE, tag.home_prefix(world))
    for pid, value in sorted(found.items()):
        parsed = tag.parse(value)
        if parsed is None or (parsed[0] not in cards and not whole):
            continue
        card = cards.get(parsed[0])
        if not (alive and _launched(card, parsed[1])):
            yield Violation(
                invariant=Invariant.NO_ORPHANS,
                subject=f"pid {pid}",
                detail=f"the process belongs to a launch that is over (tag {value})",
            )


def check_outbox(messages: list[Message], now: int) -> Iterator[Violation]:
    """Look for what a living daemon should have delivered. Messages to an agent wait for the end
    of its turn and are no fault."""
    for message in messages:
        age = now - message.created_at
        if message.kind != "message" and age > _PATIENCE_MS:
            yield Violation(
                invariant=Invariant.OUTBOX_DELIVERED,
                subject=f"{message.kind} {message.key}",
                detail=f"posted {age // 1000} s ago and not delivered, although a daemon runs",
            )


def _launched(card: Card | None, generation: int) -> bool:
    return card is not None and card.generation == generation and card.state in ACTIVE


def _lives(world: World, seen: Seen) -> Iterator[Violation]:
    if len(seen.live) > 1:
        names = ", ".join(run.id for run in seen.live)
        yield _one_live(seen, f"{len(seen.live)} runs live at once: {names}")
    for run in seen.live:
        if seen.card.state is CardState.READY and _adoptable(world, seen.card, run):
            continue  # its agent is done; the next launch takes over what it left
        if seen.card.state not in _HOLDING:
            yield _one_live(seen, f"run {run.id} lives, but the card is {seen.card.state.value}")
        elif run.generation != seen.card.generation and not _adoptable(world, seen.card, run):
            yield _one_live(
                seen,
                f"run {run.id} is of generation {run.generation}, the card of "
                f"{seen.card.generation}",
            )


def _one_live(seen: Seen, detail: str) -> Violation:
    return Violation(invariant=Invariant.ONE_LIVE_RUN, subject=seen.name, detail=detail)


def _adoptable(world: World, card: Card, run: Run) -> bool:
    """Whether a newer launch takes over what the agent of an older one had finished."""
    if run.generation > card.generation:
        return False
    return read_report(world.home.run(run.project, run.id)) is not None


def _unrecovered(seen: Seen) -> Iterator[Violation]:
    for run in seen.live:
        yield Violation(
            invariant=Invariant.FIXPOINT,
            subject=seen.name,
            detail=f"run {run.id} lives in the store, but neither a daemon nor a tick runs",
        )


def _kept(world: World, scene: Scene) -> Iterator[Violation]:
    tips = {run: tip for seen in scene.seen for run, tip in seen.story.tips.items()}
    salvage = {ref for seen in scene.seen for ref in seen.story.salvage}
    landed = {seen.card.id: seen.story.kept for seen in scene.seen if seen.story.kept}
    if not (tips or salvage or landed):
        return
    refs = world.vault.refs(scene.project, "refs/sps/")
    for run, tip in sorted(tips.items()):
        ref = _RUNS + run
        held = {commit for name, commit in refs.items() if f"{name}/".startswith(f"{ref}/")}
        if not held:
            yield _not_kept(run, f"{ref} is gone; it held {tip}")
        elif tip not in held:
            yield _not_kept(run, f"the run's work ended at {tip}, which {ref} does not hold")
    for card_id, tip in sorted(landed.items()):
        if refs.get(_LANDED + card_id) != tip:
            yield _not_kept(card_id, f"{_LANDED}{card_id} does not hold the finished work {tip}")
    for ref in sorted(salvage - refs.keys()):
        yield _not_kept(ref.rpartition("/")[2], f"{ref}, which held salvaged files, is gone")


def _not_kept(name: str, detail: str) -> Violation:
    return Violation(invariant=Invariant.WORK_KEPT, subject=name, detail=detail)
