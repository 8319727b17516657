"""`sps project init`, `trust`, `export` and `import`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sps.cli.frame import Frame, changing
from sps.model.pipeline import SandboxMode

if TYPE_CHECKING:
    from sps.services.import_project import Imported
    from sps.services.init_project import Initialised
    from sps.services.trust_pipeline import Offer

_SCRIPTED_SAYS = (
    "  note: the scripted agent understands no prose; it carries out blocks in the card's body, "
    "such as ```file path=HELLO.md (all of them: sps help cards). Agents that do: sps agent list"
)
_SCRIPTED_CARD = (
    r"printf '```file path=HELLO.md\nHello.\n```\n' | sps card add {} 'Say hello' --file -"
)
_SANDBOX = click.Choice([mode.value for mode in SandboxMode])


@click.command("init")
@click.argument("name")
@click.option("--repo", metavar="PATH", help="The git repository to work on.")
@click.option("--conf", type=click.Path(path_type=Path), metavar="FILE",
              help="The conf of an sps-cli project: its repository and branch. Nothing in it is "
              "run.")  # fmt: skip
@click.option("--branch", metavar="B", help="The branch that receives the work (default: HEAD's).")
@click.option("--agent", metavar="A",
              help="The coding agent (default: the first that is here and logged in, of "
              "claude, codex, gemini, opencode, then the order of sps agent list).")  # fmt: skip
@click.option("--pipeline", type=click.Path(path_type=Path), metavar="FILE",
              help="A pipeline file of yours.")  # fmt: skip
@click.option("--gates", type=click.Choice(["detected"]),
              help="Put the test, lint and build commands that are found in force.")  # fmt: skip
@click.option("--sandbox", type=_SANDBOX, default="auto", help="none: run agents unprotected.")
@click.option("--force", is_flag=True, help="Take a repository that is registered elsewhere.")
@changing
def init(frame: Frame, name: str, repo: str | None, agent: str | None, pipeline: Path | None,
         **more: Any) -> None:  # fmt: skip
    """Register a git repository as project NAME, with a pipeline. Nothing is written to it but a
    note inside its .git."""
    from sps.services.init_project import InitOptions, init_project

    options = InitOptions(
        branch=more["branch"],
        conf=more["conf"],
        gates_on=more["gates"] == "detected",
        sandbox=SandboxMode(more["sandbox"]),
        force=more["force"],
    )
    with frame.world(create=True) as world:
        done = init_project(world, name, repo=repo, agent=agent, pipeline=pipeline, options=options)
    frame.show(done, _init_text)


def _init_text(done: Initialised) -> str:
    from sps.services.init_project import FALLBACK_AGENT, NO_GATE

    parts = [
        f"project {done.name} works on {done.repo}, branch {done.branch}",
        f"  agent     {done.agent} ({done.agent_why})",
        f"  pipeline  {done.pipeline}",
        f"  gates     {_indented(_gates(done)) or NO_GATE}",
    ]
    if done.proposed:
        parts.append("  suggested by the repository; they stand in the pipeline as comments:")
        parts += [f"    {gate.name}: {gate.run}  (from {gate.found})" for gate in done.proposed]
    if done.setups:
        parts.append("  dependencies; how they are installed stands there as comments too:")
        parts += [f"    {run}" for run in done.setups]
    if done.shown:
        parts.append(f"  shown     read-only to gates and agents: {', '.join(done.shown)}")
    parts += [f"  warning: {warning}" for warning in done.warnings]
    if done.agent == FALLBACK_AGENT:
        return "\n".join([*parts, _SCRIPTED_SAYS, f"next: {_SCRIPTED_CARD.format(done.name)}"])
    return "\n".join([*parts, f'next: sps card add {done.name} "What is to be done"'])


def _gates(done: Initialised) -> list[str]:
    """Return each gate with what it runs; one that runs no command is a check of skills."""
    return [f"{name}: {done.commands.get(name, 'skill checks')}" for name in done.gates]


def _indented(lines: list[str]) -> str:
    return f"\n{' ' * 12}".join(lines)


@click.command("trust")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@changing
def trust(frame: Frame, name: str, yes: bool) -> None:
    """Use the pipeline that the repository carries in .sps/pipeline.yaml, exactly as it is now."""
    from sps.services.trust_pipeline import offered_pipeline, trust_pipeline

    with frame.world() as world:
        offer = offered_pipeline(world, name)
        if not offer.trusted:
            frame.note(_offer_text(offer))
            frame.agreed("Put this pipeline in force? Its commands run on this machine.", yes=yes)
            offer = trust_pipeline(world, offer)
    frame.show(offer, lambda one: f"{one.name} uses {one.path} with sha256 {one.sha256}")


def _offer_text(offer: Offer) -> str:
    return f"{offer.path} of commit {offer.commit[:12]}, sha256 {offer.sha256}:\n\n{offer.text}"


@click.command("export")
@click.argument("name")
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="FILE",
              help="Where to (default: NAME.sps.tar.gz here).")  # fmt: skip
@changing
def export(frame: Frame, name: str, output: Path | None) -> None:
    """Write cards, pipeline and history of a project to one file. Commits are not in it."""
    from sps.services.export_project import export_project

    with frame.world() as world:
        done = export_project(world, name, output, dry=frame.dry_run)
    are = "would be" if frame.dry_run else "are"
    frame.show(done, lambda one: f"{one.cards} cards of {one.name} {are} in {one.path}")


@click.command("import")
@click.argument("archive", type=click.Path(path_type=Path))
@click.option("--repo", required=True, metavar="PATH", help="The git repository to work on.")
@click.option("--name", metavar="NAME", help="Another name than in the file.")
@click.option("--agent", metavar="A", help="Another agent than in the file.")
@changing
def import_(frame: Frame, archive: Path, repo: str, name: str | None, agent: str | None) -> None:
    """Bring a project in from an export. Open cards begin anew; finished ones are kept as files
    beside them, not as cards."""
    from sps.services.import_project import import_project, look_into

    if frame.dry_run:
        found = look_into(archive)
        frame.show(found, lambda one: f"{one.name}: {one.open} open and {one.finished} finished "
                   "cards would be brought in")  # fmt: skip
        return
    with frame.world(create=True) as world:
        done = import_project(world, archive, repo=repo, name=name, agent=agent)
    frame.show(done, _import_text)


def _import_text(done: Imported) -> str:
    lines = [
        f"project {done.project.name} works on {done.project.repo}: {done.open} open cards, "
        f"{done.finished} finished ones kept as files"
    ]
    lines += [f"  warning: {name} cannot be read" for name in done.unread]
    return "\n".join(lines)
