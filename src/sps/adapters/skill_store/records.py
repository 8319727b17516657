"""What a record may say: nothing in it can lead out of the store."""

from __future__ import annotations

import re

from sps.lib import file_names
from sps.ports.skill_store import Installed

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_PLAIN_PATH = re.compile(r"(?:\.?[A-Za-z0-9_-][A-Za-z0-9._-]*/)*\.?[A-Za-z0-9_-][A-Za-z0-9._-]*")
_LINE = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,4096}")
_LONE = re.compile("[\ud800-\udfff]")
_WORD = re.compile(r"[a-z][a-z-]{0,31}")


def is_digest(text: str) -> bool:
    """Tell whether a text is a sha-256 as we write it."""
    return _DIGEST.fullmatch(text) is not None


def fault(record: Installed) -> str | None:
    """Return what is wrong with a record; None for a good one."""
    if _NAME.fullmatch(record.name) is None:
        return f"{record.name[:80]!r} is no name of a skill: a-z, 0-9 and -, at most 64"
    if _DIGEST.fullmatch(record.digest) is None:
        return f"{record.digest[:80]!r} is no sha-256"
    if not _is_path(record.path):
        return f"{record.path[:200]!r} is no path inside a source"
    if _LINE.fullmatch(record.source) is None:
        return "its source is no line of text"
    if record.commit is not None and _COMMIT.fullmatch(record.commit) is None:
        return f"{record.commit[:80]!r} is no commit"
    if _LONE.search(record.description):
        return "its description is no UTF-8"
    return None if _WORD.fullmatch(record.verdict) else f"{record.verdict[:40]!r} is no verdict"


def _is_path(text: str) -> bool:
    if text == "." or _PLAIN_PATH.fullmatch(text):  # as nearly all are, which is quick to tell
        return True
    return file_names.path_fault(text) is None
