"""What the owner of a card can rely on."""

from __future__ import annotations

from pathlib import Path

import pytest

from sps.bootstrap import Wired
from sps.model.card import CardState, CardText
from sps.model.errors import Misuse
from sps.model.event import EventKind
from sps.model.run import Run, RunKind
from sps.ports.store import EventQuery, Message
from sps.services.add_card import add_card
from sps.services.edit_card import CardChanges, check_item, edit_card
from sps.services.ingest import ingest
from sps.services.list_cards import list_cards
from sps.services.move_card import (
    cancel_card,
    comment_card,
    drop_card,
    hold_card,
    release_card,
    retry_card,
)
from sps.services.show_card import card_log, show_card
from sps.services.split_card import split_card
from tests.fakes.small_world import card_in, small_world


@pytest.fixture
def world(tmp_path: Path) -> Wired:
    return small_world(tmp_path / "home")


def outbox(world: Wired, kind: str) -> list[Message]:
    return world.store.read(lambda tx: tx.outbox(kind=kind))


def file_of(world: Wired, seq: int) -> Path:
    name = world.card_files.find("demo", seq)
    assert name is not None
    return world.home.cards("demo") / name


def test_added_card_has_file_row_and_number_and_rings(world: Wired) -> None:
    card = add_card(world, "demo", CardText(title="First", body="Do it.\n"))
    assert (card.seq, card.state) == (1, CardState.BACKLOG)
    assert file_of(world, 1).read_text().endswith("---\nDo it.\n")
    assert world.wake.rings == 1
    assert ingest(world, "demo").changed is False


def test_model_and_effort_go_with_the_parts_of_a_card_and_their_edit_is_told(world: Wired) -> None:
    card = add_card(world, "demo", CardText(title="Whole", model="large", effort="high"))
    (part,) = split_card(world, "demo", card.seq, ["Part"], wait=False).parts
    made = world.store.read(lambda tx: tx.card_by_seq("demo", part.seq))
    assert made is not None
    assert (made.text.model, made.text.effort) == ("large", "high")
    edit_card(world, "demo", card.seq, CardChanges(model="small", effort=""))
    lines = card_log(world, "demo", card.seq)[-1].payload["difference"]
    assert {"-large", "+small", "-high"} <= set(lines)


def test_number_is_above_every_file_made_by_hand(world: Wired) -> None:
    add_card(world, "demo", CardText(title="First"))
    (world.home.cards("demo") / "41-by-hand.md").write_text("---\ntitle: By hand\n---\n")
    assert add_card(world, "demo", CardText(title="Next")).seq == 42


def test_named_files_alone_are_looked_at_and_the_others_wait_for_the_scan(world: Wired) -> None:
    folder = world.home.cards("demo")
    for seq in (1, 2):
        add_card(world, "demo", CardText(title=f"Card {seq}"))
        path = file_of(world, seq)
        path.write_text(path.read_text().replace("Card", "Changed"))
    (folder / "3-new.md").write_text("---\ntitle: New\n---\n")
    (folder / "4-folder.md").mkdir()
    names = {file_of(world, 1).name, "3-new.md", "4-folder.md", "5-gone.md"}
    found = ingest(world, "demo", names)
    assert (found.added, found.edited, found.broken) == ((3,), (1,), ())
    assert ingest(world, "demo", names).changed is False
    assert ingest(world, "demo").edited == (2,)


def test_a_renamed_file_stays_its_card_in_whatever_order_its_names_are_told(world: Wired) -> None:
    card = add_card(world, "demo", CardText(title="First"))
    old = file_of(world, 1)
    new = old.rename(old.with_name("1-renamed.md"))
    assert ingest(world, "demo", {new.name}).changed is False
    assert ingest(world, "demo", {old.name}).changed is False
    assert world.store.read(lambda tx: tx.file_of("demo", 1)) == new.name
    assert list(world.store.read(lambda tx: tx.file_stamps("demo"))) == [new.name]
    assert show_card(world, "demo", 1).id == card.id


def test_a_second_file_of_a_number_is_refused_when_it_alone_is_told(world: Wired) -> None:
    add_card(world, "demo", CardText(title="First"))
    twin = world.home.cards("demo") / "1-twin.md"
    twin.write_text("---\ntitle: Twin\n---\n")
    assert ingest(world, "demo", {twin.name}).broken == ("1-twin.md",)
    errors = world.store.read(lambda tx: tx.file_errors("demo"))
    assert [one.code for one in errors] == ["duplicate-number"]


@pytest.mark.parametrize(
    "text,code",
    [
        (CardText(title=" "), "missing-title"),
        (CardText(title="x", skills=("nope",)), "unknown-skill"),
        (CardText(title="x", after=(7,)), "unknown-after"),
        (CardText(title="x", labels=("two words",)), "bad-label"),
    ],
)
def test_refused_card_leaves_nothing(world: Wired, text: CardText, code: str) -> None:
    with pytest.raises(Misuse) as refused:
        add_card(world, "demo", text)
    assert refused.value.code == code
    assert list_cards(world, "demo").cards == []
    assert world.card_files.scan("demo") == []
    assert add_card(world, "demo", CardText(title="fine")).seq == 1


def test_unknown_project_names_the_nearest(world: Wired) -> None:
    with pytest.raises(Misuse, match='did you mean "demo"'):
        add_card(world, "dmeo", CardText(title="x"))


def test_same_key_adds_once_and_another_body_is_refused(world: Wired) -> None:
    text = CardText(title="Once")
    first = add_card(world, "demo", text, key="k1")
    assert add_card(world, "demo", text, key="k1").id == first.id
    with pytest.raises(Misuse) as refused:
        add_card(world, "demo", CardText(title="Other"), key="k1")
    assert refused.value.code == "idempotency-conflict"
    assert len(list_cards(world, "demo").cards) == 1


def test_repetition_after_a_crash_between_key_and_file_takes_the_same_number(world: Wired) -> None:
    text = CardText(title="Once")
    create = world.card_files.create

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    world.card_files.create = crash
    with pytest.raises(KeyboardInterrupt):
        add_card(world, "demo", text, key="k1")
    world.card_files.create = create
    assert add_card(world, "demo", text, key="k1").seq == 1
    assert add_card(world, "demo", text, key="k1").seq == 1


def test_list_shows_hand_made_and_broken_files_without_writing(world: Wired) -> None:
    add_card(world, "demo", CardText(title="First"))
    folder = world.home.cards("demo")
    (folder / "7-mine.md").write_text("---\ntitle: Mine\nhold: true\n---\n")
    (folder / "8-bad.md").write_text("---\ntitle: [\n---\n")
    found = list_cards(world, "demo")
    assert [(card.seq, card.state, card.id is None) for card in found.cards] == [
        (1, "backlog", False),
        (7, "planning", True),
    ]
    assert [error.file for error in found.errors] == ["8-bad.md"]
    assert world.store.read(lambda tx: tx.card_by_seq("demo", 7)) is None
    assert show_card(world, "demo", 7).title == "Mine"


def test_list_goes_on_where_it_was_cut(world: Wired) -> None:
    for number in range(5):
        add_card(world, "demo", CardText(title=f"Card {number}"))
    first = list_cards(world, "demo", limit=2)
    assert ([card.seq for card in first.cards], first.next) == ([1, 2], 3)
    last = list_cards(world, "demo", start=5, limit=2)
    assert [card.seq for card in last.cards] == [5]
    assert not isinstance(last.next, int)


def test_edit_keeps_unknown_keys_and_replaces_lists(world: Wired) -> None:
    add_card(world, "demo", CardText(title="First"))
    path = world.home.cards("demo") / "1-first.md"
    path.write_text("---\ntitle: First\nmine: 3 # keep\nlabels: [a, b]\n---\nBody\n")
    card = edit_card(world, "demo", 1, CardChanges(labels=("c",), priority=4))
    assert (card.text.labels, card.text.priority, card.text.title) == (("c",), 4, "First")
    assert "mine: 3 # keep" in path.read_text()
    with pytest.raises(Misuse, match="no change"):
        edit_card(world, "demo", 1, CardChanges())


def test_checklist_item_is_ticked_in_the_file_and_fences_do_not_count(world: Wired) -> None:
    body = "- [ ] one\n```\n- [ ] no item\n```\n* [ ] two\n"
    add_card(world, "demo", CardText(title="List", body=body))
    check_item(world, "demo", 1, 2)
    assert file_of(world, 1).read_text().endswith("- [ ] one\n```\n- [ ] no item\n```\n* [x] two\n")
    with pytest.raises(Misuse) as refused:
        check_item(world, "demo", 1, 3)
    assert refused.value.code == "unknown-item"


def test_hold_and_release_say_so_in_the_file(world: Wired) -> None:
    card = card_in(world, CardState.READY)
    assert hold_card(world, "demo", card.seq).state is CardState.PLANNING
    assert "hold: true" in file_of(world, card.seq).read_text()
    assert ingest(world, "demo").changed is False
    assert release_card(world, "demo", card.seq).state is CardState.BACKLOG
    assert "hold: true" not in file_of(world, card.seq).read_text()


@pytest.mark.parametrize("state", [CardState.RUNNING, CardState.GATING, CardState.LANDING])
def test_cancel_fences_the_launch_off_and_posts_its_end(world: Wired, state: CardState) -> None:
    card = card_in(world, state)
    after = cancel_card(world, "demo", card.seq)
    assert (after.state, after.generation) == (CardState.PLANNING, card.generation + 1)
    assert [message.key for message in outbox(world, "cancel")] == [card.workflow_id]
    assert cancel_card(world, "demo", card.seq).version == after.version


def test_drop_is_final(world: Wired) -> None:
    card = card_in(world, CardState.RUNNING)
    assert drop_card(world, "demo", card.seq).state is CardState.DROPPED
    assert [message.key for message in outbox(world, "cancel")] == [card.workflow_id]
    with pytest.raises(Misuse) as refused:
        hold_card(world, "demo", card.seq)
    assert refused.value.code == "card-finished"


@pytest.mark.parametrize("state", [CardState.NEEDS_HUMAN, CardState.REVIEW, CardState.LANDING])
def test_retry_of_a_waiting_card_is_a_new_attempt(world: Wired, state: CardState) -> None:
    card = card_in(world, state, reason="no-change", setbacks=4)
    after = retry_card(world, "demo", card.seq)
    assert (after.state, after.stage, after.setbacks) == (CardState.READY, "develop", 0)
    assert after.reason is None


@pytest.mark.parametrize(
    "reason, attempt", [("login-required", 2), ("agent-missing", 2), ("budget", 3)]
)
def test_what_only_a_person_can_mend_uses_no_attempt(
    world: Wired, reason: str, attempt: int
) -> None:
    card = card_in(world, CardState.NEEDS_HUMAN, reason=reason, stage="develop", attempt=2)
    run = Run(
        id="r-2", card_id=card.id, project="demo", generation=card.generation, stage="develop",
        attempt=2, kind=RunKind.WORK, agent="a", worker="w", workspace="", started_at=1,
    )  # fmt: skip
    world.store.write(lambda tx: tx.start_run(run))
    assert retry_card(world, "demo", card.seq).attempt == attempt


def test_retry_can_name_the_stage_and_refuses_others(world: Wired) -> None:
    card = card_in(world, CardState.NEEDS_HUMAN, reason="failed")
    with pytest.raises(Misuse, match='did you mean "plan"'):
        retry_card(world, "demo", card.seq, stage="plam")
    assert retry_card(world, "demo", card.seq, stage="plan").stage == "plan"


@pytest.mark.parametrize("state", [CardState.RUNNING, CardState.BACKLOG, CardState.DONE])
def test_retry_of_a_card_that_does_not_wait_is_refused(world: Wired, state: CardState) -> None:
    card = card_in(world, state)
    with pytest.raises(Misuse) as refused:
        retry_card(world, "demo", card.seq)
    assert refused.value.code == "not-waiting"


def test_retry_does_not_start_before_its_parents_are_done(world: Wired) -> None:
    parent = add_card(world, "demo", CardText(title="Parent"))
    card = card_in(world, CardState.NEEDS_HUMAN, reason="unknown-after")
    edit_card(world, "demo", card.seq, CardChanges(after=(parent.seq,)))
    assert retry_card(world, "demo", card.seq).state is CardState.BACKLOG


def test_retry_names_what_would_stop_the_card_again(world: Wired) -> None:
    parent = add_card(world, "demo", CardText(title="Parent"))
    card = card_in(world, CardState.NEEDS_HUMAN, reason="parent-dropped")
    edit_card(world, "demo", card.seq, CardChanges(after=(parent.seq,)))
    drop_card(world, "demo", parent.seq)
    with pytest.raises(Misuse) as refused:
        retry_card(world, "demo", card.seq)
    assert refused.value.code == "parent-dropped"


def test_comments_reach_a_running_agent_all_of_them_in_order(world: Wired) -> None:
    card = card_in(world, CardState.RUNNING)
    comment_card(world, "demo", card.seq, "first")
    comment_card(world, "demo", card.seq, "second")
    assert [message.payload for message in outbox(world, "message")] == ["first\n\nsecond"]
    events = world.store.read(lambda tx: tx.events(EventQuery(card_id=card.id)))
    said = [e.payload["text"] for e in events if e.kind is EventKind.CARD_COMMENTED]
    assert said == ["first", "second"]


def test_comment_for_a_card_that_does_not_run_is_only_noted(world: Wired) -> None:
    card = card_in(world, CardState.BACKLOG)
    comment_card(world, "demo", card.seq, "later")
    assert outbox(world, "message") == []
    assert "owner says: later" in [event.says for event in card_log(world, "demo", card.seq)]


def test_page_of_a_list_shows_its_own_files_and_new_ones_as_they_are_now(world: Wired) -> None:
    for number in range(1, 5):
        add_card(world, "demo", CardText(title=f"Card {number}"))
    folder = world.home.cards("demo")
    for path in folder.glob("[23]-*.md"):
        path.write_text(path.read_text().replace("Card", "Edited card"))
    (folder / "9-new.md").write_text('---\ntitle: "New"\n---\n')
    first = list_cards(world, "demo", limit=2)
    assert [card.title for card in first.cards] == ["Card 1", "Edited card 2"]
    assert first.next == 3
    rest = list_cards(world, "demo", start=3)
    assert [card.title for card in rest.cards] == ["Edited card 3", "Card 4", "New"]
    assert [card.id for card in rest.cards if card.seq == 9] == [None]
