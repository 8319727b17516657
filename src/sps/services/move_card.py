"""The verbs of a card's owner: hold, release, cancel, drop, retry, comment.

They write rows only. A live launch is fenced off by a new generation, and the outbox row makes
sure that it is stopped. Where a `version` is given, a card that is another one by now is refused
with `Stale`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sps.flow.admit import parents_done, trouble_of
from sps.flow.taking import asked, stop
from sps.lib.context import request_mark
from sps.lib.nearest import suggestion
from sps.model.card import TERMINAL, Card, CardState
from sps.model.errors import Misuse, Stale
from sps.model.event import Event, EventKind
from sps.model.run import NO_ATTEMPT
from sps.model.transitions import Verb
from sps.ports.store import EventQuery, Message
from sps.services import lookup, telling
from sps.services.edit_card import write_hold

if TYPE_CHECKING:
    from sps.model.pipeline import Pipeline
    from sps.ports.store import Reading, Writing
    from sps.ports.world import World

_COMMENT_LIMIT = 64 * 1024
_STALE_LIMIT = 300


def hold_card(world: World, project: str, seq: int, *, version: int | None = None) -> Card:
    """Take a card back to planning; a live run is cancelled. Again changes nothing."""
    return write_hold(world, _hold(world, project, seq, None, version), hold=True)


def cancel_card(world: World, project: str, seq: int) -> Card:
    """Stop what runs for a card and hold it in planning. Again changes nothing."""
    return write_hold(world, _hold(world, project, seq, "cancelled"), hold=True)


def release_card(world: World, project: str, seq: int, *, version: int | None = None) -> Card:
    """Let a card run as soon as it may. Raises `Misuse("not-held")` where it is not in planning,
    `CardFileBroken` while its file cannot be read: that decides again when it is mended."""

    def change(tx: Writing) -> Card:
        card = lookup.card(tx, project, seq)
        if card.state is CardState.BACKLOG:
            return card
        _refuse_stale(tx, card, version)
        if card.state is not CardState.PLANNING:
            raise _impossible(card, "not-held", "only a card in planning can go to the backlog")
        return tx.save(asked(card, Verb.RELEASE, at=world.clock.now(), not_before=0))

    file = world.card_files.find(project, seq)
    if file is not None:
        world.card_files.read(project, file)
    card = write_hold(world, world.store.write(change), hold=False)
    world.wake.ring()
    return card


def drop_card(world: World, project: str, seq: int) -> Card:
    """Give a card up for good. Cards that wait for it go to a person. Again changes nothing."""

    def change(tx: Writing) -> Card:
        card = lookup.card(tx, project, seq)
        if card.state is CardState.DROPPED:
            return card
        _refuse_finished(card)
        return stop(world, tx, card, Verb.DROP)

    card = world.store.write(change)
    world.wake.ring()
    return card


def retry_card(
    world: World,
    project: str,
    seq: int,
    *,
    stage: str | None = None,
    version: int | None = None,
    words: str | None = None,
) -> Card:
    """Send a waiting card back to work, as a new attempt of a work stage; as the same one where
    its agent was not there or not logged in. `words` are noted for it, or nothing is done at all.

    Raises `Misuse` with not-waiting, unknown-stage, empty-comment, too-large, or the reason that
    would stop it again.
    """
    if words is not None:
        _refuse_words(words)
    world.store.read(lambda tx: lookup.card(tx, project, seq))
    pipeline = lookup.pipeline(world, project)

    def change(tx: Writing) -> Card:
        card = lookup.card(tx, project, seq)
        _refuse_stale(tx, card, version)
        _refuse_retry(world, tx, card)
        if words is not None:
            _note(world, tx, card, words, "owner")
        if not parents_done(tx, card):
            held = tx.save(asked(card, Verb.HOLD, at=world.clock.now()))
            return tx.save(asked(held, Verb.RELEASE, at=world.clock.now(), not_before=0))
        name = _work_stage(pipeline, card, stage)
        again = card.reason in NO_ATTEMPT and card.stage == name
        attempt = card.attempt if again else tx.attempts(card.id, name) + 1
        return stop(
            world, tx, card, Verb.RETRY, stage=name, attempt=attempt, not_before=0, setbacks=0
        )

    card = write_hold(world, world.store.write(change), hold=False)
    world.wake.ring()
    return card


def check_retry(world: World, project: str, seq: int) -> Card:
    """Return a card that `retry_card` would send back to work; raise what that would."""

    def question(tx: Reading) -> Card:
        card = lookup.card(tx, project, seq)
        _refuse_retry(world, tx, card)
        return card

    return world.store.read(question)


def comment_card(world: World, project: str, seq: int, text: str, *, author: str = "owner") -> Card:
    """Note a remark for the next prompt; a running agent gets it at the end of its turn.

    Raises `Misuse` with empty-comment or too-large.
    """
    _refuse_words(text)

    def change(tx: Writing) -> Card:
        card = lookup.card(tx, project, seq)
        _refuse_finished(card)
        _note(world, tx, card, text, author)
        if card.state is CardState.RUNNING:
            _tell(world, tx, card, text)
        return card

    card = world.store.write(change)
    world.wake.ring()
    return card


def _hold(
    world: World, project: str, seq: int, reason: str | None, version: int | None = None
) -> Card:
    def change(tx: Writing) -> Card:
        card = lookup.card(tx, project, seq)
        if card.state is CardState.PLANNING:
            return card
        _refuse_stale(tx, card, version)
        _refuse_finished(card)
        return stop(world, tx, card, Verb.HOLD, reason=reason, not_before=0)

    card = world.store.write(change)
    world.wake.ring()
    return card


def _note(world: World, tx: Writing, card: Card, text: str, author: str) -> None:
    payload = {"author": author, "text": text, **request_mark()}
    tx.add_event(
        Event(
            project=card.project, card_id=card.id, kind=EventKind.CARD_COMMENTED,
            at=world.clock.now(), payload=payload,
        )
    )  # fmt: skip


def _tell(world: World, tx: Writing, card: Card, text: str) -> None:
    """Post words to the running agent, behind those that it has not taken yet."""
    at = world.clock.now()
    waiting = tx.outbox(kind="message", key=card.id)
    for message in waiting:
        tx.delivered(message.id, at)
    words = "\n\n".join([*(message.payload for message in waiting), text])
    tx.post(Message(kind="message", key=card.id, payload=words), at)


def waits(card: Card) -> bool:
    """Whether a card waits for a person, so that it can be sent back to work."""
    if card.state in (CardState.REVIEW, CardState.LANDING):
        return card.reason is not None
    return card.state is CardState.NEEDS_HUMAN


def _work_stage(pipeline: Pipeline, card: Card, wanted: str | None) -> str:
    names = [stage.name for stage in pipeline.work_stages]
    if wanted is None:
        if not card.stage:
            return names[0]
        return card.stage if card.stage in names else names[-1]
    if wanted not in names:
        says = f'the pipeline has no work stage "{wanted}"{suggestion(wanted, names)}'
        raise Misuse("unknown-stage", f"{says} (work stages: {', '.join(names)})",
                     hint=f"sps pipeline show {card.project}")  # fmt: skip
    return wanted


def _refuse_stale(tx: Reading, card: Card, version: int | None) -> None:
    if version is None or version == card.version:
        return
    moves = [
        event for event in tx.events(EventQuery(card_id=card.id))
        if event.kind is EventKind.CARD_MOVED
    ]  # fmt: skip
    last = f": {telling.sentence(moves[-1])}" if moves else ""
    by = f" by worker {card.worker}" if card.worker else ""
    now = card.state.value.replace("_", " ")
    name = f"{card.project}#{card.seq}"
    raise Stale(f"card {name} was changed meanwhile{by}: it is {now} now{last}"[:_STALE_LIMIT])


def _refuse_retry(world: World, tx: Reading, card: Card) -> None:
    if not waits(card):
        raise _impossible(card, "not-waiting", "only a card that waits for a person can be retried")
    trouble = trouble_of(world, tx, card)
    if trouble is not None:
        raise Misuse(
            trouble.reason, f"{trouble.detail}; change the card first",
            hint=f"sps card edit {card.project} {card.seq} --help",
        )  # fmt: skip


def _refuse_words(text: str) -> None:
    if not text.strip():
        raise Misuse("empty-comment", "the comment is empty")
    if len(text.encode("utf-8", "replace")) > _COMMENT_LIMIT:
        raise Misuse("too-large", f"a comment has at most {_COMMENT_LIMIT} bytes")


def _refuse_finished(card: Card) -> None:
    if card.state in TERMINAL:
        raise _impossible(card, "card-finished", "nothing leads out of there")


def _impossible(card: Card, code: str, why: str) -> Misuse:
    name = f"{card.project}#{card.seq}"
    return Misuse(
        code, f"card {name} is {card.state.value}: {why}", hint=f"sps why {card.project} {card.seq}"
    )
