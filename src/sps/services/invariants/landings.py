"""Landings: what the target holds, and that it is what the gates saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sps.flow.gate_word import Waiver
from sps.model.card import CardState
from sps.model.errors import SpsError
from sps.model.pipeline import Pipeline
from sps.ports.store import Landing
from sps.ports.vault import TargetLog
from sps.ports.world import World
from sps.services.invariants.scene import Scene, Seen
from sps.services.invariants.violation import Invariant, Violation

TRAILER = "Card"


def check_landings(world: World, scene: Scene) -> Iterator[Violation]:
    """Compare cards, landing rows, the vault and the landing target."""
    for fault in world.vault.fsck(scene.project):
        yield _bad(Invariant.VAULT_SOUND, scene.project.name, fault)
    for seen in scene.seen:
        yield from _row(seen)
        yield from _tree(world, scene, seen)
    if scene.pipeline is not None:
        yield from _target(world, scene, scene.pipeline)


def _target(world: World, scene: Scene, pipeline: Pipeline) -> Iterator[Violation]:
    branch = pipeline.land.branch or scene.project.branch
    copy = world.vault.refs(scene.project, "refs/heads/").get(f"refs/heads/{branch}")
    asked = {landing.commit for landing in _landings(scene) if landing.commit}
    log = world.vault.target_log(
        scene.project, pipeline.land, TRAILER, tuple(sorted(asked | ({copy} if copy else set())))
    )
    if copy is not None and copy not in log.holds:
        yield _bad(
            Invariant.VAULT_FOLLOWS,
            scene.project.name,
            f"the vault's copy of {branch} is {copy}, which the target ({log.commit}) has not",
        )
    for seen in scene.seen:
        yield from _held(seen, log)
    yield from _twice(scene, log)


def _landings(scene: Scene) -> list[Landing]:
    return [seen.landing for seen in scene.seen if seen.landing is not None]


def _row(seen: Seen) -> Iterator[Violation]:
    """Compare the card with its landing row and its last landing event."""
    card, landing = seen.card, seen.landing
    if card.state is not CardState.DONE:
        if landing is not None and landing.state == "done":
            yield _bad(
                Invariant.LANDING_INTENT,
                seen.name,
                f"the landing is done, but the card is {card.state.value}",
            )
        return
    if card.landed is None:
        if seen.story.kept is None:
            yield _bad(
                Invariant.LANDED_IS_ANCESTOR, seen.name, "the card is done without a landing"
            )
    elif landing is None or landing.state != "done":
        state = "missing" if landing is None else landing.state
        yield _bad(Invariant.LANDING_INTENT, seen.name, f"the card is done, its landing is {state}")
    elif (landing.commit, landing.tree) != (card.landed.commit, card.landed.tree):
        yield _bad(
            Invariant.LANDING_INTENT,
            seen.name,
            f"the card says that it landed as {card.landed.commit}, its landing says "
            f"{landing.commit}",
        )


def _held(seen: Seen, log: TargetLog) -> Iterator[Violation]:
    """Whether the target holds what it should, and nothing that nobody recorded."""
    card, landing = seen.card, seen.landing
    if card.landed is not None and card.landed.commit not in log.holds:
        yield _bad(
            Invariant.LANDED_IS_ANCESTOR,
            seen.name,
            f"{card.landed.commit} is not in the history of the target ({log.commit})",
        )
    pushed = landing is not None and landing.commit in log.holds
    if pushed and card.state not in (CardState.DONE, CardState.LANDING):
        yield _bad(
            Invariant.LANDING_INTENT,
            seen.name,
            f"the target holds the card's commit, but the card is {card.state.value}",
        )


def _twice(scene: Scene, log: TargetLog) -> Iterator[Violation]:
    ours = {seen.card.id: seen.name for seen in scene.seen}
    times = Counter(value for _, value in log.carriers)
    for card_id, count in sorted(times.items()):
        if count > 1 and card_id in ours:
            commits = ", ".join(commit for commit, value in log.carriers if value == card_id)
            yield _bad(Invariant.ONE_LANDING, ours[card_id], f"landed {count} times: {commits}")


def _tree(world: World, scene: Scene, seen: Seen) -> Iterator[Violation]:
    """What landed is the tree that every gate that applied said yes to."""
    card = seen.card
    if card.state is not CardState.DONE:
        return
    tree = card.tree or ""
    if card.landed is not None:
        tree = card.landed.tree
        try:
            actual = world.vault.tree_of(scene.project, card.landed.commit)
        except SpsError as err:
            yield _bad(Invariant.TESTED_TREE, seen.name, f"the landed commit is lost: {err}")
            return
        if actual != tree:
            yield _bad(
                Invariant.TESTED_TREE,
                seen.name,
                f"{card.landed.commit} has the tree {actual}, the gates saw {tree}",
            )
    elif seen.story.kept is None:
        return  # said already
    yield from _gates(seen, tree)


def _gates(seen: Seen, tree: str) -> Iterator[Violation]:
    passed = seen.story.passed
    if passed is None:
        yield _bad(Invariant.TESTED_TREE, seen.name, "no event says that the gates let it pass")
        return
    rows = {verdict.name for verdict in seen.verdicts if verdict.ok and verdict.tree == tree}
    for name in passed.gates:
        ran = [one for one in seen.story.ran if (one.name, one.tree) == (name, tree)]
        recorded = name in rows or any(one.cached for one in ran)
        if not ran or not recorded:
            yield _bad(
                Invariant.TESTED_TREE,
                seen.name,
                f'gate "{name}" has no verdict on the tree that landed ({tree})',
            )
    for name in passed.waived:
        if not any(_waived(waiver, name, tree) for waiver in seen.story.waivers):
            yield _bad(
                Invariant.TESTED_TREE,
                seen.name,
                f'gate "{name}" said no to the tree that landed ({tree}), and no person gave a '
                "reason for it",
            )


def _waived(waiver: Waiver, name: str, tree: str) -> bool:
    """Whether a person let this gate count for nothing on this tree, and said why."""
    return (waiver.gate, waiver.tree) == (name, tree) and bool(waiver.by and waiver.why.strip())


def _bad(invariant: Invariant, subject: str, detail: str) -> Violation:
    return Violation(invariant=invariant, subject=subject, detail=detail)
