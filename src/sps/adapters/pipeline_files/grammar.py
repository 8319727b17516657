"""What names, paths and hosts in a pipeline file look like. Each check answers with a complaint."""

from __future__ import annotations

import re

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_SKILL = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_LABEL = re.compile(r"[^\W_][\w.:/+@-]{0,63}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_HOST = re.compile(
    r"(?=.{1,253}:)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)*:(\d{1,5})"
)
_NO_BRANCH = re.compile(
    r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[/.-]|/\.|[/.]$|\.lock(?:/|$)|^@$|^refs/|^HEAD$"
)
_COLUMN_LIMIT = 40


def name(text: str) -> str | None:
    if _NAME.fullmatch(text):
        return None
    return f"{text!r} is no name: small letters, digits and hyphens, at most 63"


def skill(text: str) -> str | None:
    if _SKILL.fullmatch(text):
        return None
    return f"{text!r} is no skill name: small letters, digits and hyphens, at most 64"


def label(text: str) -> str | None:
    if _LABEL.fullmatch(text):
        return None
    return f"{text!r} is no label: letters, digits and . _ : / + @ -, at most 64, no spaces"


def variable(text: str) -> str | None:
    return None if _VARIABLE.fullmatch(text) else f"{text!r} is no name of an environment variable"


def column(text: str) -> str | None:
    if len(text) > _COLUMN_LIMIT or "\n" in text:
        return f"a column's name is one line of at most {_COLUMN_LIMIT} characters"
    return None


def branch(text: str) -> str | None:
    return f"{text!r} is no branch name" if _NO_BRANCH.search(text) else None


def pattern(text: str) -> str | None:
    """Check a path or pattern inside the repository."""
    if text.startswith(("/", "~")) or "\\" in text or ".." in text.split("/") or "\n" in text:
        return f"{text!r} has to lie inside the repository: relative, with / and without .."
    return None


def kept(text: str) -> str | None:
    """Check a folder that setup makes inside the workspace."""
    parts = [part for part in text.split("/") if part not in {"", "."}]
    if not parts or ".git" in (part.lower() for part in parts):
        return f"{text!r} cannot be kept: it is git's or the whole workspace"
    if any(sign in text for sign in "*?[!#"):
        return f"{text!r} cannot be kept: it is one path, no pattern"
    return pattern(text)


def tool(text: str) -> str | None:
    """Check a folder of the machine that is mounted read-only."""
    if not text.startswith(("/", "~/")) or ".." in text.split("/") or "\n" in text:
        return f"{text!r} has to be an absolute path, or begin with ~/"
    return None


def host(text: str) -> str | None:
    match = _HOST.fullmatch(text)
    if match and 1 <= int(match.group(1)) <= 65535:
        return None
    return f"{text!r} has to be a host and a port, such as mirror.example:443"
