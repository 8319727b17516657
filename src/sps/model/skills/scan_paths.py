"""File names and kinds of files that do not belong into a skill."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from sps.model.skills.name import is_unsafe
from sps.model.skills.suspicion import ScanFinding, Suspect, escaped
from sps.model.skills.tree import SkillFile, SkillTree

_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³])(?:\..*)?", re.IGNORECASE)
_NOT_ON_WINDOWS = re.compile(r'[<>:"|?*]|[ .]$')
_CLIENT = re.compile(
    r"(?:^|/)(?:\.claude/|\.codex/|\.cursor/|\.gemini/|\.mcp\.json$|\.vscode/|\.idea/|\.envrc$"
    r"|\.npmrc$|\.pypirc$|\.netrc$|\.husky/|\.github/workflows/|\.pre-commit-config\.yaml$)"
)
_NATIVE = (
    b"\x7fELF", b"MZ", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"\x00asm", b"dex\n03", b"!<arch>\n",
)  # fmt: skip
_ARCHIVES = (
    b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07", b"\x28\xb5\x2f\xfd", b"xar!", b"MSCF",
)  # fmt: skip
_OFFICE = (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".epub")
_MAGIC: dict[str, tuple[bytes, ...]] = {
    ".png": (b"\x89PNG",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".gif": (b"GIF8",),
    ".webp": (b"RIFF",),
    ".pdf": (b"%PDF",),
    ".ico": (b"\x00\x00\x01\x00",),
    ".woff": (b"wOFF",),
    ".woff2": (b"wOF2",),
    ".ttf": (b"\x00\x01\x00\x00", b"true", b"OTTO"),
    ".otf": (b"OTTO", b"\x00\x01\x00\x00"),
    ".mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
    ".wav": (b"RIFF",),
    **dict.fromkeys(_OFFICE, (b"PK\x03\x04",)),
}
_TAR_AT = 257


def path_findings(tree: SkillTree) -> Iterator[ScanFinding]:
    """Return names that leave the folder, collide or cannot exist everywhere."""
    yield from _collisions(tree)
    for path in tree.files:
        parts = path.split("/")
        strange = path.startswith("/") or "\\" in path or "" in parts or ".." in parts
        if strange or any(is_unsafe(part.lstrip(".~") or "x") for part in parts):
            yield _found(path, "path-unsafe", Suspect.REFUSE, "the path leaves the skill or hides")
        elif any(part.lower() == ".git" for part in parts):
            says = "a Git folder inside a skill can carry hooks"
            yield _found(path, "git-inside", Suspect.REFUSE, says)
        elif any(_RESERVED.fullmatch(part) or _NOT_ON_WINDOWS.search(part) for part in parts):
            says = "the name is reserved or impossible on Windows"
            yield _found(path, "path-reserved", Suspect.FLAG, says)
        elif _CLIENT.search(path):
            says = "a configuration that other tools load by themselves"
            yield _found(path, "client-config", Suspect.FLAG, says)
        elif any(part.startswith(".") for part in parts):
            yield _found(path, "hidden-file", Suspect.NOTE, "a hidden file")


def kind_findings(file: SkillFile) -> Iterator[ScanFinding]:
    """Return what a file is, by its content, where that does not belong into a skill."""
    head = file.content[:512]
    ending = _ending(file.path)
    if head.startswith(_NATIVE) and not _is_text(file.content):
        says = "a program in machine code"
        yield _found(file.path, "executable-binary", Suspect.REFUSE, says)
    elif head.startswith(_MAGIC.get(ending, (b"\x00\xff\x00\xff",))):
        if ending in _OFFICE:
            yield _found(file.path, "office-file", Suspect.NOTE, "a document that may hold macros")
    elif head.startswith(_ARCHIVES) or head[_TAR_AT : _TAR_AT + 5] == b"ustar":
        says = "an archive: what is inside was not looked at"
        yield _found(file.path, "archive-inside", Suspect.FLAG, says)
    elif ending in _MAGIC and file.content:
        says = f"the content is not what {ending} says"
        yield _found(file.path, "magic-mismatch", Suspect.FLAG, says)
    elif not _is_text(file.content):
        says = "the content is neither text nor a known kind of picture, font or document"
        yield _found(file.path, "binary-file", Suspect.FLAG, says)


def _collisions(tree: SkillTree) -> Iterator[ScanFinding]:
    seen: dict[str, str] = {}
    for path in sorted(tree.files):
        parts = path.split("/")
        for count in range(1, len(parts) + 1):
            part = "/".join(parts[:count])
            key = unicodedata.normalize("NFC", part).casefold()
            other = seen.setdefault(key, part)
            if other != part:
                says = f"differs from {escaped(other)} only in case or composition"
                yield _found(path, "path-collision", Suspect.REFUSE, says)
                break


def _ending(path: str) -> str:
    name = path.rpartition("/")[2].lower()
    return f".{name.rpartition('.')[2]}" if "." in name else ""


def _is_text(content: bytes) -> bool:
    if b"\x00" in content:
        return False
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _found(path: str, rule: str, severity: Suspect, says: str) -> ScanFinding:
    return ScanFinding(
        path=escaped(path), rule=rule, severity=severity, says=says, excerpt=escaped(path)
    )
