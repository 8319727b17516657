"""`sps card list`, `show` and `log`: looking without changing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.card.arguments import card_argument
from sps.cli.frame import Frame, reading
from sps.cli.table import indented, table

if TYPE_CHECKING:
    from sps.services.list_cards import CardList
    from sps.services.show_card import CardDetail
    from sps.services.telling import EventView


@click.command("list")
@click.argument("project")
@click.option("--state", "states", multiple=True, metavar="S", help="Only this state.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="At most so many.")
@click.option("--from", "start", type=click.IntRange(0), default=0, metavar="SEQ",
              help="Begin at this number (`next` of the call before).")  # fmt: skip
@reading
def list_(
    frame: Frame, project: str, states: tuple[str, ...], limit: int | None, start: int
) -> None:
    """List the cards of a project, and the files that cannot be read."""
    from sps.services import lookup
    from sps.services.list_cards import list_cards

    wanted = tuple(lookup.state(word) for word in states)
    with frame.world() as world:
        found = list_cards(world, project, states=wanted, start=start, limit=limit)
    frame.show(found, lambda cards: _list_text(cards, project))


def _list_text(found: CardList, project: str) -> str:
    rows = [
        (card.seq, card.state, _standing(card.stage, card.attempt), card.reason or "", card.title)
        for card in found.cards
    ]
    parts = [table(("SEQ", "STATE", "STAGE", "REASON", "TITLE"), rows)] if rows else []
    parts += [
        f"{error.file}:{error.line}:{error.column}: cannot be read [{error.code}]: {error.message}"
        for error in found.errors
    ]
    if isinstance(found.next, int):
        parts.append(f"more: sps card list {project} --from {found.next}")
    return "\n".join(parts) or f'no cards. Add one: sps card add {project} "What is to be done"'


def _standing(stage: str | None, attempt: int) -> str:
    return f"{stage} ({attempt})" if stage else "-"


@click.command("show")
@card_argument
@click.option("--diff", is_flag=True, help="Show the change that would land, and what was found.")
@click.option("--of", "part", default="", metavar="PART", help="Only what a run (its id) "
              "brought, or what came since the last `review`.")  # fmt: skip
@click.option("-w", "--ignore-space", is_flag=True, help="Leave changed white space out of it.")
@reading
def show(frame: Frame, project: str, seq: int, diff: bool, part: str, ignore_space: bool) -> None:
    """Show everything about a card: its text, its gates, its reviews, its latest events."""
    from sps.services.show_card import show_card, with_diff

    with frame.world() as world:
        found = show_card(world, project, seq)
        diff = diff or bool(part) or ignore_space
        if diff:
            found = with_diff(world, found, of=part, ignore_space=ignore_space)
    frame.show(found, _diff_text if diff else _detail_text)


def _diff_text(card: CardDetail) -> str:
    parts = [f"{card.number}  {card.title}", *_finding_lines(card), *_review_lines(card)]
    if card.diff:
        parts += ["", card.diff.text.rstrip("\n")]
        parts += ["... the change is longer than can be shown"] if card.diff.truncated else []
    return "\n".join(parts)


def _detail_text(card: CardDetail) -> str:
    facts = [
        ("state", card.state + (f" ({card.reason})" if card.reason else "")),
        ("detail", card.detail),
        ("stage", _standing(card.stage, card.attempt) if card.stage else ""),
        ("priority", str(card.priority) if card.priority else ""),
        ("skills", ", ".join(card.skills)),
        ("labels", ", ".join(card.labels)),
        ("after", ", ".join(map(str, card.after))),
        ("agent", card.runs_with or card.agent or ""),
        ("landed", card.landed.commit if card.landed else ""),
        ("updated", card.updated_at),
        ("file", card.file or "gone"),
    ]
    parts = [f"{card.number}  {card.title}"]
    parts += [f"  {name:<9} {value}" for name, value in facts if value]
    if card.checklist:
        done = sum(item.done for item in card.checklist)
        parts.append(f"  checklist {done} of {len(card.checklist)} done")
    if card.body.strip():
        parts.append("\n" + indented(card.body.strip("\n"), "  "))
    return "\n".join([*parts, *_evidence_text(card)])


def _evidence_text(card: CardDetail) -> list[str]:
    parts = _finding_lines(card)
    for gate in card.gates:
        parts.append(f"  gate {gate.name}: {'passed' if gate.ok else 'failed'} ({gate.seconds} s)")
        if not gate.ok and gate.tail:
            parts.append(indented(gate.tail))
    parts += _review_lines(card)
    parts += [_event_line(event) for event in card.events if event.level != "debug"]
    return ["", *parts] if parts else []


def _finding_lines(card: CardDetail) -> list[str]:
    return [f"  held back: {finding.text}" for finding in card.findings]


def _review_lines(card: CardDetail) -> list[str]:
    lines: list[str] = []
    for verdict in card.verdicts:
        lines.append(f"  review by {verdict.by}: {verdict.verdict}")
        lines += [
            indented(f"{one.number} {'(settled) ' if one.resolved else ''}{one.said}")
            for one in verdict.comments
        ]
    return lines


@click.command("log")
@card_argument
@reading
def log(frame: Frame, project: str, seq: int) -> None:
    """Show what happened to a card, oldest first."""
    from sps.services.show_card import card_log

    with frame.world() as world:
        events = card_log(world, project, seq)
    frame.show({"events": events}, lambda found: _log_text(found["events"]))


def _log_text(events: list[EventView]) -> str:
    return "\n".join(_event_line(event) for event in events if event.level != "debug")


def _event_line(event: EventView) -> str:
    says = event.says.replace("\n", " ")
    return f"  {event.at}  {says}"
