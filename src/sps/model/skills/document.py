"""SKILL.md as a value: its fields, its body, and what is wrong with them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from sps.model.skills.finding import LintFinding, LintSeverity, has_errors
from sps.model.skills.mode import Mode
from sps.model.skills.name import name_faults

if TYPE_CHECKING:
    from sps.lib.yaml_nodes import Mapping, Node
    from sps.model.skills.front import Front, Notes

FIELDS = ("name", "description", "license", "compatibility", "metadata", "allowed-tools")
DESCRIPTION_LIMIT = 1024
COMPATIBILITY_LIMIT = 500
_TOOL = re.compile(r"[^\s,()]+(?:\([^()]*\))?[^\s,()]*|[()]+")


class SkillDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What SKILL.md says.

    `name` is as written and may be no valid name in `lenient` mode: ask `safe_name` before it goes
    near a disk. Nested values of `metadata` and `extra` are JSON. `lines` says in which line (from
    1) each top-level field's value stands, `body_line` where the body begins.
    """

    name: str
    description: str
    license: str = ""
    compatibility: str = ""
    metadata: dict[str, str] = {}
    allowed_tools: tuple[str, ...] = ()
    extra: dict[str, str] = {}
    front: str = ""  #: the front matter as text
    body: str = ""
    body_line: int = 1
    lines: dict[str, int] = {}


class ParsedSkill(msgspec.Struct, frozen=True, kw_only=True):
    """A document and its findings. Without errors it is valid in the mode it was read in."""

    document: SkillDocument | None
    findings: tuple[LintFinding, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the skill is valid in its mode."""
        return self.document is not None and not has_errors(self.findings)


def parse_document(content: bytes, *, folder: str | None, mode: Mode) -> ParsedSkill:
    """Read the bytes of SKILL.md. `folder` is the name of the skill's folder, None when it has
    none. Never raises: whatever the bytes are, the answer is findings. In `lenient` mode the
    document is None exactly when clients would not load it."""
    from sps.model.skills.front import Notes, read_front

    notes = Notes(mode)
    front = read_front(content, notes)
    if front is None:
        return ParsedSkill(document=None, findings=tuple(sorted(notes.findings)))
    document = _document(front, folder, notes)
    if mode is Mode.LENIENT and has_errors(tuple(notes.findings)):
        document = None
    return ParsedSkill(document=document, findings=tuple(sorted(notes.findings)))


def split_tools(text: str) -> tuple[str, ...]:
    """Return the tools of a string, separated by spaces or commas outside of parentheses."""
    return tuple(_TOOL.findall(text))


def _document(front: Front, folder: str | None, notes: Notes) -> SkillDocument | None:
    fields = {key.text: value for key, value in front.root}
    name = _name(fields.get("name"), folder, notes)
    description = _description(fields.get("description"), notes)
    made = SkillDocument(
        name=name or "",
        description=description or "",
        license=_text(fields.get("license"), "license", notes) or "",
        compatibility=_compatibility(fields.get("compatibility"), notes),
        metadata=_metadata(fields.get("metadata"), notes),
        allowed_tools=_tools(fields.get("allowed-tools"), notes),
        extra=_extra(front.root, notes),
        front=front.front,
        body=front.body,
        body_line=front.body_line,
        lines={key: value.line for key, value in fields.items()},
    )
    return None if name is None or description is None else made


def _name(node: Node | None, folder: str | None, notes: Notes) -> str | None:
    written = _text(node, "name", notes)
    at = (2, 1) if node is None else (node.line, node.column)
    if written is None or not written.strip():
        notes.note("name-missing", "there is no name", at=at, soft=folder is not None)
        return folder if notes.mode is not Mode.SPEC else ""
    name = written if notes.mode is Mode.STRICT else written.strip()
    for rule, says in name_faults(name):
        notes.note(rule, says, at=at, soft=rule != "name-unsafe")
    if folder is not None and folder != name:
        says = f"the folder is called {folder!r}, the skill {name!r}"
        notes.note("name-mismatch", says, at=at, soft=True)
    return name


def _description(node: Node | None, notes: Notes) -> str | None:
    text = _text(node, "description", notes)
    at = (2, 1) if node is None else (node.line, node.column)
    if text is None or not text.strip():
        notes.note("description-missing", "there is no description", at=at)
        return None
    if len(text) > DESCRIPTION_LIMIT:
        says = (
            f"the description has {len(text)} characters, at most {DESCRIPTION_LIMIT} are allowed"
        )
        notes.note("description-long", says, at=at, soft=True)
    return text.strip()


def _compatibility(node: Node | None, notes: Notes) -> str:
    text = _text(node, "compatibility", notes)
    if node is None or text is None:
        return ""
    if len(text) > COMPATIBILITY_LIMIT:
        says = (
            f"compatibility has {len(text)} characters, at most {COMPATIBILITY_LIMIT} are allowed"
        )
        notes.note("compatibility-long", says, at=(node.line, node.column), soft=True)
    return text.strip()


def _text(node: Node | None, key: str, notes: Notes) -> str | None:
    """Return a scalar's text. A bare null is nothing; a list or a mapping is a mistake, and only
    where the text is not needed does `lenient` take it as JSON."""
    from sps.lib.yaml_nodes import Scalar, found

    if node is None or (isinstance(node, Scalar) and node.is_null):
        return None
    at = (node.line, node.column)
    if not isinstance(node, Scalar):
        needed = key in {"name", "description"}
        notes.note("field-type", f"{key} is text, found {found(node)}", at=at, soft=not needed)
        return None if needed else _shown(node)
    if notes.mode is Mode.STRICT and node.as_text() is None:
        says = f"{key} is text, found {found(node)}; put it in quotes"
        notes.note("field-type", says, at=at)
    return node.text


def _metadata(node: Node | None, notes: Notes) -> dict[str, str]:
    from sps.lib.yaml_nodes import Mapping, Scalar, found

    if node is None or (isinstance(node, Scalar) and node.is_null):
        return {}
    if not isinstance(node, Mapping):
        says = f"metadata is a mapping, found {found(node)}"
        notes.note("field-type", says, at=(node.line, node.column), soft=True)
        return {}
    out: dict[str, str] = {}
    for key, value in node:
        text = value.as_text() if isinstance(value, Scalar) else None
        strict = notes.mode is Mode.STRICT and text is None
        if strict or not isinstance(value, Scalar):
            says = f"metadata.{key.text} is text, found {found(value)}"
            notes.note("metadata-value", says, at=(value.line, value.column), soft=True)
        out[key.text] = _shown(value)
    return out


def _tools(node: Node | None, notes: Notes) -> tuple[str, ...]:
    from sps.lib.yaml_nodes import Scalar, Sequence, found

    if node is None or (isinstance(node, Scalar) and node.is_null):
        return ()
    at = (node.line, node.column)
    if isinstance(node, Sequence):
        says = "allowed-tools is one text with spaces between the tools, found a list"
        notes.note("allowed-tools-list", says, at=at, soft=True)
        return tuple(tool for item in node.items for tool in split_tools(_shown(item)))
    if not isinstance(node, Scalar):
        notes.note("field-type", f"allowed-tools is text, found {found(node)}", at=at, soft=True)
        return ()
    if re.search(r",(?![^(]*\))", node.text):
        strict = notes.mode is Mode.STRICT
        severity = LintSeverity.ERROR if strict else LintSeverity.WARNING
        says = "allowed-tools has commas; spaces separate the tools"
        notes.note("allowed-tools-commas", says, at=at, severity=severity)
    return split_tools(node.text)


def _extra(root: Mapping, notes: Notes) -> dict[str, str]:
    from sps.lib.nearest import suggestion

    out: dict[str, str] = {}
    for key, value in root:
        if key.text in FIELDS:
            continue
        out[key.text] = _shown(value)
        if notes.mode is not Mode.LENIENT:
            says = f"there is no field {key.text!r}{suggestion(key.text, FIELDS)}"
            notes.note("unknown-field", f"{says}; own fields go below metadata", at=_at(key))
    return out


def _at(node: Node) -> tuple[int, int]:
    return node.line, node.column


def _shown(node: Node) -> str:
    from sps.lib.yaml_nodes import Scalar

    if isinstance(node, Scalar):
        return node.text
    return msgspec.json.encode(_plain(node)).decode()


def _plain(node: Node) -> object:
    from sps.lib.yaml_nodes import Mapping, Sequence

    if isinstance(node, Mapping):
        return {key.text: _plain(value) for key, value in node}
    if isinstance(node, Sequence):
        return [_plain(item) for item in node.items]
    return node.text
