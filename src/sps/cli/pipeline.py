"""`sps pipeline`: the stages and gates of a project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sps.cli.frame import Frame, changing, reading
from sps.cli.lazy_group import Entry, LazyGroup
from sps.cli.table import table

if TYPE_CHECKING:
    from sps.services.pipelines import Lint, PipelineList, PipelineText, PipelineView

_HERE = "sps.cli.pipeline"

pipeline = LazyGroup(
    "pipeline",
    entries={
        "list": Entry(f"{_HERE}:list_", "list the pipelines in force"),
        "show": Entry(f"{_HERE}:show", "show the pipeline of a project"),
        "use": Entry(f"{_HERE}:use", "put a file of yours in force"),
        "workers": Entry(f"{_HERE}:workers", "how many agents of a project work at a time"),
        "budget": Entry(f"{_HERE}:budget", "what a card of a project may cost"),
        "lint": Entry(f"{_HERE}:lint", "find every mistake in a pipeline file"),
    },
    help="The stages that a card passes, and the gates that judge it.",
)


@click.command("list")
@reading
def list_(frame: Frame) -> None:
    """List the pipelines in force, one for each project."""
    from sps.services.pipelines import list_pipelines

    with frame.world() as world:
        found = list_pipelines(world)
    frame.show(found, _list_text)


def _list_text(found: PipelineList) -> str:
    if not found.pipelines:
        return "no projects. Register one: sps project init NAME --repo PATH"
    rows = [
        (one.project, ", ".join(one.stages), ", ".join(one.gates) or "none", one.land,
         one.broken or one.path)
        for one in found.pipelines
    ]  # fmt: skip
    return table(("PROJECT", "STAGES", "GATES", "LANDS BY", "FILE"), rows)


@click.command("show")
@click.argument("project")
@reading
def show(frame: Frame, project: str) -> None:
    """Show the pipeline of a project as it is written."""
    from sps.services.pipelines import show_pipeline

    with frame.world() as world:
        found = show_pipeline(world, project)
    frame.show(found, _show_text)


def _show_text(one: PipelineText) -> str:
    notes = [f"# {one.path}: {note}" for note in one.notes]
    return "\n".join([f"# {one.path}", *notes, one.text.rstrip("\n")])


@click.command("use")
@click.argument("project")
@click.argument("file", type=click.Path(path_type=Path))
@changing
def use(frame: Frame, project: str, file: Path) -> None:
    """Copy a pipeline file of yours into the home and put it in force for a project."""
    from sps.services.pipelines import use_pipeline

    with frame.world() as world:
        done = use_pipeline(world, project, file)
    frame.show(done, _used_text)


def _used_text(one: PipelineView) -> str:
    gates = ", ".join(one.gates) or "no gate: nothing was tested"
    says = f"{one.project} uses stages {', '.join(one.stages)}; gates: {gates}"
    return "\n".join([says, *(f"warning: {warning}" for warning in one.warnings)])


@click.command("workers")
@click.argument("project")
@click.argument("number", type=int)
@changing
def workers(frame: Frame, project: str, number: int) -> None:
    """Let NUMBER agents of a project work at a time."""
    from sps.services.tune_pipeline import set_workers

    with frame.world() as world:
        done = set_workers(world, project, number)
    frame.show(done, lambda one: f"{project}: {number} workers, in {one.now.path}")


@click.command("budget")
@click.argument("project")
@click.option("--tokens", type=int, metavar="N", help="So many tokens.")
@click.option("--usd", type=float, metavar="X", help="So many US dollars.")
@click.option("--seconds", type=float, metavar="S", help="So much time of agents.")
@changing
def budget(
    frame: Frame, project: str, tokens: int | None, usd: float | None, seconds: float | None
) -> None:
    """Change what one card of a project may cost; what is not said stays as it is."""
    from sps.model.pipeline import Budget
    from sps.services.tune_pipeline import raise_budget

    with frame.world() as world:
        done = raise_budget(world, project, Budget(tokens=tokens, usd=usd, time=seconds))
    frame.show(done, lambda one: f"{project}: the budget is changed, in {one.now.path}")


@click.command("lint")
@click.argument("subject", metavar="FILE|PROJECT")
@reading
def lint(frame: Frame, subject: str) -> int:
    """Find every mistake in a pipeline file, with line and column; then the exit code is 2."""
    from sps.services.pipelines import lint_pipeline

    with frame.world(create=True) as world:
        found = lint_pipeline(world, subject)
    frame.show(found, _lint_text)
    return 0 if found.ok else 2


def _lint_text(found: Lint) -> str:
    lines = [f"{m.file}:{m.line}:{m.column}: {m.message} [{m.code}]" for m in found.mistakes]
    lines += [f"{found.file}: warning: {warning}" for warning in found.warnings]
    return "\n".join(lines) or f"{found.file} is in order"
