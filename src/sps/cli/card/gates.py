"""`sps card regate` and `waive`: what a person may do about gates."""

from __future__ import annotations

import click

from sps.cli.card.arguments import card_argument
from sps.cli.card.verbs import show
from sps.cli.frame import Frame, changing
from sps.model.errors import Misuse


@click.command("regate")
@card_argument
@click.option("--gate", metavar="NAME", help="Only this one; the others keep what they said.")
@click.option("--onward", is_flag=True, help="With --gate: this one and those after it.")
@changing
def regate(frame: Frame, project: str, seq: int, gate: str | None, onward: bool) -> None:
    """Merge a waiting card and run its gates again, without its agent."""
    from sps.services.gate_verbs import rerun_gates

    if onward and gate is None:
        raise Misuse(
            "missing-option", "--onward needs --gate: the one to begin with",
            hint=f"sps card regate {project} {seq} --gate NAME --onward",
        )  # fmt: skip
    with frame.world() as world:
        card = rerun_gates(world, project, seq, gate=gate, onward=onward)
    show(frame, card)


@click.command("waive")
@card_argument
@click.argument("gate")
@click.option("--because", "why", required=True, metavar="TEXT", help="Why it may be red.")
@changing
def waive(frame: Frame, project: str, seq: int, gate: str, why: str) -> None:
    """Let the red verdict of a gate count for nothing: once, on exactly this tree, with a reason
    that its landing shows."""
    from sps.services.gate_verbs import waive_gate

    with frame.world() as world:
        card = waive_gate(world, project, seq, gate, why)
    show(frame, card, "waived; ")
