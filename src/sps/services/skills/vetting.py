"""What is looked at before a skill is taken in: its text, and whatever else may be wrong with it.
Nothing of it runs."""

from __future__ import annotations

import shlex
from pathlib import PurePath

import msgspec

from sps.model.errors import WorkFailed
from sps.model.skills.document import SkillDocument, parse_document
from sps.model.skills.finding import LintFinding, LintSeverity
from sps.model.skills.mode import Mode
from sps.model.skills.scan import scan
from sps.model.skills.suspicion import ScanFinding, Suspect, Verdict, verdict
from sps.model.skills.tree import MAIN, SkillTree

_SHOWN = 20
_FOLDER = "path:"


class Vetted(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. `verdict` is clean or flagged: a refused skill does not come this far."""

    verdict: str
    lint: tuple[LintFinding, ...] = ()
    scan: tuple[ScanFinding, ...] = ()


def document_of(tree: SkillTree, folder: str | None) -> SkillDocument | None:
    """Return SKILL.md as clients load it; None when they would not."""
    main = tree.files.get(MAIN)
    if main is None:
        return None
    return parse_document(main.content, folder=folder, mode=Mode.LENIENT).document


def vet(
    tree: SkillTree,
    name: str,
    names: tuple[str, ...] = (),
    *,
    source: str = "",
    path: str = ".",
) -> Vetted:
    """Look at a skill. `names` are known ones that it must not look like; `source` and the folder
    `path` in it say in the error where the skill lies.

    Raises `WorkFailed("skill-refused")` with every reason, when clients would not load it or the
    scan refuses it.
    """
    main = tree.files.get(MAIN)
    if main is None:
        raise refused(name, [f"it has no {MAIN}"], source=source, path=path)
    parsed = parse_document(main.content, folder=name, mode=Mode.LENIENT)
    if parsed.document is None:
        wrong = [one for one in parsed.findings if one.severity is LintSeverity.ERROR]
        reasons = [f"{one.path}:{one.line} {one.says} [{one.rule}]" for one in wrong]
        raise refused(name, reasons, source=source, path=path)
    findings = scan(tree, names)
    found = verdict(findings)
    if found is Verdict.REFUSED:
        worst = [one for one in findings if one.severity is Suspect.REFUSE]
        reasons = [f"{one.path}:{one.line} {one.says} [{one.rule}]" for one in worst]
        raise refused(name, reasons, source=source, path=path)
    return Vetted(verdict=found.value, lint=parsed.findings, scan=findings)


def refused(name: str, reasons: list[str], *, source: str = "", path: str = ".") -> WorkFailed:
    """Return the error for a skill that is not taken in. Only what lies in a folder here can be
    scanned once more: of any other source the message has all that is known."""
    more = f"; and {len(reasons) - _SHOWN} more" if len(reasons) > _SHOWN else ""
    says = f'the skill "{name}" is refused: {"; ".join(reasons[:_SHOWN])}{more}'
    place = source if path == "." else f"{source}//{path}"
    return WorkFailed(
        "skill-refused", says, hint=_scan(source, path), where=place if source else ""
    )


def _scan(source: str, path: str) -> str:
    if not source.startswith(_FOLDER):
        return ""
    folder = PurePath(source.removeprefix(_FOLDER), path)
    return f"sps skill scan {shlex.quote(str(folder))}"
