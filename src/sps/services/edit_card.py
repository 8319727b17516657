"""Changing what a card says. The file is written first: it is the authority for the text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from sps.model.card import TERMINAL
from sps.model.errors import Absent, Misuse, Stale
from sps.ports.files import CardFile, CardFileBroken
from sps.services import checklist, lookup
from sps.services.add_card import check_references
from sps.services.ingest import ingest_file

if TYPE_CHECKING:
    from sps.flow.admit import Trouble
    from sps.model.card import Card, CardText
    from sps.ports.store import Reading
    from sps.ports.world import World

Change = Callable[["CardText"], "CardText"]


class CardChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What to change; None leaves a field as it is, a list replaces the whole list. An empty
    `agent`, `model` or `effort` takes the card's own away."""

    title: str | None = None
    body: str | None = None
    priority: int | None = None
    skills: tuple[str, ...] | None = None
    labels: tuple[str, ...] | None = None
    after: tuple[int, ...] | None = None
    agent: str | None = None
    model: str | None = None
    effort: str | None = None

    def applied(self, text: CardText) -> CardText:
        """Return the text with these changes."""
        given = {
            name: value
            for name in self.__struct_fields__
            if (value := getattr(self, name)) is not None
        }
        given |= {name: None for name in ("agent", "model", "effort") if given.get(name) == ""}
        return msgspec.structs.replace(text, **given)


def edit_card(
    world: World,
    project: str,
    seq: int,
    changes: CardChanges,
    *,
    seen: Callable[[CardText], bool] = lambda _: True,
) -> Card:
    """Change a card's file and take it in, if `seen` knows the text that is changed. Raises
    `Misuse` (unknown-skill, unknown-after, unknown-agent, cycle, card-finished, nothing-to-change,
    or what is out of bounds), `CardFileBroken`, `Stale`."""
    if changes == CardChanges():
        raise Misuse(
            "nothing-to-change", "no change was given", hint=f"sps card edit {project} {seq} --help"
        )

    _refuse_finished(world, project, seq)

    def change(text: CardText) -> CardText:
        if not seen(text):
            raise Stale(f"card {seq} says something else now than when you began")
        after = changes.applied(text)
        fresh = msgspec.structs.replace(
            after,
            skills=tuple(name for name in after.skills if name not in text.skills),
            after=tuple(number for number in after.after if number not in text.after),
            agent=changes.agent or None,
        )
        check_references(world, project, fresh, me=seq)
        if fresh.after:
            _refuse_cycle(world, project, seq, after)
        return after

    card = rewrite(world, project, seq, change)
    world.wake.ring()
    return card


def _refuse_finished(world: World, project: str, seq: int) -> None:
    card = world.store.read(lambda tx: lookup.card(tx, project, seq))
    if card.state in TERMINAL:
        raise Misuse(
            "card-finished",
            f"card {project}#{seq} is {card.state.value}: nothing that is changed now would count",
            hint=f'sps card add {project} "What is to be done next"',
        )


def _refuse_cycle(world: World, project: str, seq: int, text: CardText) -> None:
    from sps.flow.admit import trouble_of

    def question(tx: Reading) -> Trouble | None:
        card = lookup.card(tx, project, seq)
        return trouble_of(world, tx, msgspec.structs.replace(card, text=text))

    trouble = world.store.read(question)
    if trouble is not None and trouble.reason == "cycle":
        raise Misuse("cycle", trouble.detail, hint=f"sps card list {project}")


def check_item(world: World, project: str, seq: int, number: int, *, done: bool = True) -> Card:
    """Tick (or untick) one item of a card's checklist. Raises `Misuse("unknown-item")`."""

    def change(text: CardText) -> CardText:
        return msgspec.structs.replace(text, body=checklist.tick(text.body, number, done=done))

    return rewrite(world, project, seq, change)


def rewrite(world: World, project: str, seq: int, change: Change) -> Card:
    """Read a card's file, change it and take it in; once more when somebody was quicker."""
    world.store.read(lambda tx: lookup.card(tx, project, seq))
    try:
        return _rewrite(world, project, seq, change)
    except Stale:
        return _rewrite(world, project, seq, change)


def _rewrite(world: World, project: str, seq: int, change: Change) -> Card:
    name = world.card_files.find(project, seq)
    if name is None:
        raise Absent(
            "card-file-missing",
            f"the file of card {seq} is gone from {world.home.cards(project)}",
            hint=f"put it back, or: sps card drop {project} {seq}",
        )
    file = world.card_files.read(project, name)
    text = change(file.text)
    stamp = world.card_files.edit(project, name, text, file.stamp)
    return ingest_file(world, project, CardFile(seq=seq, stamp=stamp, text=text))


def write_hold(world: World, card: Card, *, hold: bool) -> Card:
    """Let the file say what a verb has just decided about `hold`. A file that cannot be changed
    now does not undo the verb: the row decides."""
    if card.text.hold is hold:
        return card

    def change(text: CardText) -> CardText:
        return msgspec.structs.replace(text, hold=hold)

    try:
        return rewrite(world, card.project, card.seq, change)
    except (CardFileBroken, Absent, Stale):
        return card
