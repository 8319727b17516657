"""`sps skill trust`."""

from __future__ import annotations

import click

from sps.cli.frame import Frame, changing
from sps.cli.skill.here import scope, source_option


@click.command("trust")
@click.argument("skill", metavar="NAME[@DIGEST]")
@source_option
@click.option("--commands", is_flag=True, help="Let the commands among its checks run too.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@changing
def trust(frame: Frame, *, skill: str, source: str | None, commands: bool, yes: bool) -> None:
    """Trust a skill at exactly this digest. What comes after it waits in quarantine again.

    With the digest nothing is asked: it says that you have looked.
    """
    from sps.services.skills.trust import to_trust
    from sps.services.skills.trust import trust as give

    with scope(frame) as where:
        what = to_trust(where, skill, source)
        for one in what.findings:
            frame.note(f"scan {one.path}:{one.line}  {one.says} [{one.rule}]")
        name = f"{what.record.name}@{what.record.digest[:12]}"
        question = f"Trust {name} from {what.record.source}//{what.record.path}?"
        frame.agreed(question, yes=yes or "@" in skill)
        record = give(where, what, commands=commands)
    more = f"; its checks with commands: {', '.join(what.commands)}" if what.commands else ""
    says = f"{name} is trusted{more}\n  next: sps skill add {record.name}"
    frame.show(record, lambda _: says)
