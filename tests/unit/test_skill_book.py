"""What skills did, read on: the same as read anew, and only what is new is read."""

from __future__ import annotations

from pathlib import Path

from sps.model.card import Card, CardState
from sps.model.event import Event, EventKind
from sps.services.skill_ledger import Book, ledger
from sps.services.skills.uses import uses
from tests.fakes.small_world import card_in, small_world


def test_the_book_of_skills_reads_only_what_is_new_and_says_what_a_whole_reading_says(
    tmp_path: Path,
) -> None:
    world = small_world(tmp_path / "home")

    def ran(card: Card, *skills: str) -> None:
        said = {"kind": "work", "skills": [f"{name}@{'a' * 64}" for name in skills]}
        event = Event(
            project=card.project, card_id=card.id, kind=EventKind.RUN_STARTED, at=1, payload=said
        )
        world.store.write(lambda tx: tx.add_event(event))

    book, cards = Book(), [card_in(world, CardState.RUNNING) for _ in range(3)]
    assert book.accounts(world) == []
    for card, names in zip(cards, (("a",), ("a", "b"), ("b",)), strict=True):
        ran(card, *names)
        assert book.accounts(world) == ledger(world).skills
    assert book.had(world, "a") == [cards[1].id, cards[0].id]
    assert book._after == world.store.read(lambda tx: tx.last_event())
    ran(cards[0], "a")
    assert [one.seq for one in uses(world, "a", book.had(world, "a"))] == [1, 2]
    world.store.write(lambda tx: tx.remove_project("demo"))
    assert book.accounts(world) == []
    assert book.had(world, "a") == []
    world.store.close()
