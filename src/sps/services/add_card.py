"""Accepting a card: once this returned, the card exists after any crash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sps.lib.killpoint import reach
from sps.lib.nearest import suggestion
from sps.model.agent_choice import names
from sps.model.errors import Misuse
from sps.ports.files import CardFile
from sps.services import lookup
from sps.services.ingest import ingest_file

if TYPE_CHECKING:
    from sps.model.card import Card, CardText
    from sps.ports.store import Writing
    from sps.ports.world import World

_TRIES = 5  # a file made by hand may take the number in the same moment


def add_card(world: World, project: str, text: CardText, *, key: str | None = None) -> Card:
    """Write a card's file and its row, and wake the daemon.

    With `key` a repetition within 24 hours gives the card that the first call made. Raises `Misuse`
    (unknown-project, unknown-skill, unknown-after, idempotency-conflict, or what is out of bounds);
    then there is no card.
    """
    world.store.read(lambda tx: lookup.project(tx, project))
    world.card_files.check(text)
    check_references(world, project, text)
    card = _keyed(world, project, text, key) if key else _fresh(world, project, text)
    world.wake.ring()
    return card


def check_references(world: World, project: str, text: CardText, *, me: int = 0) -> None:
    """Refuse agents, skills and cards that do not exist. Raises `Misuse`."""
    for name in names(text.agent) if text.agent else ():
        world.registry.kind(name)
    for name in text.skills:
        if world.skills.find(name) is None:
            _explain(world, name)
            near = suggestion(name, world.skills.names())
            raise Misuse(
                "unknown-skill", f'there is no skill "{name}" in this home{near}',
                hint="sps skill list",
            )  # fmt: skip
    for seq in text.after:
        if seq == me:
            raise Misuse("unknown-after", f"card {seq} cannot wait for itself")
        if not _exists(world, project, seq):
            raise Misuse(
                "unknown-after",
                f"there is no card {seq} in {project} that this card could wait for",
                hint=f"sps card list {project}",
            )


def _explain(world: World, name: str) -> None:
    """Say of a skill that is in the home why no card can have it. Raises `Misuse`:
    skill-quarantined, skill-disabled."""
    records = world.skill_store.named(name)
    waiting = next((one for one in records if not one.trusted), None)
    if waiting is not None:
        raise Misuse(
            "skill-quarantined",
            f'the skill "{name}" is in this home, and waits in quarantine until you trust it',
            hint=f"sps skill trust {name}@{waiting.digest[:12]}",
        )
    if any(not one.enabled for one in records):
        says = f'the skill "{name}" is disabled in this home'
        raise Misuse("skill-disabled", says, hint=f"sps skill enable {name} --home")


def _exists(world: World, project: str, seq: int) -> bool:
    known = world.store.read(lambda tx: tx.card_by_seq(project, seq))
    return known is not None or world.card_files.find(project, seq) is not None


def _fresh(world: World, project: str, text: CardText) -> Card:
    for _ in range(_TRIES):
        floor = world.card_files.highest(project)
        seq = world.store.write(lambda tx: tx.next_seq(project, floor))  # noqa: B023
        try:
            return _write(world, project, seq, text)
        except Misuse as err:
            if err.code != "duplicate-number":
                raise
    raise Misuse(
        "duplicate-number", "somebody else takes every card number first", hint="repeat it"
    )


def _keyed(world: World, project: str, text: CardText, key: str) -> Card:
    """Make the number a fact together with the key: a repetition, even after a crash between number
    and file, goes on with the same number."""
    name, body_hash = f"card-add/{project}/{key}", _hash(text)
    floor = world.card_files.highest(project)

    def claim(tx: Writing) -> tuple[int, bool]:
        now = world.clock.now()
        before = tx.recall(name, now)
        if before is None:
            seq = tx.next_seq(project, floor)
            tx.remember(name, body_hash, str(seq), now)
            return seq, True
        if before[0] != body_hash:
            raise Misuse(
                "idempotency-conflict",
                f'the key "{key}" was used for another card within the last 24 hours',
                hint="repeat the first request unchanged, or use a new --key",
            )
        return int(before[1]), False

    seq, first = world.store.write(claim)
    if not first:
        known = world.store.read(lambda tx: tx.card_by_seq(project, seq))
        if known is not None:
            return known
        file = world.card_files.find(project, seq)
        if file is not None:
            return ingest_file(world, project, world.card_files.read(project, file))
    return _write(world, project, seq, text)


def _write(world: World, project: str, seq: int, text: CardText) -> Card:
    stamp = world.card_files.create(project, seq, text)
    reach("card-add-after-file")
    return ingest_file(world, project, CardFile(seq=seq, stamp=stamp, text=text))


def _hash(text: CardText) -> str:
    from hashlib import sha256

    import msgspec

    return sha256(msgspec.json.encode(text)).hexdigest()
