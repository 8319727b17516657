"""`sps skill update`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli import screen
from sps.cli.frame import Frame, changing
from sps.cli.skill.here import lines, scope
from sps.model.errors import WorkFailed

if TYPE_CHECKING:
    from sps.services.skills.update import Offer, Offers


@click.command("update")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--ref", metavar="R", help="Look at this branch, tag or commit, this time only.")
@click.option("--yes", is_flag=True, help="Take in what changes nothing but text.")
@click.option("--accept-risks", is_flag=True, help="Take in new scripts, tools and links too.")
@click.option("--keep-mine", is_flag=True, help="On a conflict keep my file, update the rest.")
@changing
def update(
    frame: Frame,
    *,
    names: tuple[str, ...],
    ref: str | None,
    yes: bool,
    accept_risks: bool,
    keep_mine: bool,
) -> int:
    """Show what is newer in the sources of skills, all of them when none is named, and take it in
    when you say so. Your edits to frozen skills are merged; on a conflict they stay as they are."""
    import msgspec

    from sps.services.skills.update import accept, offers

    with scope(frame) as where:
        found = offers(where, names, ref=ref)
        if not frame.as_json and found.offers:
            screen.err("\n".join(line for one in found.offers for line in _change(one)))
        if found.offers:
            _ask(frame, found, yes=yes, accept_risks=accept_risks)
        done = accept(where, found.offers, keep_mine=keep_mine)
    shown = {
        "ok": done.ok and not found.failed,
        "skills": done.skills,
        "offers": [msgspec.to_builtins(_plain(one)) for one in found.offers],
        "current": found.current,
        "failed": found.failed,
    }
    told = [*lines(done.skills), *(f"{name}  up to date" for name in found.current)]
    told += [f"{name}  failed: {why}" for name, why in found.failed.items()]
    frame.show(shown, lambda _: "\n".join(told) or "no skills in this repository")
    return 0 if shown["ok"] else 1


def _ask(frame: Frame, found: Offers, *, yes: bool, accept_risks: bool) -> None:
    risky = [one for one in found.offers if one.risky]
    agreed = accept_risks and yes
    if yes and risky and not agreed and not frame.dry_run:
        says = "; ".join(f"{one.name}: {_risks(one)}" for one in risky)
        hint = "look at the change, then repeat with --yes --accept-risks"
        raise WorkFailed("update-risky", f"more than text would change: {says}", hint=hint)
    names = ", ".join(one.name for one in found.offers)
    frame.agreed(f"Take in the newer version of {names}?", yes=yes)


def _plain(one: Offer) -> dict[str, object]:
    return {
        "name": one.name,
        "old": one.old,
        "new": one.record.digest,
        "commit": one.record.commit,
        "verdict": one.record.verdict,
        "change": one.change,
        "conflicts": one.conflicts,
    }


def _risks(one: Offer) -> str:
    told = [*one.change.risks]
    told += [f"the scan says {one.record.verdict}"] if one.record.verdict != "clean" else []
    return ", ".join(told)


def _change(one: Offer) -> list[str]:
    told = [f"{one.name}  {one.old[:12]} -> {one.record.digest[:12]}"]
    told += [f"  risk: {risk}" for risk in one.change.risks]
    told += [f"  conflict: {path}" for path in one.conflicts]
    told += [one.change.text.rstrip("\n")]
    return told + (["... the change is longer than can be shown"] if one.change.cut else [])
