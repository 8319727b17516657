"""What an update of a skill would change, and what of it could do harm."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

import msgspec

from sps.model.skills.check import CheckKind, CheckSeverity
from sps.model.skills.checks_file import parse_checks
from sps.model.skills.declared import Check
from sps.model.skills.document import SkillDocument, parse_document
from sps.model.skills.markdown import links
from sps.model.skills.mode import Mode
from sps.model.skills.scan import scan
from sps.model.skills.scan_scripts import is_script
from sps.model.skills.suspicion import ScanFinding, Suspect, escaped
from sps.model.skills.tree import MAIN, SkillTree

TEXT_LIMIT = 200_000  # characters of the unified diff
_FILE_LIMIT = 200_000  # larger files are not compared line by line
_LINES_LIMIT = 5000
_SHOWN = 8
_URL = re.compile(r"\bhttps?://[^\s<>\"'`)\]}|\\]{1,500}", re.IGNORECASE)
_RANK = {CheckSeverity.INFO: 0, CheckSeverity.WARN: 1, CheckSeverity.BLOCK: 2}


class ModeChange(msgspec.Struct, frozen=True, kw_only=True):
    """A file whose mode changed."""

    path: str
    old: str
    new: str


class CheckChanges(msgspec.Struct, frozen=True, kw_only=True):
    """Checks by id. `weakened` says of each what became weaker."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    weakened: dict[str, str] = {}
    commands: tuple[str, ...] = ()  #: new or changed commands


class SkillDiff(msgspec.Struct, frozen=True, kw_only=True):
    """The difference of two versions. `text` is a unified diff, escaped and bounded; `cut` says
    that it is not whole. `risks` are sentences for whoever accepts the update."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    modes: tuple[ModeChange, ...] = ()
    scripts: tuple[str, ...] = ()  #: new or changed ones
    hosts: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()  #: new fields in the front matter
    links: tuple[str, ...] = ()  #: new link targets
    checks: CheckChanges = CheckChanges()
    findings: tuple[ScanFinding, ...] = ()  #: of the scan, that the old version did not have
    text: str = ""
    cut: bool = False
    risks: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether both versions are the same."""
        return not (self.added or self.removed or self.changed or self.modes)


def diff(old: SkillTree, new: SkillTree) -> SkillDiff:
    """Compare two versions of a skill. Never raises."""
    both = sorted(old.files.keys() & new.files.keys())
    changed = tuple(one for one in both if old.files[one].content != new.files[one].content)
    added = tuple(sorted(new.files.keys() - old.files.keys()))
    urls = tuple(sorted(_urls(new) - _urls(old)))
    known = {_host(one) for one in _urls(old)}
    before, after = _document(old), _document(new)
    text, cut = _text(old, new, (*added, *changed, *sorted(old.files.keys() - new.files.keys())))
    made = SkillDiff(
        added=added,
        removed=tuple(sorted(old.files.keys() - new.files.keys())),
        changed=changed,
        modes=tuple(
            ModeChange(path=one, old=old.files[one].mode, new=new.files[one].mode)
            for one in both
            if old.files[one].mode != new.files[one].mode
        ),
        scripts=tuple(one for one in (*added, *changed) if is_script(new.files[one])),
        hosts=tuple(sorted({_host(one) for one in urls} - known)),
        urls=urls,
        tools=tuple(sorted(set(after.allowed_tools) - set(before.allowed_tools))),
        fields=tuple(sorted(after.extra.keys() - before.extra.keys())),
        links=tuple(sorted(_targets(new) - _targets(old))),
        checks=_checks(old, new),
        findings=_new_findings(old, new),
        text=text,
        cut=cut,
    )
    return msgspec.structs.replace(made, risks=_risks(made, before, after))


def _risks(made: SkillDiff, before: SkillDocument, after: SkillDocument) -> tuple[str, ...]:
    run = [one.path for one in made.modes if one.new == "755"]
    rows = [
        ("new or changed scripts", made.scripts),
        ("files became executable", run),
        ("talks to new hosts", made.hosts),
        ("asks for new tools", made.tools),
        ("new fields in the front matter", made.fields),
        ("checks were removed", made.checks.removed),
        ("checks run commands", made.checks.commands),
    ]
    out = [f"{says}: {_listed(names)}" for says, names in rows if names]
    if before.name != after.name:
        out.insert(0, f"the name changes from {escaped(before.name)!r} to {escaped(after.name)!r}")
    if before.description != after.description:
        out.append("the description changes, and with it when an agent uses the skill")
    out += [f"the check {key} is weaker: {says}" for key, says in made.checks.weakened.items()]
    out += [
        f"{one.path}:{one.line} {one.says} [{one.rule}]"
        for one in made.findings
        if one.severity is not Suspect.NOTE
    ]
    return tuple(out)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(escaped(one) for one in names[:_SHOWN]) + more


def _document(tree: SkillTree) -> SkillDocument:
    main = tree.files.get(MAIN)
    content = b"" if main is None else main.content
    parsed = parse_document(content, folder="skill", mode=Mode.LENIENT)
    return parsed.document or SkillDocument(name="", description="")


def _urls(tree: SkillTree) -> set[str]:
    every = (tree.text(path) for path in tree.files)
    return {match[0].rstrip(".,;:!?") for text in every if text for match in _URL.finditer(text)}


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return escaped(url, limit=60)


def _targets(tree: SkillTree) -> set[str]:
    every = (tree.text(path) for path in tree.files if path.endswith(".md"))
    return {one.target for text in every if text for one in links(text)}


def _new_findings(old: SkillTree, new: SkillTree) -> tuple[ScanFinding, ...]:
    """Return what the scan finds in the new version and not, as often, in the old one."""
    had = Counter((one.path, one.rule, one.excerpt) for one in scan(old, ()))
    out = []
    for one in scan(new, ()):
        key = (one.path, one.rule, one.excerpt)
        had[key] -= 1
        if had[key] < 0:
            out.append(one)
    return tuple(out)


def _checks(old: SkillTree, new: SkillTree) -> CheckChanges:
    before = {one.id: one for one in parse_checks(old)[0]}
    after = {one.id: one for one in parse_checks(new)[0]}
    kept = [key for key in before if key in after]
    weaker = {key: _weaker(before[key], after[key], old, new) for key in kept}
    return CheckChanges(
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        changed=tuple(one for one in kept if _core(before[one]) != _core(after[one])),
        weakened={key: says for key, says in weaker.items() if says},
        commands=tuple(
            key
            for key, one in sorted(after.items())
            if one.kind is CheckKind.COMMAND
            and (key not in before or before[key].command != one.command)
        ),
    )


def _core(check: Check) -> Check:
    return msgspec.structs.replace(check, line=0)


def _weaker(before: Check, after: Check, old: SkillTree, new: SkillTree) -> str:
    out = []
    if _RANK[after.severity] < _RANK[before.severity]:
        out.append(f"severity {before.severity.value} becomes {after.severity.value}")
    if before.kind is not after.kind:
        out.append(f"kind {before.kind.value} becomes {after.kind.value}")
    if after.waivable and not before.waivable:
        out.append("it can be waived now")
    lost = sorted(set(before.languages) - set(after.languages))
    if lost:
        out.append(f"no longer for {', '.join(lost)}")
    if before.applies != after.applies or before.satisfied_by != after.satisfied_by:
        out.append("where it applies changed")
    if _changed_rule(before, after):
        out.append("what it looks for changed")
    cases = {one.path for one in before.bad} - {one.path for one in after.bad}
    edited = [
        path
        for one in before.bad
        for path in one.files
        if path in new.files and old.files[path].content != new.files[path].content
    ]
    if cases or edited:
        out.append("bad cases are gone or changed")
    return ", ".join(out)


def _changed_rule(before: Check, after: Check) -> bool:
    mine = {one.language: one.config for one in before.rules}
    theirs = {one.language: one.config for one in after.rules}
    edited = any(theirs.get(key, rule) != rule for key, rule in mine.items())
    return edited or (before.presence, before.config) != (after.presence, after.config)


def _text(old: SkillTree, new: SkillTree, paths: tuple[str, ...]) -> tuple[str, bool]:
    rows: list[str] = []
    room = TEXT_LIMIT
    for path in sorted(paths):
        for row in _file_diff(path, old, new):
            room -= len(row) + 1
            if room < 0:
                return "\n".join(rows), True
            rows.append(row)
    return "\n".join(rows), False


def _file_diff(path: str, old: SkillTree, new: SkillTree) -> list[str]:
    texts = [_comparable(tree, path) for tree in (old, new)]
    name = escaped(path)
    if texts[0] is None or texts[1] is None:
        sizes = [len(tree.files[path].content) if path in tree.files else 0 for tree in (old, new)]
        return [f"binary or large file {name}: {sizes[0]} -> {sizes[1]} bytes"]
    before = f"a/{name}" if path in old.files else "/dev/null"
    after = f"b/{name}" if path in new.files else "/dev/null"
    return list(difflib.unified_diff(texts[0], texts[1], before, after, lineterm=""))


def _comparable(tree: SkillTree, path: str) -> list[str] | None:
    """Return the lines of a file, made safe to print; None when it is no text or too large."""
    if path not in tree.files:
        return []
    text = tree.text(path)
    if text is None or len(text) > _FILE_LIMIT or text.count("\n") > _LINES_LIMIT:
        return None
    return [_visible(row) for row in text.split("\n")]


def _visible(row: str) -> str:
    indent = len(row) - len(row.lstrip(" "))
    return " " * indent + escaped(row.replace("\t", "    "), limit=2000)
