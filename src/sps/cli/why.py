"""`sps why`: why a card is where it is, or why a project starts nothing new."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli.card.arguments import HIGHEST
from sps.cli.frame import Frame, reading
from sps.cli.table import indented

if TYPE_CHECKING:
    from sps.services.judgement import GateView
    from sps.services.why import Why
    from sps.services.why_project import WhyProject


@click.command("why")
@click.argument("project")
@click.argument("seq", type=click.IntRange(1, HIGHEST), metavar="[SEQ]", required=False)
@reading
def why(frame: Frame, project: str, seq: int | None) -> None:
    """Say where a card is, why, what to do about it, and how it came there. Without SEQ: why the
    project as a whole starts nothing new."""
    if seq is None:
        _whole(frame, project)
        return
    from sps.services.why import why as explain

    with frame.world() as world:
        found = explain(world, project, seq)
        root = str(world.home.root)
    frame.show(found, lambda one: _text(one, root))


def _whole(frame: Frame, project: str) -> None:
    from sps.services.why_project import why_project

    with frame.world() as world:
        found = why_project(world, project)
        root = str(world.home.root)
    frame.show(found, lambda one: _project_text(one, root))


def _project_text(found: WhyProject, root: str) -> str:
    parts = [found.project, f"  why    {found.why}"]
    parts += [f"  detail {found.detail}"] if found.detail else []
    parts += [f"  next   {found.next}"] if found.next else []
    parts += _page(found.halted)
    parts += _gate_lines(found.gate, root) if found.gate else []
    return "\n".join(parts)


def _page(reason: str | None) -> list[str]:
    """Name the page about a reason."""
    from sps.services.manual import page_about

    return [f"  page   sps help {reason}"] if reason and page_about(reason) else []


def _gate_lines(gate: GateView, root: str) -> list[str]:
    head = f"  gate   {gate.name} failed (exit {gate.exit_code}): {gate.command}"
    log = [f"  log    {root}/{gate.log}"] if gate.log else []
    return [head, *log, *([indented(gate.tail.rstrip())] if gate.tail.strip() else [])]


def _text(found: Why, root: str) -> str:
    parts = [f"{found.card.number}  {found.card.title}", f"  where  {found.where}"]
    parts.append(f"  why    {found.why}")
    if found.detail:
        parts.append(f"  detail {found.detail}")
    if found.next:
        parts.append(f"  next   {found.next}")
    parts += [f"  then   {found.then}"] if found.then else []
    parts += _page(found.card.reason)
    parts += _said(found, root)
    parts.append("")
    for event in found.timeline:
        if event.level != "debug":
            says = event.says.replace("\n", " ")
            parts.append(f"  {event.at}  {says}")
    return "\n".join(parts)


def _said(found: Why, root: str) -> list[str]:
    """List what was found in the change: by us, by the gates, by reviewers."""
    lines = [f"  held   {finding.text}" for finding in found.findings]
    for gate in found.gates:
        lines += _gate_lines(gate, root)
    for review in found.reviews:
        lines.append(f"  review {review.by}: {review.verdict}")
        lines += [indented(comment) for comment in review.lines]
    known = found.gates or found.reviews or found.evidence.strip() == found.detail
    if found.evidence and not known:
        lines += ["  the agent was told:", indented(found.evidence.rstrip())]
    return lines
