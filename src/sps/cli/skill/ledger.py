"""`sps skill ledger`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, reading
from sps.cli.table import table

if TYPE_CHECKING:
    from sps.services.skill_ledger import Ledger, Share, SkillAccount


@click.command("ledger")
@click.argument("project", required=False)
@reading
def ledger(frame: Frame, *, project: str | None) -> None:
    """Show what each skill did: cards, first looks of the gates that were good, findings, rework,
    tokens; and, where cards were held out, whether the skill makes a difference."""
    from sps.services.skill_ledger import ledger as add_up

    with frame.world() as world:
        found = add_up(world, project)
    frame.show(found, _text)


def _text(found: Ledger) -> str:
    if not found.skills:
        return "no card had a skill yet"
    head = ("SKILL", "CARDS", "LANDED", "FIRST PASS", "HELD OUT", "EFFECT", "FINDINGS", "WAIVED",
            "REWORK", "TOKENS")  # fmt: skip
    return table(head, [_row(one) for one in found.skills])


def _row(one: SkillAccount) -> tuple[str, ...]:
    return (
        f"{one.name}@{one.sha256}",
        str(one.cards),
        str(one.landed),
        _share(one.first_pass),
        _share(one.held_out) if one.held_out else "-",
        _effect(one),
        str(one.findings),
        str(one.waivers),
        str(one.rework),
        str(one.tokens or "-"),
    )


def _share(share: Share) -> str:
    return f"{share.good}/{share.of} ({share.low:.0%} to {share.high:.0%})" if share.of else "-"


def _effect(one: SkillAccount) -> str:
    if one.effect is None:
        return "-"
    clear = "" if one.effect.clear else ", not clear"
    return f"{one.effect.low:+.0%} to {one.effect.high:+.0%}{clear}"
