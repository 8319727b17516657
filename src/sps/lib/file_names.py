"""Names of files from untrusted hands: the same file on every system, and nothing hidden in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 255  #: bytes of one part of a path
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
_HIDDEN = frozenset(("Cf", "Zl", "Zp", "Co"))
_LEAN = ("\u200c", "\u200d")  # joiners, which some scripts and emoji need


def fault(name: str) -> str | None:
    """Return why one part of a path is refused; None when it is good."""
    if name in ("", ".", ".."):
        return "a path that leaves it" if name == ".." else "an empty name in its path"
    if "/" in name or "\\" in name:
        return "a backslash in its name" if "\\" in name else "a slash in its name"
    if ":" in name:
        return "a colon in its name, as of a drive letter"
    if name[-1] in ". ":
        return "a name that ends with a dot or a space"
    if _RESERVED.fullmatch(name):
        return "a name that Windows keeps for a device"
    if _folded(name) in (".git", "git~1"):
        return "a .git inside"
    return _fault_of_characters(name)


def _fault_of_characters(name: str) -> str | None:
    if name.isascii() and name.isprintable():
        return "a name that is too long" if len(name) > LONGEST else None
    for character in name:
        kind = unicodedata.category(character)
        if kind == "Cc":
            return f"a control character (U+{ord(character):04X}) in its name"
        if kind == "Cs":
            return "a name that is no UTF-8"
        if kind in _HIDDEN and character not in _LEAN:
            return f"a hidden character (U+{ord(character):04X}) in its name"
    return "a name that is too long" if len(name.encode()) > LONGEST else None


def path_fault(path: str) -> str | None:
    """Return why a relative path with slashes is refused; None when each of its parts is good."""
    if path.startswith("/"):
        return "an absolute path"
    return next((why for part in path.split("/") if (why := fault(part))), None)


def clash(paths: Iterable[str]) -> tuple[str, str, str] | None:
    """Return two files that cannot lie beside each other everywhere, and why; else None.

    They have one path, or paths that differ only in case or in how letters are composed, or one
    lies below the other.
    """
    seen: dict[str, str] = {}
    folders: dict[str, str] = {}
    files: set[str] = set()
    for path in paths:
        if path in files:
            return path, path, "two entries of one name"
        files.add(path)
        parts = path.split("/")
        for end in range(1, len(parts) + 1):
            prefix = "/".join(parts[:end])
            other = seen.setdefault(_folded(prefix), prefix)
            if other != prefix:
                return other, prefix, "two names that differ only in case"
            if end < len(parts):
                folders.setdefault(prefix, path)
    both = next((path for path in sorted(files) if path in folders), None)
    return None if both is None else (both, folders[both], "a file that is a folder as well")


def _folded(name: str) -> str:
    """Return the name as a file system that ignores case, composition and joiners knows it."""
    if name.isascii():
        return name.lower()
    bare = "".join(one for one in name if unicodedata.category(one) != "Cf")
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", bare).casefold())
