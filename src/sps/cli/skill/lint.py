"""`sps skill lint`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sps.cli import screen
from sps.cli.frame import Frame, reading
from sps.cli.skill.here import looking

if TYPE_CHECKING:
    from sps.services.skills.judging import Lints


@click.command("lint")
@click.argument("skills", nargs=-1, metavar="[NAME|FOLDER]...")
@click.option(
    "--mode",
    type=click.Choice(["spec", "lenient", "strict"]),
    default="spec",
    help="As the specification says, as clients load, or as our library has to be.",
)
@click.option("--sarif", is_flag=True, help="Print SARIF instead.")
@reading
def lint(frame: Frame, *, skills: tuple[str, ...], mode: str, sarif: bool) -> int:
    """Check the text of skills by name or folder; without any, of all skills of this repository.
    Exits with 1 when one has an error."""
    import msgspec

    from sps import __version__
    from sps.model.skills.mode import Mode
    from sps.model.skills.sarif import lint_sarif
    from sps.services.skills.judging import lint_skills

    found = lint_skills(looking(frame), skills, Mode(mode))
    if sarif:
        rows = [
            msgspec.structs.replace(item, path=f"{one.name}/{item.path}")
            for one in found.skills
            for item in one.findings
        ]
        log = lint_sarif(rows, version=__version__)
        screen.document(msgspec.json.format(msgspec.json.encode(log), indent=2))
    else:
        frame.show(found, _text)
    return 0 if found.ok else 1


def _text(found: Lints) -> str:
    told: list[str] = []
    for one in found.skills:
        told += [
            f"{one.name}/{item.path}:{item.line}:{item.column}  {item.severity.value}  "
            f"{item.says} [{item.rule}]"
            for item in one.findings
        ]
        told.append(f"{one.name}  {'good' if one.ok else 'not valid'} ({found.mode.value})")
    return "\n".join(told) or "no skills in this repository"
