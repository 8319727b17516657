"""Cards, their files and their events."""

from __future__ import annotations

from collections.abc import Iterator

from sps.model.card import TERMINAL, CardState
from sps.model.event import Standing
from sps.ports.world import World
from sps.services.invariants.scene import Scene, Seen
from sps.services.invariants.violation import Invariant, Violation


def check_cards(world: World, scene: Scene) -> Iterator[Violation]:
    """Compare rows with files, and rows with what their events add up to."""
    yield from _lost(scene)
    yield from _files(world, scene)
    for seen in scene.seen:
        yield from _events(seen)
        yield from _ending(seen)


def _lost(scene: Scene) -> Iterator[Violation]:
    """A file that was taken in as a card, and whose row is gone."""
    rows = {seen.card.seq for seen in scene.seen}
    for name, (seq, _) in sorted(scene.files.items()):
        if seq and seq not in rows:
            yield Violation(
                invariant=Invariant.CARD_LOST,
                subject=f"{scene.project.name}#{seq}",
                detail=f"the file {name} was accepted as a card, but the card has no row",
            )


def _files(world: World, scene: Scene) -> Iterator[Violation]:
    """An open card whose file is gone: nobody can edit it any more."""
    there = {stamp.name for stamp in world.card_files.scan(scene.project.name)}
    backed = {seq for name, (seq, _) in scene.files.items() if name in there}
    for seen in scene.seen:
        if seen.card.state in TERMINAL or seen.card.seq in backed:
            continue
        if world.card_files.find(scene.project.name, seen.card.seq) is None:
            yield Violation(
                invariant=Invariant.CARD_FILE,
                subject=seen.name,
                detail="the card is open, but its file is gone",
            )


def _events(seen: Seen) -> Iterator[Violation]:
    story, name = seen.story, seen.name
    for gap in story.gaps:
        yield Violation(invariant=Invariant.EVENTS_GAP_FREE, subject=name, detail=gap)
    for said in story.illegal:
        yield Violation(invariant=Invariant.LEGAL_MOVES, subject=name, detail=said)
    for said in story.left_terminal:
        yield Violation(invariant=Invariant.TERMINAL_STATE, subject=name, detail=said)
    card = seen.card
    row = Standing(card.state.value, card.stage, card.attempt, card.reason)
    if story.standing != row and not story.gaps:
        yield Violation(
            invariant=Invariant.BOARD_IS_FOLD,
            subject=name,
            detail=f"the row says {_say(row)}, the events say {_say(story.standing)}",
        )


def _ending(seen: Seen) -> Iterator[Violation]:
    card = seen.card
    if card.state is CardState.NEEDS_HUMAN and card.reason is None:
        yield Violation(
            invariant=Invariant.LEGAL_MOVES,
            subject=seen.name,
            detail="the card waits for a person without saying why",
        )
    if card.state is not CardState.DONE and card.landed is not None:
        yield Violation(
            invariant=Invariant.TERMINAL_STATE,
            subject=seen.name,
            detail=f"the card has landed, but is {card.state.value}",
        )


def _say(standing: Standing | None) -> str:
    if standing is None:
        return "nothing"
    reason = f", reason {standing.reason}" if standing.reason else ""
    return f'{standing.state} (stage "{standing.stage}", attempt {standing.attempt}{reason})'
