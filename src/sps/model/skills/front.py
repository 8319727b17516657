"""From the bytes of SKILL.md to the nodes of its front matter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from sps.lib.front_matter import NoFrontMatter, Split, split
from sps.lib.yaml_nodes import BrokenYaml, Mapping, Node, Scalar, Sequence, found, parse
from sps.model.skills.finding import LintFinding, LintSeverity
from sps.model.skills.mode import Mode
from sps.model.skills.tree import MAIN

BYTES_LIMIT = 1024 * 1024
_FRONT_LIMIT = 64 * 1024
_DEPTH = 20
_RULES = {"yaml-alias": "anchor", "yaml-tag": "tag", "too-deep": "too-deep"}
_PAIR = re.compile(r"([A-Za-z0-9_.-]+:[ \t]+)(\S.*?)[ \t]*")
_REPAIRS = 20


@dataclass(slots=True)
class Notes:
    """The findings of one document. In `lenient` mode a `soft` mistake only warns."""

    mode: Mode
    findings: list[LintFinding] = field(default_factory=list)

    def note(
        self,
        rule: str,
        says: str,
        *,
        at: tuple[int, int] = (1, 1),
        soft: bool = False,
        severity: LintSeverity = LintSeverity.ERROR,
    ) -> None:
        """Add a finding at line and column of SKILL.md."""
        if soft and self.mode is Mode.LENIENT:
            severity = LintSeverity.WARNING
        line, column = at
        self.findings.append(
            LintFinding(
                path=MAIN, line=line, column=column, rule=rule, severity=severity, says=says
            )
        )


@dataclass(frozen=True, slots=True)
class Front:
    """The front matter's root and what stands after it. Lines of nodes count from the file's
    first line; `front` is the front matter as text, `body_line` the body's first line."""

    root: Mapping
    front: str
    body: str
    body_line: int


def read_front(content: bytes, notes: Notes) -> Front | None:
    """Return the front matter; None, with the reason noted, when it cannot be loaded."""
    text = _text(content, notes)
    parts = None if text is None else _parts(text, notes)
    if parts is None:
        return None
    root = _root(parts.yaml, notes)
    if root is None:
        return None
    body_line = 2 + parts.yaml.count("\n") + 1
    return Front(root=_lowered(root), front=parts.yaml, body=parts.body, body_line=body_line)


def _text(content: bytes, notes: Notes) -> str | None:
    if len(content) > BYTES_LIMIT:
        notes.note("too-large", f"{MAIN} is larger than {BYTES_LIMIT // 1024} KiB")
        return None
    try:
        text = content.decode()
    except UnicodeDecodeError as err:
        line = content.count(b"\n", 0, err.start) + 1
        column = err.start - content.rfind(b"\n", 0, err.start)
        notes.note("not-utf8", f"byte {err.start} is no UTF-8", at=(line, column))
        return None
    if text.startswith("\ufeff"):
        notes.note("bom", "the file begins with a byte order mark", soft=True)
        if notes.mode is not Mode.LENIENT:
            return None
    if "\r" in text and notes.mode is Mode.STRICT:
        notes.note("line-endings", "the file has carriage returns; end lines with a line feed")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _parts(text: str, notes: Notes) -> Split | None:
    try:
        parts = split(text)
    except NoFrontMatter as err:
        rule = "unclosed-front-matter" if err.opened else "no-front-matter"
        notes.note(rule, f"{err}; it stands between two lines of --- at the file's very start")
        return None
    if len(parts.yaml) > _FRONT_LIMIT:
        notes.note("too-large", f"the front matter is larger than {_FRONT_LIMIT // 1024} KiB")
        return None
    return parts


def _root(text: str, notes: Notes) -> Mapping | None:
    try:
        node = _repaired(text, notes) if notes.mode is Mode.LENIENT else parse(text, depth=_DEPTH)
    except BrokenYaml as err:
        rule = _RULES.get(err.code, "duplicate-key" if err.code == "duplicate-key" else "yaml")
        notes.note(rule, err.message, at=(err.line + 1, err.column))
        return None
    if not isinstance(node, Mapping):
        shown = "nothing" if node is None else found(node)
        notes.note("not-a-mapping", f"the front matter is a mapping, found {shown}", at=(2, 1))
        return None
    if notes.mode is not Mode.LENIENT:
        _block_style(node, notes)
        _tabs(text, node, notes)
    return node


def _repaired(text: str, notes: Notes) -> Node | None:
    """Parse; on a mistake put the value of the line it stands in into quotes and try again, as
    clients do."""
    rows = text.split("\n")
    for _ in range(_REPAIRS):
        try:
            return parse("\n".join(rows), depth=_DEPTH)
        except BrokenYaml as err:
            at = min(err.line, len(rows)) - 1
            pair = _PAIR.fullmatch(rows[at])
            if err.code != "invalid-yaml" or pair is None or pair[2][0] in "'\"|>&*!":
                raise
            value = pair[2].replace("'", "''")
            rows[at] = f"{pair[1]}'{value}'"
            says = f"the value is no YAML ({err.message}); it was read as if it stood in quotes"
            severity = LintSeverity.WARNING
            notes.note("yaml-repaired", says, at=(err.line + 1, err.column), severity=severity)
    return parse("\n".join(rows), depth=_DEPTH)


def _block_style(root: Mapping, notes: Notes) -> None:
    """Note what the reference validator refuses beyond YAML."""
    for node in _inside(root):
        if isinstance(node, Mapping | Sequence) and node.flow:
            says = "brackets and braces are not allowed in the front matter; write one entry a line"
            notes.note("flow-style", says, at=(node.line + 1, node.column))
        if isinstance(node, Scalar) and node.plain and node.text == "<<":
            notes.note("merge-key", "<< is not allowed", at=(node.line + 1, node.column))
        if isinstance(node, Mapping):
            inner = [value for _, value in node if isinstance(value, Mapping)]
            odd = next((one for one in inner if one.column != inner[0].column), None)
            if odd is not None:
                says = (
                    f"this mapping is indented differently from the one in line {inner[0].line + 1}"
                )
                notes.note("indentation", says, at=(odd.line + 1, odd.column))


def _tabs(text: str, root: Mapping, notes: Notes) -> None:
    """Note a tab outside of quotes, blocks and comments, which the reference validator refuses."""
    if "\t" not in text:
        return
    quoted = [one for one in _inside(root) if isinstance(one, Scalar) and not one.plain]
    for match in re.finditer("\t", text):
        at = match.start()
        begin = text.rfind("\n", 0, at) + 1
        before = text[begin:at]
        inside = any(_holds(one, text, at) for one in quoted)
        if inside or re.search(r"(?:^|\s)#", before):
            continue
        says = "a tab stands between words; use spaces"
        notes.note("tab", says, at=(text.count("\n", 0, at) + 2, at - begin + 1))
        return


def _holds(scalar: Scalar, text: str, at: int) -> bool:
    """Whether a place lies in what a quoted or block scalar says, not in a block's first line."""
    block = text[scalar.start] in "|>"
    begin = text.find("\n", scalar.start) if block else scalar.start
    return begin <= at < scalar.end


def _inside(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Mapping):
        for key, value in node:
            yield key
            yield from _inside(value)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _inside(item)


def _lowered(root: Mapping) -> Mapping:
    """Return the same nodes with lines of the file: the front matter begins in its second."""
    return Mapping(
        tuple((replace(key, line=key.line + 1), _lower(value)) for key, value in root),
        root.flow, root.line + 1, root.column, root.start, root.end,
    )  # fmt: skip


def _lower(node: Node) -> Node:
    if isinstance(node, Mapping):
        return _lowered(node)
    if isinstance(node, Sequence):
        items = tuple(_lower(item) for item in node.items)
        return replace(node, items=items, line=node.line + 1)
    assert isinstance(node, Scalar)
    return replace(node, line=node.line + 1)
