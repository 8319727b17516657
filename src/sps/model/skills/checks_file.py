"""`checks/checks.yaml`: the checks that a skill ships, read whole, with every mistake at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping as Table
from typing import TYPE_CHECKING

from sps.model.skills.check import CheckKind, CheckSeverity
from sps.model.skills.config_path import ConfigPath, split_path, star_prefix
from sps.model.skills.declared import (
    Applies,
    Check,
    CommandRule,
    ConfigFormat,
    ConfigRule,
    Marker,
    Must,
    Presence,
    When,
    Where,
)
from sps.model.skills.finding import LintFinding, LintSeverity
from sps.model.skills.tree import MAIN, SkillTree

if TYPE_CHECKING:
    from sps.lib.yaml_nodes import Node
    from sps.model.skills.shape import Shape

CHECKS = "checks/checks.yaml"
CHECKS_LIMIT = 200
_BYTES_LIMIT = 256 * 1024
_ID = re.compile(r"[a-z][a-z0-9-]{2,63}")
_SHARED = (
    "id", "says", "anchor", "kind", "severity", "when", "applies", "satisfied_by", "hint", "waiver",
)  # fmt: skip
_OF_KIND: dict[CheckKind, tuple[str, ...]] = {
    CheckKind.AST: ("languages",),
    CheckKind.PRESENCE: ("presence",),
    CheckKind.CONFIG: ("config",),
    CheckKind.COMMAND: ("command",),
    CheckKind.JUDGE: (),
}
_WHEN = {
    CheckKind.AST: When.ADDED_LINES,
    CheckKind.CONFIG: When.ADDED_LINES,
    CheckKind.PRESENCE: When.CHANGED_FILES,
    CheckKind.COMMAND: When.CHANGED_FILES,
    CheckKind.JUDGE: When.CHANGED_FILES,
}


def parse_checks(tree: SkillTree) -> tuple[tuple[Check, ...], tuple[LintFinding, ...]]:
    """Read the checks of a skill and everything they lean on: the quoted sentence, the rule files,
    the cases.

    Returns the checks whose own entry is whole, and all mistakes. A check with a mistake outside
    its entry (a missing case, a rule file that lacks a language, a sentence that does not stand in
    the text) is returned as well; it cannot prove itself and is inconclusive. A skill without the
    file has no checks. Never raises.
    """
    from sps.model.skills.checks_evidence import with_evidence
    from sps.model.skills.shape import Shape

    if CHECKS not in tree.files:
        return (), ()
    shape = Shape(CHECKS)
    checks = [_check(item, shape) for item in _entries(tree, shape)]
    whole = [one for one in checks if one is not None]
    _names(whole, skill_name(tree), shape)
    proven: list[Check] = []
    findings = list(shape.findings)
    for one in whole:
        check, found = with_evidence(one, tree)
        proven.append(check)
        findings += found
    return tuple(proven), tuple(sorted(findings))


def skill_name(tree: SkillTree) -> str | None:
    """Return the name that SKILL.md gives; None when it cannot be read."""
    from sps.lib import front_matter, yaml_nodes

    text = tree.text(MAIN)
    try:
        root = yaml_nodes.parse(front_matter.split(text or "").yaml)
    except (front_matter.NoFrontMatter, yaml_nodes.BrokenYaml):
        return None
    if not isinstance(root, yaml_nodes.Mapping):
        return None
    named = (value for key, value in root if key.text == "name")
    name = next(named, None)
    return name.text if isinstance(name, yaml_nodes.Scalar) else None


def colliding_ids(checks_of: Table[str, Iterable[Check]]) -> dict[str, tuple[str, ...]]:
    """Return each id that more than one skill declares, with their names."""
    owners: dict[str, set[str]] = {}
    for skill, checks in checks_of.items():
        for one in checks:
            owners.setdefault(one.id, set()).add(skill)
    return {key: tuple(sorted(names)) for key, names in sorted(owners.items()) if len(names) > 1}


def _entries(tree: SkillTree, shape: Shape) -> tuple[Node, ...]:
    from sps.lib.yaml_nodes import BrokenYaml, parse

    text = tree.text(CHECKS)
    if text is None or len(tree.files[CHECKS].content) > _BYTES_LIMIT:
        shape.note(None, "checks-yaml", "the file is no UTF-8 text of at most 256 KiB")
        return ()
    try:
        root = parse(text)
    except BrokenYaml as err:
        at = {"path": CHECKS, "line": err.line, "column": err.column}
        shape.findings.append(LintFinding(**at, rule="checks-yaml", says=err.message))  # type: ignore[arg-type]
        return ()
    if root is None:
        shape.note(None, "checks-missing", "the file is empty")
        return ()
    top = shape.fields(root, "the file", ("version", "checks"))
    if top is None:
        return ()
    for key in ("version", "checks"):
        if key not in top:
            shape.missing(root, "the file", key)
    shape.whole(top.get("version"), "version", least=1, most=1)
    items = shape.items(top.get("checks"), "checks")
    if len(items) > CHECKS_LIMIT:
        shape.note(items[CHECKS_LIMIT], "checks-many", f"more than {CHECKS_LIMIT} checks")
    return items[:CHECKS_LIMIT]


def _check(node: Node, shape: Shape) -> Check | None:
    before = len(shape.findings)
    of_kinds = [key for keys in _OF_KIND.values() for key in keys]
    raw = shape.fields(node, "a check", (*_SHARED, *of_kinds))
    if raw is None:
        return None
    what = _called(raw)
    for key in ("id", "says", "anchor", "kind", "severity"):
        if key not in raw:
            shape.missing(node, what, key)
    kind = shape.word(raw.get("kind"), "kind", CheckKind)
    severity = shape.word(raw.get("severity"), "severity", CheckSeverity)
    identity = _identity(raw, shape)
    says, anchor = shape.text(raw.get("says"), "says"), _anchor(raw, shape)
    if kind is None:
        return None
    _belongs(kind, raw, node, shape)
    made = Check(
        id=identity or "",
        says=says or "",
        anchor=anchor or "",
        kind=kind,
        severity=severity or CheckSeverity.WARN,
        when=shape.word(raw.get("when"), "when", When) or _WHEN[kind],
        applies=_applies(raw.get("applies"), shape),
        satisfied_by=_markers(raw.get("satisfied_by"), "satisfied_by", shape),
        hint=shape.text(raw.get("hint"), "hint") or "",
        waivable=_waiver(raw.get("waiver"), shape),
        languages=_languages(raw.get("languages"), shape),
        presence=_presence(raw.get("presence"), shape),
        config=_config(raw.get("config"), shape),
        command=_command(raw.get("command"), shape),
        line=node.line,
    )
    errors = any(one.severity is LintSeverity.ERROR for one in shape.findings[before:])
    return None if errors else made


def _called(raw: dict[str, Node]) -> str:
    name = getattr(raw.get("id"), "text", "")
    return f"the check {name!r}" if name else "the check"


def _identity(raw: dict[str, Node], shape: Shape) -> str | None:
    value = shape.text(raw.get("id"), "id")
    if value is not None and not _ID.fullmatch(value):
        says = f"id is 3 to 64 of a-z, 0-9 and -, and begins with a letter: {value!r}"
        shape.note(raw["id"], "checks-id", says)
        return None
    return value


def _anchor(raw: dict[str, Node], shape: Shape) -> str | None:
    value = shape.text(raw.get("anchor"), "anchor")
    if value is None:
        return None
    file, _, heading = value.partition("#")
    if not file or not heading or file.startswith("/") or ".." in file.split("/"):
        says = f"anchor is a file of the skill, # and a heading's slug: {value!r}"
        shape.note(raw["anchor"], "checks-anchor", says)
        return None
    return value


def _belongs(kind: CheckKind, raw: dict[str, Node], node: Node, shape: Shape) -> None:
    for key in _OF_KIND[kind]:
        if key not in raw:
            shape.missing(node, f"a check of kind {kind.value}", key)
    for other, keys in _OF_KIND.items():
        for key in keys:
            if key in raw and other is not kind:
                says = f"`{key}` belongs to kind {other.value}, this check is of kind {kind.value}"
                shape.note(raw[key], "checks-unknown-key", says)


def _waiver(node: Node | None, shape: Shape) -> bool:
    value = shape.text(node, "waiver")
    if value not in {None, "allowed", "never"}:
        shape.note(node, "checks-choice", f"waiver is one of allowed, never, found {value!r}")
    return value != "never"


def _applies(node: Node | None, shape: Shape) -> Applies:
    if node is None:
        return Applies()
    raw = shape.fields(node, "applies", ("globs", "not", "tests", "requires")) or {}
    return Applies(
        globs=shape.globs(raw.get("globs"), "applies.globs"),
        excluded=shape.globs(raw.get("not"), "applies.not"),
        tests=shape.flag(raw.get("tests"), "applies.tests", default=False),
        requires=_markers(raw.get("requires"), "applies.requires", shape),
    )


def _markers(node: Node | None, what: str, shape: Shape) -> tuple[Marker, ...]:
    def read(item: Node) -> Marker | None:
        raw = shape.fields(item, f"an entry of {what}", ("glob", "text"))
        if raw is None:
            return None
        for key in ("glob", "text"):
            if key not in raw:
                shape.missing(item, f"an entry of {what}", key)
        glob = shape.glob(raw.get("glob"), f"{what}.glob")
        text = shape.regex(raw.get("text"), f"{what}.text")
        return None if glob is None or text is None else Marker(glob, text)

    return shape.each(node, what, read)


def _languages(node: Node | None, shape: Shape) -> tuple[str, ...]:
    from sps.lib.nearest import suggestion
    from sps.model.skills.checks_evidence import EXTENSIONS

    def read(item: Node) -> str | None:
        value = shape.text(item, "an entry of languages")
        if value is None or value in EXTENSIONS:
            return value
        says = f"no language {value!r}{suggestion(value, EXTENSIONS)}"
        shape.note(item, "checks-language", says)
        return None

    return tuple(dict.fromkeys(shape.each(node, "languages", read)))


def _presence(node: Node | None, shape: Shape) -> Presence | None:
    raw = None if node is None else shape.fields(node, "presence", ("marker", "wants"))
    if node is None or raw is None:
        return None
    for key in ("marker", "wants"):
        if key not in raw:
            shape.missing(node, "presence", key)
    return Presence(
        marker=_markers(raw.get("marker"), "presence.marker", shape),
        wants=_markers(raw.get("wants"), "presence.wants", shape),
    )


def _config(node: Node | None, shape: Shape) -> ConfigRule | None:
    keys = ("globs", "format", "path", "must", "text", "where", *_LINE_KEYS)
    raw = None if node is None else shape.fields(node, "config", keys)
    if node is None or raw is None:
        return None
    for key in ("globs", "format"):
        if key not in raw:
            shape.missing(node, "config", key)
    form = shape.word(raw.get("format"), "config.format", ConfigFormat)
    if form is None:
        return None
    _config_shape(form, raw, node, shape)
    path = _path(raw.get("path"), "config.path", shape)
    return ConfigRule(
        globs=shape.globs(raw.get("globs"), "config.globs"),
        format=form,
        path=path,
        must=_must(raw, node, "config", shape),
        text=shape.regex(raw.get("text"), "config.text") or "",
        where=_where(raw.get("where"), path, shape),
        forbid=shape.regex(raw.get("forbid"), "config.forbid") or "",
        require=shape.regex(raw.get("require"), "config.require") or "",
        within=shape.regex(raw.get("within"), "config.within") or "",
        unless=shape.regex(raw.get("unless"), "config.unless") or "",
    )


_LINE_KEYS = ("forbid", "require", "within", "unless")


def _config_shape(form: ConfigFormat, raw: dict[str, Node], node: Node, shape: Shape) -> None:
    by_line = form is ConfigFormat.LINES
    wrong = ("path", "must", "text", "where") if by_line else _LINE_KEYS
    for key in wrong:
        if key in raw:
            says = f"`{key}` is not for format {form.value}"
            shape.note(raw[key], "checks-unknown-key", says)
    if by_line and ("forbid" in raw) == ("require" in raw):
        shape.note(node, "checks-missing", "config by lines needs either `forbid` or `require`")
    for key in () if by_line else ("path", "must"):
        if key not in raw:
            shape.missing(node, "config", key)


def _path(node: Node | None, what: str, shape: Shape) -> ConfigPath:
    value = shape.text(node, what)
    if value is None:
        return ()
    try:
        return split_path(value)
    except ValueError as err:
        shape.note(node, "checks-path", f"{what} {value!r}: {err}")
        return ()


def _must(raw: dict[str, Node], node: Node, what: str, shape: Shape) -> Must | None:
    must = shape.word(raw.get("must"), f"{what}.must", Must)
    if must in {Must.MATCHES, Must.NEVER} and "text" not in raw:
        shape.missing(node, f"{what} with must: {must.value if must else ''}", "text")
    if must in {Must.PRESENT, Must.ABSENT} and "text" in raw:
        says = f"`text` belongs to must: matches or never, not to {must.value if must else ''}"
        shape.note(raw["text"], "checks-unknown-key", says)
    return must


def _where(node: Node | None, of: ConfigPath, shape: Shape) -> Where | None:
    raw = None if node is None else shape.fields(node, "where", ("path", "must", "text"))
    if node is None or raw is None:
        return None
    for key in ("path", "must"):
        if key not in raw:
            shape.missing(node, "where", key)
    path = _path(raw.get("path"), "where.path", shape)
    prefix = star_prefix(path)
    if prefix != of[: len(prefix)]:
        shape.note(node, "checks-path", "where.path begins with the same * place as config.path")
    must = _must(raw, node, "where", shape)
    text = shape.regex(raw.get("text"), "where.text") or ""
    return None if must is None or not path else Where(path=path, must=must, text=text)


def _command(node: Node | None, shape: Shape) -> CommandRule | None:
    raw = None if node is None else shape.fields(node, "command", ("run", "timeout"))
    if node is None or raw is None:
        return None
    if "run" not in raw:
        shape.missing(node, "command", "run")
    timeout = shape.whole(raw.get("timeout"), "command.timeout", least=1, most=600)
    return CommandRule(run=shape.text(raw.get("run"), "command.run") or "", timeout=timeout or 60)


def _names(checks: list[Check], name: str | None, shape: Shape) -> None:
    seen: dict[str, int] = {}
    for one in checks:
        if one.id in seen:
            says = f"the id {one.id!r} stands here a second time, after line {seen[one.id]}"
            shape.findings.append(_at(one, "checks-id", says))
        elif name and not one.id.startswith(f"{name}-"):
            says = f"the id {one.id!r} begins with the skill's name, {name + '-'!r}"
            shape.findings.append(_at(one, "checks-id", says))
        seen.setdefault(one.id, one.line)


def _at(check: Check, rule: str, says: str) -> LintFinding:
    return LintFinding(path=CHECKS, line=check.line, rule=rule, says=says)
